"""Appeals through their doors: filed with aid or without, extended, withdrawn, decided."""

import urllib.request
from typing import Any

from localhost.started_host import Answer, StartedHost
from tests.triggers.http.test_tasks import DENIAL, NURSE, PHYSICIAN
from tests.triggers.inquiring import of_member
from tests.triggers.sending import case_of, eventually, submit

MEDICARE, MEDICAID = "M-1001", "M-1003"
INDEPENDENT = "dr-adeyemi"
UPHELD = {"outcome": "upheld", "resolution": "It stands"}


def _denied(host: StartedHost, member: str, *, items: int = 1, certification: str = "I") -> str:
    """A case of so many items, each denied by a physician."""
    bundle = of_member("surgery-with-review", member)
    claim = bundle["entry"][0]["resource"]
    sequences = range(1, items + 1)
    [code] = [
        extension["valueCodeableConcept"]["coding"][0]
        for extension in claim["item"][0]["extension"]
        if extension["url"].endswith("certificationType")
    ]
    code["code"] = certification
    claim["item"] = [{**claim["item"][0], "sequence": sequence} for sequence in sequences]
    answer = submit(host, bundle)
    case_id: str = answer.headers["x-careloom-case-id"]
    task = case_of(host, case_id)["review"]["taskId"]
    denials = [{**DENIAL, "sequence": sequence} for sequence in sequences]
    made = _act(host, task, "complete", {"decisions": denials}, user=PHYSICIAN)
    assert made.status == 200, made.body
    eventually(lambda: case_of(host, case_id)["stage"] == "notified")
    return case_id


def _appeal(host: StartedHost, case_id: str, member: str, **more: Any) -> Answer:
    body = {"items": [1], "filedBy": member, **more}
    return host.post(f"/api/cases/{case_id}/appeals", body)


def _act(host: StartedHost, task_id: str, action: str, body: Any, *, user: str) -> Answer:
    return host.post(f"/api/tasks/{task_id}/{action}", body, user=user)


def _events(host: StartedHost, case_id: str) -> list[str]:
    return [entry["event"] for entry in case_of(host, case_id)["timeline"]]


def test_aid_is_answered_shown_and_ends_with_the_withdrawal(careloom: StartedHost) -> None:
    case_id = _denied(careloom, MEDICAID, certification="4")
    filed = _appeal(careloom, case_id, MEDICAID, aidAsked=True)
    assert filed.status == 201, filed.body
    assert filed.body["aid"] == {"continues": True, "refusal": None, "endedAt": None}
    task = filed.body["taskId"]
    wrong = _act(careloom, task, "withdraw-appeal", {"withdrawnBy": "M-9999"}, user=NURSE)
    assert wrong.status == 422
    assert "who filed it" in wrong.body["detail"]
    by_member = {"withdrawnBy": MEDICAID}
    assert _act(careloom, task, "withdraw-appeal", by_member, user=NURSE).status == 200
    assert _act(careloom, task, "withdraw-appeal", by_member, user=NURSE).status == 409
    eventually(lambda: case_of(careloom, case_id)["stage"] == "notified")
    [shown] = case_of(careloom, case_id)["appeals"]
    assert shown["outcome"] == "withdrawn"
    assert not shown["aid"]["continues"]
    assert shown["aid"]["endedAt"]
    assert "appeal_withdrawn" in _events(careloom, case_id)


def test_nothing_goes_on_where_a_first_request_was_denied(careloom: StartedHost) -> None:
    case_id = _denied(careloom, MEDICAID)
    filed = _appeal(careloom, case_id, MEDICAID, aidAsked=True)
    assert filed.status == 201, filed.body
    assert filed.body["aid"]["refusal"] == "no care was authorized before that could go on"


def test_aid_that_the_law_does_not_offer_is_refused_and_the_appeal_taken(
    careloom: StartedHost,
) -> None:
    case_id = _denied(careloom, MEDICARE)
    filed = _appeal(careloom, case_id, MEDICARE, aidAsked=True)
    assert filed.status == 201, filed.body
    assert filed.body["aid"]["refusal"] == "at this level the law keeps no care going"
    with urllib.request.urlopen(f"{careloom.url}/console/cases/{case_id}") as page:  # noqa: S310 - ours
        assert "at this level the law keeps no care going" in page.read().decode()


