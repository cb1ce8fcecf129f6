"""What docs/prior-authorization.md says of races, over the running product."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from localhost.started_host import Answer, StartedHost
from samples.catalogue import (
    CLINIC,
    CONSULTATION,
    HISTORY,
    IMAGING_REPORT,
    KNEE_REPLACEMENT,
    SPINE_IMAGING,
    SURGEON,
)
from samples.generate import Item, request_bundle
from tests.triggers.inquiring import attach, documents
from tests.triggers.sending import actions, case_of, eventually, submit

PHYSICIAN = "dr-chen"
MEMBER = "M-1005"
SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}
APPROVED = {"decisions": [{"sequence": 1, "action": "A1"}]}
DENIED = {
    "decisions": [
        {"sequence": 1, "action": "A3", "reasonCode": "0K", "reason": "Not tried otherwise"}
    ]
}


def _bundle(*items: Item, identifier: str = "", **more: Any) -> dict[str, Any]:
    """A request, update or cancellation of a case of its own."""
    return request_bundle(
        identifier=identifier or uuid4().hex,
        member_id=MEMBER,
        provider_npi=SURGEON,
        items=items or [KNEE_REPLACEMENT],
        documents=[HISTORY, IMAGING_REPORT],
        **more,
    )


def _pended(host: StartedHost) -> tuple[str, str]:
    """A case in review: its id, and its claim's identifier."""
    identifier = uuid4().hex
    answer = submit(host, _bundle(identifier=identifier))
    assert actions(answer.body["entry"][0]["resource"]) == {1: "A4"}
    return answer.headers["x-careloom-case-id"], identifier


def _act(host: StartedHost, task_id: str, action: str, body: Any) -> Answer:
    return host.post(f"/api/tasks/{task_id}/{action}", body, user=PHYSICIAN)


def _task(host: StartedHost, case_id: str) -> str:
    """The task of the case's review, once it is open."""
    review = eventually(lambda: case_of(host, case_id)["review"])
    task_id: str = review["taskId"]
    return task_id


def _events(host: StartedHost, case_id: str) -> list[str]:
    return [entry["event"] for entry in case_of(host, case_id)["timeline"]]


def _changed(item: Item, change: str) -> Item:
    return Item(**{name: getattr(item, name) for name in item.__slots__} | {"change": change})


def test_a_request_sent_many_times_at_once_is_one_case(careloom: StartedHost) -> None:
    bundle = _bundle(CONSULTATION)
    with ThreadPoolExecutor(8) as senders:
        answers = list(senders.map(lambda _: submit(careloom, bundle), range(8)))
    assert {answer.status for answer in answers} == {200}
    [case_id] = {answer.headers["x-careloom-case-id"] for answer in answers}
    events = _events(careloom, case_id)
    assert (events.count("case_opened"), events.count("decision_issued")) == (1, 1)


def test_another_organisation_never_gets_an_authorization_by_anothers_identifier(
    careloom: StartedHost,
) -> None:
    asked: dict[str, Any] = {
        "identifier": uuid4().hex,
        "member_id": MEMBER,
        "items": [CONSULTATION],
    }
    first = submit(careloom, request_bundle(provider_npi=SURGEON, **asked))
    other = submit(careloom, request_bundle(provider_npi=CLINIC, **asked))
    again = submit(careloom, request_bundle(provider_npi=SURGEON, **asked))
    cases = [each.headers["x-careloom-case-id"] for each in (first, other, again)]
    assert cases[0] == cases[2] != cases[1]
    numbers = [each.body["entry"][0]["resource"]["preAuthRef"] for each in (first, again)]
    assert numbers[0] == numbers[1] not in str(other.body)


def test_a_cancellation_during_review_closes_the_task_and_tells_people(
    careloom: StartedHost,
) -> None:
    case_id, identifier = _pended(careloom)
    task_id = _task(careloom, case_id)
    answer = submit(careloom, _bundle(replaces=identifier, cancels=True))
    assert answer.headers["x-careloom-case-id"] == case_id
    assert actions(answer.body["entry"][0]["resource"]) == {1: "C"}
    assert _act(careloom, task_id, "complete", APPROVED).status == 409
    case = case_of(careloom, case_id)
    assert (case["stage"], case["outcome"]) == ("cancelled", "cancelled")
    assert {"mail"} <= {
        notice["channel"] for notice in case["notices"] if notice["event"] == "cancelled"
    }


def test_a_cancellation_by_another_organisation_is_refused_and_on_record(
    careloom: StartedHost,
) -> None:
    case_id, identifier = _pended(careloom)
    stranger = request_bundle(
        identifier=uuid4().hex,
        member_id=MEMBER,
        provider_npi=CLINIC,
        items=[KNEE_REPLACEMENT],
        replaces=identifier,
        cancels=True,
    )
    answer = submit(careloom, stranger)
    assert answer.body["entry"][0]["resource"]["outcome"] == "error"
    assert case_of(careloom, case_id)["stage"] == "clinical_review"
    assert "amendment_refused" in _events(careloom, case_id)


def test_a_cancellation_of_a_decided_case_tells_people_too(careloom: StartedHost) -> None:
    identifier = uuid4().hex
    first = submit(careloom, _bundle(CONSULTATION, identifier=identifier))
    case_id = first.headers["x-careloom-case-id"]
    eventually(lambda: case_of(careloom, case_id)["stage"] == "notified")
    cancel = _bundle(replaces=identifier, cancels=True)
    assert actions(submit(careloom, cancel).body["entry"][0]["resource"]) == {1: "C"}
    again = submit(careloom, cancel)
    assert actions(again.body["entry"][0]["resource"]) == {1: "C"}
    notices = [each["event"] for each in case_of(careloom, case_id)["notices"]]
    assert notices.count("cancelled") >= 1
    assert _events(careloom, case_id).count("case_cancelled") == 1


