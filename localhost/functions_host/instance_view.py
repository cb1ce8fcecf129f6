"""What the management API shows of instances, histories and entities, as JSON values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from google.protobuf.timestamp_pb2 import Timestamp

_STATUS_NAMES = {
    pb.ORCHESTRATION_STATUS_RUNNING: "Running",
    pb.ORCHESTRATION_STATUS_COMPLETED: "Completed",
    pb.ORCHESTRATION_STATUS_CONTINUED_AS_NEW: "ContinuedAsNew",
    pb.ORCHESTRATION_STATUS_FAILED: "Failed",
    pb.ORCHESTRATION_STATUS_CANCELED: "Canceled",
    pb.ORCHESTRATION_STATUS_TERMINATED: "Terminated",
    pb.ORCHESTRATION_STATUS_PENDING: "Pending",
    pb.ORCHESTRATION_STATUS_SUSPENDED: "Suspended",
}
STATUS_NUMBERS: dict[str, pb.OrchestrationStatus] = {
    name.lower(): number for number, name in _STATUS_NAMES.items()
}
_OVER = frozenset(
    {
        pb.ORCHESTRATION_STATUS_COMPLETED,
        pb.ORCHESTRATION_STATUS_FAILED,
        pb.ORCHESTRATION_STATUS_CANCELED,
        pb.ORCHESTRATION_STATUS_TERMINATED,
    }
)


def is_running(state: pb.OrchestrationState) -> bool:
    """Whether the instance has not ended."""
    return state.orchestrationStatus not in _OVER


def instance(state: pb.OrchestrationState, *, with_input: bool) -> dict[str, Any]:
    """The status of an instance."""
    output = _payload(state.output.value) if state.HasField("output") else None
    if output is None and state.HasField("failureDetails"):
        output = state.failureDetails.errorMessage
    has_input = with_input and state.HasField("input")
    custom = _payload(state.customStatus.value) if state.HasField("customStatus") else None
    return {
        "name": state.name,
        "instanceId": state.instanceId,
        "runtimeStatus": _STATUS_NAMES[state.orchestrationStatus],
        "input": _payload(state.input.value) if has_input else None,
        "customStatus": custom,
        "output": output,
        "createdTime": _moment(state.createdTimestamp),
        "lastUpdatedTime": _moment(state.lastUpdatedTimestamp),
    }


def history(
    events: Sequence[pb.HistoryEvent], *, with_input: bool, with_output: bool
) -> list[dict[str, Any]]:
    """A history in the words of the status query, by the SDK's own (private) projection."""
    from azure.durable_functions.internal.compat.history_projection import project_history
    from durabletask import history as sdk

    known = [sdk._from_protobuf(event) for event in events]  # noqa: SLF001 - no public reader
    projected: list[dict[str, Any]] = project_history(
        known, show_input=with_input, show_history_output=with_output
    )
    return projected


def entity(metadata: pb.EntityMetadata) -> dict[str, Any]:
    """An entity in a list."""
    _, name, key = metadata.instanceId.split("@", 2)
    has_state = metadata.HasField("serializedState")
    return {
        "entityId": {"name": name, "key": key},
        "lastOperationTime": _moment(metadata.lastModifiedTime),
        "state": _payload(metadata.serializedState.value) if has_state else None,
    }


def _payload(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _moment(stamp: Timestamp) -> str:
    moment: datetime = stamp.ToDatetime()
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
