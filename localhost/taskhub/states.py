"""Instances and entities as clients see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb

from localhost.taskhub.wire import execution_id, text, timestamp

if TYPE_CHECKING:
    import sqlite3

STATE_COLUMNS = (
    "id, generation, name, version, status, created, updated, completed, start_at, parent, "
    "custom_status, input, output, failure"
)


def read_state(db: sqlite3.Connection, request: pb.GetInstanceRequest) -> pb.GetInstanceResponse:
    """One instance's state; custom status and failure are payloads too, as the real host has it."""
    row = db.execute(
        f"SELECT {STATE_COLUMNS} FROM instances WHERE id=?", (request.instanceId,)
    ).fetchone()
    if row is None:
        return pb.GetInstanceResponse(exists=False)
    state = state_of(row, with_payloads=request.getInputsAndOutputs)
    return pb.GetInstanceResponse(exists=True, orchestrationState=state)


def state_of(row: tuple[Any, ...], *, with_payloads: bool) -> pb.OrchestrationState:
    """An instance's state from a row of STATE_COLUMNS."""
    instance, generation, name, version, status, created, updated, completed, start_at, parent = (
        row[:10]
    )
    state = pb.OrchestrationState(
        instanceId=instance,
        executionId=text(execution_id(generation)),
        name=name,
        version=text(version),
        orchestrationStatus=status,
        createdTimestamp=timestamp(created),
        lastUpdatedTimestamp=timestamp(updated),
        completedTimestamp=timestamp(completed) if completed is not None else None,
        scheduledStartTimestamp=timestamp(start_at) if start_at is not None else None,
        parentInstanceId=text(parent),
    )
    if with_payloads:
        custom_status, given, output, failure = row[10:]
        state.MergeFrom(
            pb.OrchestrationState(
                customStatus=text(custom_status),
                input=text(given),
                output=text(output),
                failureDetails=pb.TaskFailureDetails.FromString(failure) if failure else None,
            )
        )
    return state
