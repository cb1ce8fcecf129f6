"""Records the histories that CI replays: `python -m tests.orchestrators.record`.

Run it when a version of a story is released, and keep the histories of the versions before for as
long as an instance of theirs may be running. A history holds identifiers only.
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import grpc
from durabletask.internal import orchestrator_service_pb2 as pb
from durabletask.internal.orchestrator_service_pb2_grpc import TaskHubSidecarServiceStub
from google.protobuf.json_format import MessageToDict

from localhost.sample_case import submit_sample
from localhost.started_host import StartedHost
from tests.triggers.sending import case_of, eventually

HISTORIES = Path(__file__).parent / "histories"
VERSION = "1.2.0"
PHYSICIAN = "dr-chen"


def main() -> int:
    """Drive one case through each story, and write what the task hub kept of it."""
    with TemporaryDirectory() as folder, StartedHost(Path(folder)) as host:
        keys = json.loads((Path(folder) / "keys.json").read_text(encoding="utf-8"))
        status = host.get(f"/admin/host/status?code={keys['master']}").body
        decided = submit_sample(host, "auto-approved").case_id
        reviewed = _reviewed_case(host)
        endpoint = status["taskHubEndpoint"].removeprefix("http://")
        with grpc.insecure_channel(endpoint) as channel:  # type: ignore[no-untyped-call]
            stub = TaskHubSidecarServiceStub(channel)  # type: ignore[no-untyped-call]
            _write(stub, "prior_authorization-decided-by-rules", decided)
            _write(stub, "prior_authorization-reviewed", reviewed)
            _write(stub, "clinical_review-with-a-question", f"{reviewed}.review")
            _write(stub, "information_request-answered", f"{reviewed}.review.question1")
            _write(stub, "appeal-overturned", f"{reviewed}.appeal1")
    return 0


def _reviewed_case(host: StartedHost) -> str:
    """A case that was asked about, denied, and overturned on appeal."""
    case_id = submit_sample(host, "surgery-with-review").case_id
    task_id = case_of(host, case_id)["review"]["taskId"]

    def act(task: str, action: str, body: object, user: str = PHYSICIAN) -> None:
        answer = host.post(f"/api/tasks/{task}/{action}", body, user=user)
        if answer.status >= 400:
            raise SystemExit(f"{action} was answered {answer.status}: {answer.body}")

    act(task_id, "request-information", {"kinds": ["18748-4"]})
    eventually(lambda: len(case_of(host, case_id)["notices"]) > 0)
    denial = {
        "sequence": 1,
        "action": "A3",
        "reasonCode": "0K",
        "reason": "Conservative treatment was not tried",
    }
    act(task_id, "complete", {"decisions": [denial]})
    eventually(lambda: case_of(host, case_id)["stage"] == "notified")
    filed = host.post(f"/api/cases/{case_id}/appeals", {"items": [1], "filedBy": "M-1001"})
    if filed.status != 201:
        raise SystemExit(f"the appeal was answered {filed.status}: {filed.body}")
    overturned = {"outcome": "overturned", "resolution": "The records show it was tried"}
    act(f"{case_id}.appeal1", "decide-appeal", overturned, user="dr-adeyemi")
    eventually(lambda: case_of(host, case_id)["outcome"] == "approved")
    eventually(lambda: case_of(host, case_id)["stage"] == "notified")
    return case_id


def _write(stub: TaskHubSidecarServiceStub, name: str, instance_id: str) -> None:
    request = pb.StreamInstanceHistoryRequest(instanceId=instance_id)

    def ended() -> list[pb.HistoryEvent]:
        events = [event for chunk in stub.StreamInstanceHistory(request) for event in chunk.events]
        return events if any(event.HasField("executionCompleted") for event in events) else []

    events = eventually(ended)
    told = next(
        event.executionStarted.name for event in events if event.HasField("executionStarted")
    )
    content = {"story": told, "instance": instance_id, "events": [MessageToDict(e) for e in events]}
    path = HISTORIES / f"{name}.{VERSION}.json"
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{path.name}: {len(events)} events\n")


if __name__ == "__main__":
    sys.exit(main())
