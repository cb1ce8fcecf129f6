"""Every recorded history replays: a change to a live story is a deliberate act."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from azure.durable_functions.worker import DurableFunctionsWorker
from durabletask.internal import orchestrator_service_pb2 as pb
from google.protobuf.json_format import ParseDict

from orchestrators import STORIES
from tests.orchestrators.record import HISTORIES

RECORDED = sorted(HISTORIES.glob("*.json"))
TELLERS = {story.name: tell for story, tell in STORIES.items()}


class _Request:
    """What the worker reads of the host's context."""

    def __init__(self, request: pb.OrchestratorRequest) -> None:
        self.body = base64.b64encode(request.SerializeToString()).decode()


def _turns(events: list[pb.HistoryEvent]) -> list[list[pb.HistoryEvent]]:
    """The events of each turn; a turn begins with orchestratorStarted."""
    turns: list[list[pb.HistoryEvent]] = []
    for event in events:
        if event.HasField("orchestratorStarted") or not turns:
            turns.append([])
        turns[-1].append(event)
    return turns


def _replay(
    story: str, instance_id: str, past: list[Any], new: list[Any]
) -> pb.OrchestratorResponse:
    request = pb.OrchestratorRequest(instanceId=instance_id, pastEvents=past, newEvents=new)
    encoded = DurableFunctionsWorker().execute_orchestration_request(
        TELLERS[story], _Request(request)
    )
    response = pb.OrchestratorResponse()
    response.ParseFromString(base64.b64decode(encoded))
    return response


def _scheduled(events: list[pb.HistoryEvent]) -> list[str]:
    names = [event.taskScheduled.name for event in events if event.HasField("taskScheduled")]
    return names + [
        event.subOrchestrationInstanceCreated.name
        for event in events
        if event.HasField("subOrchestrationInstanceCreated")
    ]


def _asked(response: pb.OrchestratorResponse) -> list[str]:
    tasks = [act.scheduleTask.name for act in response.actions if act.HasField("scheduleTask")]
    return tasks + [
        act.createSubOrchestration.name
        for act in response.actions
        if act.HasField("createSubOrchestration")
    ]


# The SDK advises typed payloads once a process; ours are typed by shared.contracts.steps.
@pytest.mark.filterwarnings("ignore:azure.functions df_loads")
@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_history_replays_turn_by_turn(path: Path) -> None:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    events = [ParseDict(event, pb.HistoryEvent()) for event in recorded["events"]]
    past: list[pb.HistoryEvent] = []
    for turn in _turns(events):
        new = [event for event in turn if not _is_outcome_of_a_turn(event)]
        response = _replay(recorded["story"], recorded["instance"], past, new)
        failures = [
            act.completeOrchestration.failureDetails.errorMessage
            for act in response.actions
            if act.HasField("completeOrchestration")
            and act.completeOrchestration.HasField("failureDetails")
        ]
        assert not failures
        assert _asked(response) == _scheduled(turn)
        past += turn


def _is_outcome_of_a_turn(event: pb.HistoryEvent) -> bool:
    """Whether the turn itself wrote the event, rather than found it."""
    return any(
        event.HasField(name)
        for name in (
            "taskScheduled",
            "timerCreated",
            "subOrchestrationInstanceCreated",
            "eventSent",
            "orchestratorCompleted",
            "executionCompleted",
        )
    )


def test_every_story_of_a_case_has_a_recorded_history() -> None:
    told = {json.loads(path.read_text(encoding="utf-8"))["story"] for path in RECORDED}
    assert told >= {"prior_authorization", "clinical_review", "information_request", "appeal"}


def test_no_recorded_history_holds_health_data() -> None:
    for path in RECORDED:
        text = path.read_text(encoding="utf-8")
        for word in ("27447", "Conservative", "M-1001", "C18", "M17"):
            assert word not in text, f"{path.name} holds {word}"
