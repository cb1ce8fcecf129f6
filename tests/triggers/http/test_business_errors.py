"""What is well-formed and cannot be decided: 200 with outcome error, in the words of X12."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from localhost.sample_case import sample_bundle
from localhost.started_host import StartedHost
from tests.triggers.http.test_tasks import DENIAL, PHYSICIAN
from tests.triggers.inquiring import of_member
from tests.triggers.sending import case_of, eventually, submit

type Resource = dict[str, Any]

FOREIGN_INSURER = "1669999990"
NO_NUMBER = "1234567890"  # Its check digit is wrong, so nobody has it.
EXCLUDED = "1992999999"


def named(organization: str, value: str) -> Resource:
    """A request whose requestor or insurer goes by that number."""
    bundle = sample_bundle("auto-approved")
    [found] = [e["resource"] for e in bundle["entry"] if e["resource"]["id"] == organization]
    found["identifier"][0]["value"] = value
    return bundle


def of_nothing(sample: str) -> Resource:
    """An update or a cancellation of a claim that nobody sent."""
    bundle = sample_bundle(sample)
    [prior] = [e["resource"] for e in bundle["entry"] if e["resource"]["id"] == "prior"]
    prior["identifier"][0]["value"] = "never-sent"
    return bundle


# By what is wrong: the request, the X12 901 code, the 889 action, what it is about, and why.
ERRORS: dict[str, tuple[Callable[[], Resource], str, str, str, str]] = {
    "unknown member": (
        lambda: sample_bundle("unknown-member"),
        "75",
        "C",
        ".patient",
        "The member is not found",
    ),
    "coverage that has ended": (
        lambda: of_member("auto-approved", "M-1011"),
        "95",
        "N",
        ".insurance.coverage",
        "The member's coverage has ended",
    ),
    "coverage that has not begun": (
        lambda: of_member("auto-approved", "M-1012"),
        "95",
        "R",
        ".insurance.coverage",
        "The member's coverage has not begun",
    ),
    "unknown insurer": (
        lambda: named("insurer", FOREIGN_INSURER),
        "T4",
        "C",
        ".insurer",
        "The payer is not one we answer for",
    ),
    "unknown provider": (
        lambda: named("requestor", NO_NUMBER),
        "51",
        "C",
        ".provider",
        "The requesting provider is not on file",
    ),
    "excluded provider": (
        lambda: named("requestor", EXCLUDED),
        "41",
        "N",
        ".provider",
        "The requesting provider may not ask",
    ),
    "update of an unknown claim": (
        lambda: of_nothing("update"),
        "33",
        "N",
        "Bundle.entry[0].resource",
        "The prior claim is not known",
    ),
    "cancellation of an unknown claim": (
        lambda: of_nothing("cancel"),
        "33",
        "N",
        "Bundle.entry[0].resource",
        "The prior claim is not known",
    ),
}
NO_CASE = {"update of an unknown claim", "cancellation of an unknown claim"}


@pytest.mark.parametrize("name", ERRORS)
def test_what_cannot_be_decided_is_a_business_error(careloom: StartedHost, name: str) -> None:
    make, code, action, place, reason = ERRORS[name]
    answer = submit(careloom, make())
    assert answer.status == 200, answer.body
    response = answer.body["entry"][0]["resource"]
    assert_error(response, code, action, place, reason)
    if name not in NO_CASE:
        case = case_of(careloom, answer.headers["x-careloom-case-id"])
        assert case["stage"] == "rejected"


def test_an_update_after_a_denial_is_a_business_error(careloom: StartedHost) -> None:
    request, update = sample_bundle("surgery-with-review"), sample_bundle("update")
    case_id = submit(careloom, request).headers["x-careloom-case-id"]
    task = case_of(careloom, case_id)["review"]["taskId"]
    denial = {"decisions": [DENIAL]}
    assert careloom.post(f"/api/tasks/{task}/complete", denial, user=PHYSICIAN).status == 200
    eventually(lambda: case_of(careloom, case_id)["stage"] == "notified")
    [prior] = [e["resource"] for e in update["entry"] if e["resource"]["id"] == "prior"]
    prior["identifier"] = request["entry"][0]["resource"]["identifier"]
    answer = submit(careloom, update)
    assert answer.status == 200, answer.body
    response = answer.body["entry"][0]["resource"]
    reason = "The authorization cannot be updated as it stands; send a new request"
    assert_error(response, "33", "N", "Bundle.entry[0].resource", reason)


def assert_error(response: Resource, code: str, action: str, place: str, reason: str) -> None:
    assert response["resourceType"] == "ClaimResponse"
    assert response["outcome"] == "error"
    [error] = response["error"]
    assert error["code"]["coding"][0]["code"] == code
    told = json.dumps(error["extension"])
    assert f'"{action}"' in told
    assert place in told
    assert response["processNote"][0]["text"] == reason