def test_an_appeal_is_extended_once_and_the_member_told(careloom: StartedHost) -> None:
    case_id = _denied(careloom, MEDICARE)
    task = _appeal(careloom, case_id, MEDICARE).body["taskId"]
    before = case_of(careloom, case_id)["appeals"][0]["dueAt"]
    why = {"reason": "Records are on their way"}
    assert _act(careloom, task, "extend", why, user=INDEPENDENT).status == 200
    again = _act(careloom, task, "extend", why, user=INDEPENDENT)
    assert again.status == 422
    case = case_of(careloom, case_id)
    assert case["appeals"][0]["dueAt"] > before
    told = {
        notice["recipient"] for notice in case["notices"] if notice["event"] == "appeal extended"
    }
    assert "member" in told


def test_an_action_that_an_appeal_does_not_know_is_refused(careloom: StartedHost) -> None:
    case_id = _denied(careloom, MEDICARE)
    task = _appeal(careloom, case_id, MEDICARE).body["taskId"]
    complete = _act(careloom, task, "complete", {"decisions": [DENIAL]}, user=PHYSICIAN)
    assert complete.status == 422
    review = case_of(careloom, case_id)["review"]["taskId"]
    assert _act(careloom, review, "decide-appeal", UPHELD, user=INDEPENDENT).status == 409


def test_an_upheld_appeal_is_forwarded_and_a_second_decision_on_it_a_conflict(
    careloom: StartedHost,
) -> None:
    case_id = _denied(careloom, MEDICARE)
    task = _appeal(careloom, case_id, MEDICARE).body["taskId"]
    assert _act(careloom, task, "decide-appeal", UPHELD, user=INDEPENDENT).status == 200
    eventually(lambda: len(case_of(careloom, case_id)["appeals"]) == 2)
    assert _act(careloom, task, "decide-appeal", UPHELD, user=INDEPENDENT).status == 409
    assert case_of(careloom, case_id)["appeals"][1]["isForwarded"]


def test_two_items_are_appealed_side_by_side_each_in_its_own_story(careloom: StartedHost) -> None:
    case_id = _denied(careloom, MEDICARE, items=2)
    one = _appeal(careloom, case_id, MEDICARE).body["taskId"]
    other = _appeal(careloom, case_id, MEDICARE, items=[2])
    assert other.status == 201, other.body
    again = _appeal(careloom, case_id, MEDICARE, items=[2])
    assert again.status == 422
    overturned = {"outcome": "overturned", "resolution": "The records show it"}
    assert _act(careloom, one, "decide-appeal", overturned, user=INDEPENDENT).status == 200
    eventually(lambda: case_of(careloom, case_id)["appeals"][0]["effectuatedAt"])
    case = case_of(careloom, case_id)
    actions = {item["sequence"]: item["action"] for item in case["items"]}
    assert (actions, case["stage"]) == ({1: "A1", 2: "A3"}, "appealed")
    back = {"withdrawnBy": MEDICARE}
    task = other.body["taskId"]
    assert _act(careloom, task, "withdraw-appeal", back, user=NURSE).status == 200
    eventually(lambda: case_of(careloom, case_id)["stage"] == "notified")


def test_what_is_upheld_in_part_is_forwarded_without_what_was_overturned(
    careloom: StartedHost,
) -> None:
    case_id = _denied(careloom, MEDICARE, items=2)
    task = _appeal(careloom, case_id, MEDICARE, items=[1, 2]).body["taskId"]
    stranger = {"outcome": "overturned", "resolution": "One is shown", "items": [3]}
    assert _act(careloom, task, "decide-appeal", stranger, user=INDEPENDENT).status == 422
    partly = stranger | {"items": [2]}
    assert _act(careloom, task, "decide-appeal", partly, user=INDEPENDENT).status == 200
    eventually(lambda: len(case_of(careloom, case_id)["appeals"]) == 2)
    case = case_of(careloom, case_id)
    assert [item["action"] for item in case["items"]] == ["A3", "A1"]
    lower, upper = case["appeals"]
    assert (lower["overturnedItems"], lower["upheldItems"], upper["items"]) == ([2], [1], [1])
