from typing import Any

from localhost.started_host import StartedHost
from shared.contracts.pas import validate_response
from tests.triggers.inquiring import attach, documents, inquire, inquiry_for, of_member
from tests.triggers.sending import case_of, eventually, submit

PHYSICIAN = "dr-chen"
MEMBER = "M-1003"


def _asked(host: StartedHost, **asks: Any) -> tuple[str, dict[str, Any], list[dict[str, Any]]]:
    """A pended case whose provider was asked: its id, its request, the Tasks of its answer."""
    bundle = of_member("surgery-with-review", MEMBER)
    case_id = submit(host, bundle).headers["x-careloom-case-id"]
    task_id = case_of(host, case_id)["review"]["taskId"]
    body = {"kinds": ["18748-4"]} | asks
    answer = host.post(f"/api/tasks/{task_id}/request-information", body, user=PHYSICIAN)
    assert answer.status == 200, answer.body
    named = inquiry_for(bundle, identifier=bundle["entry"][0]["resource"]["identifier"])
    [found] = inquire(host, named)
    tasks = [entry["resource"] for entry in found["entry"]]
    return case_id, bundle, [task for task in tasks if task["resourceType"] == "Task"]


def _events(host: StartedHost, case_id: str) -> list[str]:
    return [entry["event"] for entry in case_of(host, case_id)["timeline"]]


def _decide(host: StartedHost, case_id: str) -> None:
    task_id = case_of(host, case_id)["review"]["taskId"]
    decided = {"decisions": [{"sequence": 1, "action": "A1"}]}
    assert host.post(f"/api/tasks/{task_id}/complete", decided, user=PHYSICIAN).status == 200


def test_an_open_question_is_a_task_in_every_answer(careloom: StartedHost) -> None:
    case_id, bundle, [task] = _asked(careloom)
    assert task["status"] == "requested"
    codes = [each["type"]["coding"][0]["code"] for each in task["input"]]
    assert codes == ["payer-url", "attachments-needed"]
    assert task["input"][0]["valueUrl"] == f"{careloom.url}/api/fhir/$submit-attachment"
    assert task["identifier"][0]["value"] == f"{case_id}-q1"
    again = submit(careloom, bundle)
    assert validate_response(again.body, version="2.2.1") == []
    kinds = [entry["resource"]["resourceType"] for entry in again.body["entry"]]
    assert kinds.count("Task") == 1


def test_a_questionnaire_is_a_task_of_its_own_with_its_context(careloom: StartedHost) -> None:
    _, _, tasks = _asked(careloom, questionnaire="https://payer.example/Questionnaire/knee")
    [dtr] = [task for task in tasks if task["id"].endswith("-dtr")]
    assert len(tasks) == 2
    assert dtr["code"]["coding"][0]["code"] == "attachment-request-questionnaire"
    [need] = [each for each in dtr["input"] if "valueCodeableConcept" in each]
    assert need["valueCodeableConcept"]["coding"][0]["code"] == "102089-0"
    [context] = [each for each in dtr["input"] if "valueString" in each]
    assert context["valueString"] == dtr["id"]


def test_documents_answer_the_question_and_the_review_goes_on(careloom: StartedHost) -> None:
    case_id, bundle, [task] = _asked(careloom)
    tracking = task["identifier"][0]
    answer = attach(careloom, documents(tracking["value"], system=tracking["system"]))
    assert answer.status == 200
    assert answer.body["resourceType"] == "OperationOutcome"
    assert answer.body["issue"][0]["severity"] == "information"
    case = case_of(careloom, case_id)
    assert case["stage"] == "clinical_review"
    assert case["information"][0]["answered_at"]
    again = submit(careloom, bundle).body["entry"]
    assert "Task" not in [entry["resource"]["resourceType"] for entry in again]
    _decide(careloom, case_id)
    eventually(lambda: case_of(careloom, case_id)["stage"] == "notified")


def test_the_same_documents_twice_count_once(careloom: StartedHost) -> None:
    case_id, _, [task] = _asked(careloom)
    sent = documents(task["id"])
    assert [attach(careloom, sent).status for _ in range(3)] == [200, 200, 200]
    assert _events(careloom, case_id).count("information_received") == 1


def test_documents_with_more_to_follow_leave_the_question_open(careloom: StartedHost) -> None:
    case_id, _, [task] = _asked(careloom)
    assert attach(careloom, documents(task["id"], final=False)).status == 200
    assert case_of(careloom, case_id)["stage"] == "information_requested"
    assert attach(careloom, documents(task["id"], note="the rest")).status == 200
    assert case_of(careloom, case_id)["stage"] == "clinical_review"


def test_documents_that_nobody_asked_for_are_with_the_reviewer(careloom: StartedHost) -> None:
    bundle = of_member("surgery-with-review", MEMBER)
    case_id = submit(careloom, bundle).headers["x-careloom-case-id"]
    identifier = bundle["entry"][0]["resource"]["identifier"][0]
    by_claim = documents(identifier["value"], system=identifier["system"])
    assert attach(careloom, by_claim).status == 200
    by_member = documents(identifier["value"], member=MEMBER, note="another")
    assert attach(careloom, by_member).status == 200
    assert _events(careloom, case_id).count("information_received") == 2


def test_documents_for_a_decided_case_are_kept_and_said_to_change_nothing(
    careloom: StartedHost,
) -> None:
    case_id, _, [task] = _asked(careloom)
    _decide(careloom, case_id)
    before = case_of(careloom, case_id)["items"]
    answer = attach(careloom, documents(task["id"]))
    assert answer.status == 200
    assert answer.body["issue"][0]["severity"] == "warning"
    assert "appeal" in answer.body["issue"][0]["details"]["text"]
    case = case_of(careloom, case_id)
    assert case["items"] == before
    assert case["timeline"][-1]["detail"].get("meaning") == "after decision" or (
        "information_received" in _events(careloom, case_id)
    )


def test_an_unknown_tracking_number_is_not_found_and_the_documents_are_kept(
    careloom: StartedHost,
) -> None:
    answer = attach(careloom, documents("nobody-knows-this"))
    assert answer.status == 404
    assert answer.body["issue"][0]["code"] == "not-found"


def test_documents_go_into_no_strangers_case(careloom: StartedHost) -> None:
    case_id, _, [task] = _asked(careloom)
    assert attach(careloom, documents(task["id"], member="M-1001")).status == 404
    assert case_of(careloom, case_id)["stage"] == "information_requested"


def test_documents_without_a_tracking_number_are_refused(careloom: StartedHost) -> None:
    sent = documents("x")
    sent["parameter"] = [each for each in sent["parameter"] if each["name"] != "TrackingId"]
    answer = attach(careloom, sent)
    assert answer.status == 400
    assert "TrackingId" in answer.body["issue"][0]["details"]["text"]
