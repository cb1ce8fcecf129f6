from datetime import UTC, datetime
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import StringValue

from localhost.functions_host import instance_view as view

NOON = Timestamp()
NOON.FromDatetime(datetime(2026, 3, 4, 12, tzinfo=UTC))


def state(status: pb.OrchestrationStatus, **fields: Any) -> pb.OrchestrationState:
    return pb.OrchestrationState(
        instanceId="i",
        name="story",
        orchestrationStatus=status,
        createdTimestamp=NOON,
        lastUpdatedTimestamp=NOON,
        **fields,
    )


def test_payloads_are_shown_as_json_and_text_as_it_is() -> None:
    shown = view.instance(
        state(
            pb.ORCHESTRATION_STATUS_COMPLETED,
            input=StringValue(value='{"a": 1}'),
            output=StringValue(value="not json"),
            customStatus=StringValue(value='"half"'),
        ),
        with_input=True,
    )

    assert shown == {
        "name": "story",
        "instanceId": "i",
        "runtimeStatus": "Completed",
        "input": {"a": 1},
        "customStatus": "half",
        "output": "not json",
        "createdTime": "2026-03-04T12:00:00Z",
        "lastUpdatedTime": "2026-03-04T12:00:00Z",
    }


def test_a_failure_without_output_shows_its_message() -> None:
    failure = pb.TaskFailureDetails(errorType="ValueError", errorMessage="why")

    shown = view.instance(
        state(pb.ORCHESTRATION_STATUS_FAILED, failureDetails=failure), with_input=False
    )

    assert (shown["runtimeStatus"], shown["output"], shown["input"]) == ("Failed", "why", None)


@pytest.mark.parametrize("name", ["Pending", "Running", "Suspended", "ContinuedAsNew"])
def test_what_has_not_ended_is_running(name: str) -> None:
    assert view.is_running(state(view.STATUS_NUMBERS[name.lower()]))


@pytest.mark.parametrize("name", ["Completed", "Failed", "Terminated", "Canceled"])
def test_what_has_ended_is_not(name: str) -> None:
    assert not view.is_running(state(view.STATUS_NUMBERS[name.lower()]))


def test_an_entity_is_shown_with_its_name_and_key() -> None:
    metadata = pb.EntityMetadata(
        instanceId="@counter@a@b", lastModifiedTime=NOON, serializedState=StringValue(value="3")
    )

    assert view.entity(metadata) == {
        "entityId": {"name": "counter", "key": "a@b"},
        "lastOperationTime": "2026-03-04T12:00:00Z",
        "state": 3,
    }