def test_a_cancellation_while_information_is_awaited_ends_the_wait(careloom: StartedHost) -> None:
    case_id, identifier = _pended(careloom)
    asked = _act(careloom, _task(careloom, case_id), "request-information", {"kinds": ["18748-4"]})
    assert asked.status == 200
    submit(careloom, _bundle(replaces=identifier, cancels=True))
    late = attach(careloom, documents(f"{case_id}-q1"))
    assert (late.status, late.body["issue"][0]["severity"]) == (200, "warning")
    assert case_of(careloom, case_id)["stage"] == "cancelled"


def test_an_update_while_pended_adds_changes_and_cancels_items(careloom: StartedHost) -> None:
    identifier = uuid4().hex
    first = submit(careloom, _bundle(KNEE_REPLACEMENT, SPINE_IMAGING, identifier=identifier))
    case_id = first.headers["x-careloom-case-id"]
    task_id = _task(careloom, case_id)
    update = _bundle(
        _changed(KNEE_REPLACEMENT, "changed"),
        _changed(SPINE_IMAGING, "cancelled"),
        _changed(CONSULTATION, "added"),
        replaces=identifier,
    )
    answer = submit(careloom, update)
    assert answer.headers["x-careloom-case-id"] == case_id
    assert actions(answer.body["entry"][0]["resource"]) == {1: "A4", 2: "C", 3: "A1"}
    assert _act(careloom, task_id, "complete", APPROVED).status == 409
    newer = _task(careloom, case_id)
    assert newer != task_id
    assert _act(careloom, newer, "complete", APPROVED).status == 200
    eventually(lambda: case_of(careloom, case_id)["stage"] == "notified")
    assert case_of(careloom, case_id)["outcome"] == "approved"


def test_what_a_differential_update_leaves_out_still_stands_and_is_answered(
    careloom: StartedHost,
) -> None:
    identifier = uuid4().hex
    first = submit(careloom, _bundle(CONSULTATION, KNEE_REPLACEMENT, identifier=identifier))
    case_id = first.headers["x-careloom-case-id"]
    update = _bundle(
        _changed(CONSULTATION, ""), _changed(KNEE_REPLACEMENT, "cancelled"), replaces=identifier
    )
    claim = update["entry"][0]["resource"]
    claim["meta"]["security"] = [SUBSETTED]
    del claim["item"][0]
    answer = submit(careloom, update)
    assert answer.headers["x-careloom-case-id"] == case_id
    assert actions(answer.body["entry"][0]["resource"]) == {1: "A1", 2: "C"}
    eventually(lambda: case_of(careloom, case_id)["outcome"] == "approved")


def test_an_update_while_information_is_awaited_ends_the_wait(careloom: StartedHost) -> None:
    case_id, identifier = _pended(careloom)
    _act(careloom, _task(careloom, case_id), "request-information", {"kinds": ["18748-4"]})
    submit(careloom, _bundle(_changed(KNEE_REPLACEMENT, "changed"), replaces=identifier))
    case = case_of(careloom, case_id)
    assert case["stage"] == "clinical_review"
    assert case["information"][0]["lapsed_at"]
    late = attach(careloom, documents(f"{case_id}-q1"))
    assert late.body["issue"][0]["code"] == "expired"
    assert _act(careloom, _task(careloom, case_id), "complete", APPROVED).status == 200
    eventually(lambda: case_of(careloom, case_id)["stage"] == "notified")


def test_an_update_after_a_denial_is_refused_on_record_and_waits_for_nobody(
    careloom: StartedHost,
) -> None:
    case_id, identifier = _pended(careloom)
    assert _act(careloom, _task(careloom, case_id), "complete", DENIED).status == 200
    eventually(lambda: case_of(careloom, case_id)["stage"] == "notified")
    update = _bundle(_changed(KNEE_REPLACEMENT, "changed"), replaces=identifier)
    for _ in range(2):
        answer = submit(careloom, update)
        assert answer.status == 200
        assert answer.body["entry"][0]["resource"]["outcome"] == "error"
    assert _events(careloom, case_id).count("amendment_refused") == 1
    assert case_of(careloom, case_id)["outcome"] == "denied"


def test_a_decision_and_a_cancellation_at_the_same_moment_leave_one_truth(
    careloom: StartedHost,
) -> None:
    case_id, identifier = _pended(careloom)
    task_id = _task(careloom, case_id)
    cancel = _bundle(replaces=identifier, cancels=True)
    with ThreadPoolExecutor(2) as both:
        decided = both.submit(_act, careloom, task_id, "complete", APPROVED)
        cancelled = both.submit(submit, careloom, cancel)
    assert cancelled.result().status == 200
    assert decided.result().status in {200, 409}
    case = eventually(
        lambda: case if (case := case_of(careloom, case_id))["stage"] == "cancelled" else None
    )
    assert case["audit"]["isWhole"]
    assert {item["action"] for item in case["items"]} == {"C"}


def test_an_update_sent_with_its_request_is_taken_after_it(careloom: StartedHost) -> None:
    identifier = uuid4().hex
    request = _bundle(CONSULTATION, identifier=identifier)
    update = _bundle(_changed(CONSULTATION, "changed"), replaces=identifier)
    with ThreadPoolExecutor(2) as both:
        first = both.submit(submit, careloom, request)
        second = both.submit(submit, careloom, update)
    case_id = first.result().headers["x-careloom-case-id"]
    outcome = second.result().body["entry"][0]["resource"]
    events = _events(careloom, case_id)
    assert "amendment_refused" not in events
    known = "request_updated" in events
    assert known or outcome["outcome"] == "error"  # It came before anything was known of the claim.
