from typing import Any

from localhost.sample_case import sample_bundle
from localhost.started_host import Answer, StartedHost
from tests.triggers.sending import SUBMIT, case_of, eventually, submit_sample

PHYSICIAN, NURSE, LAPSED = "dr-chen", "nurse-rivera", "nurse-lapsed"
DENIAL = {
    "sequence": 1,
    "action": "A3",
    "reasonCode": "0K",
    "reason": "Conservative treatment was not tried",
}


def _pended(host: StartedHost) -> tuple[str, str]:
    case_id, _ = submit_sample(host, "surgery-with-review")
    task_id: str = case_of(host, case_id)["review"]["taskId"]
    return case_id, task_id


def _act(host: StartedHost, task_id: str, action: str, body: Any = None, *, user: str) -> Answer:
    return host.post(f"/api/tasks/{task_id}/{action}", body or {}, user=user)


def _settled(host: StartedHost, case_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        case = case_of(host, case_id)
        return case if case["stage"] == "notified" else None

    return eventually(look)


def test_nobody_reviews_what_he_sent_himself(careloom: StartedHost) -> None:
    sent = careloom.post(SUBMIT, sample_bundle("surgery-with-review"), user=PHYSICIAN)
    case_id = sent.headers["x-careloom-case-id"]
    task_id = case_of(careloom, case_id)["review"]["taskId"]
    refused = _act(careloom, task_id, "claim", user=PHYSICIAN)
    assert refused.status == 403
    assert "submitted" in str(refused.body)
    assert _act(careloom, task_id, "claim", user="dr-adeyemi").status == 200


def test_a_physician_approves_and_the_case_is_told_to_everyone(careloom: StartedHost) -> None:
    case_id, task_id = _pended(careloom)
    answer = _act(
        careloom,
        task_id,
        "complete",
        {"decisions": [{"sequence": 1, "action": "A1"}]},
        user=PHYSICIAN,
    )
    assert answer.status == 200, answer.body
    case = _settled(careloom, case_id)
    assert case["outcome"] == "approved"
    fates = {notice["channel"]: notice["status"] for notice in case["notices"]}
    assert fates.pop("subscription") == "undeliverable"  # The surgeon subscribed to nothing.
    assert set(fates.values()) == {"delivered"}
    assert case["audit"]["isWhole"]


def test_only_a_physician_denies_and_only_with_a_reason(careloom: StartedHost) -> None:
    case_id, task_id = _pended(careloom)
    bare = {"sequence": 1, "action": "A3"}
    without_reason = _act(careloom, task_id, "complete", {"decisions": [bare]}, user=PHYSICIAN)
    assert without_reason.status == 403
    by_nurse = _act(careloom, task_id, "complete", {"decisions": [DENIAL]}, user=NURSE)
    assert by_nurse.status == 403
    assert case_of(careloom, case_id)["outcome"] == "open"
    assert (
        _act(careloom, task_id, "complete", {"decisions": [DENIAL]}, user=PHYSICIAN).status == 200
    )
    assert _settled(careloom, case_id)["outcome"] == "denied"


def test_a_task_completed_twice_is_a_conflict(careloom: StartedHost) -> None:
    _, task_id = _pended(careloom)
    body = {"decisions": [{"sequence": 1, "action": "A1"}]}
    assert _act(careloom, task_id, "complete", body, user=PHYSICIAN).status == 200
    again = _act(careloom, task_id, "complete", body, user=PHYSICIAN)
    assert again.status == 409
    assert again.headers["content-type"].startswith("application/problem+json")


def test_a_claimed_task_is_no_other_reviewers(careloom: StartedHost) -> None:
    _, task_id = _pended(careloom)
    assert _act(careloom, task_id, "claim", user=PHYSICIAN).status == 200
    assert _act(careloom, task_id, "claim", user=PHYSICIAN).status == 200
    assert _act(careloom, task_id, "claim", user="dr-adeyemi").status == 409
    assert _act(careloom, task_id, "release", user=PHYSICIAN).status == 200
    assert _act(careloom, task_id, "claim", user="dr-adeyemi").status == 200


def test_a_lapsed_licence_claims_nothing(careloom: StartedHost) -> None:
    _, task_id = _pended(careloom)
    answer = _act(careloom, task_id, "claim", user=LAPSED)
    assert answer.status == 403
    assert "licence" in answer.body["detail"]


def test_asking_for_information_holds_the_case(careloom: StartedHost) -> None:
    case_id, task_id = _pended(careloom)
    answer = _act(careloom, task_id, "request-information", {"kinds": ["18748-4"]}, user=PHYSICIAN)
    assert answer.status == 200, answer.body

    def sent() -> bool:
        case = case_of(careloom, case_id)
        return any(notice["event"] == "information requested" for notice in case["notices"])

    eventually(sent)
    assert case_of(careloom, case_id)["stage"] == "information_requested"


def test_tasks_are_listed_by_queue_with_their_number(careloom: StartedHost) -> None:
    case_id, task_id = _pended(careloom)
    queue = case_of(careloom, case_id)["review"]["queue"].replace(" ", "%20")
    answer = careloom.get(f"/api/tasks?queue={queue}&status=requested&limit=200")
    assert answer.status == 200
    assert task_id in {task["taskId"] for task in answer.body["tasks"]}
    assert answer.body["total"] >= len(answer.body["tasks"])


def test_an_unknown_task_action_user_or_number_is_a_problem(careloom: StartedHost) -> None:
    _, task_id = _pended(careloom)
    assert _act(careloom, "pa-nobody.review1", "claim", user=PHYSICIAN).status == 404
    assert _act(careloom, task_id, "celebrate", user=PHYSICIAN).status == 400
    assert _act(careloom, task_id, "claim", user="stranger").status == 403
    assert _act(careloom, task_id, "complete", {"decisions": []}, user=PHYSICIAN).status == 400
    for limit in ("many", "201", "9" * 5000):
        assert careloom.get(f"/api/tasks?limit={limit}").status == 400


def test_a_body_that_is_too_large_or_nested_too_deep_is_a_problem(careloom: StartedHost) -> None:
    deep: Any = {}
    for _ in range(200):
        deep = {"a": deep}
    for path in ("/api/tasks/none/claim", "/api/cases/none/appeals"):
        assert careloom.post(path, deep, user=PHYSICIAN).status == 400
        assert careloom.post(path, {"a": "x" * 1_500_000}, user=PHYSICIAN).status == 413


def test_an_unknown_case_is_a_problem(careloom: StartedHost) -> None:
    answer = careloom.get("/api/cases/pa-nobody")
    assert answer.status == 404
    assert answer.headers["content-type"].startswith("application/problem+json")
