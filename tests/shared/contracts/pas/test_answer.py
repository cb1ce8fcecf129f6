from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from samples.generate import INSURER_NPI
from shared.contracts.pas import (
    BusinessError,
    Submission,
    answer_bundle,
    business_error_bundle,
    read_submit,
    validate_response,
)
from shared.domain.prior_authorization.codes import Level, ReviewAction
from shared.domain.prior_authorization.decision import RULES, Actor, ItemDecision
from shared.domain.prior_authorization.request import Coding, Identifier

type Body = Callable[..., bytes]
type Resource = dict[str, Any]

EXTENSION = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-"
NURSE = Actor("nurse-1", Level.NURSE, "RN1")


def decided(sequence: int, action: ReviewAction, at: datetime, **more: Any) -> ItemDecision:
    return ItemDecision(sequence=sequence, action=action, decided_by=NURSE, decided_at=at, **more)


def answered(submission: Submission, at: datetime, *decisions: ItemDecision) -> Resource:
    answer = answer_bundle(
        submission.bundle,
        submission.request,
        decisions,
        case_id="pa-1",
        answered_at=at,
        authorization_number="AUTH-1",
    )
    faults = validate_response(answer, version=submission.request.profile_version)
    assert [issue for issue in faults if issue.severity == "error"] == []
    return answer


def response_of(answer: Resource) -> Resource:
    response: Resource = answer["entry"][0]["resource"]
    return response


def review(item: Resource) -> dict[str, Any]:
    """The parts of an item's review action, by the end of their URL."""
    (adjudication,) = item["adjudication"]
    (action,) = adjudication["extension"]
    found: dict[str, Any] = {}
    for part in action["extension"]:
        value = next(value for name, value in part.items() if name.startswith("value"))
        coded = value["coding"][0]["code"] if isinstance(value, dict) else value
        found[part["url"].removeprefix(EXTENSION)] = coded
    return found


def extension(element: Resource, name: str) -> Any:
    for each in element.get("extension", ()):
        if each["url"] == EXTENSION + name:
            return next(value for key, value in each.items() if key != "url")
    return None


def test_every_action_is_answered_for_its_item(body: Body, noon: datetime) -> None:
    submission = read_submit(body("several-items"))

    answer = answered(
        submission,
        noon,
        decided(
            1,
            ReviewAction.CERTIFIED,
            noon,
            effective_from=date(2026, 12, 1),
            effective_to=date(2027, 5, 30),
        ),
        decided(2, ReviewAction.NOT_CERTIFIED, noon, reason_code="0F", reason_text="No imaging."),
        decided(3, ReviewAction.PENDED, noon),
    )

    items = response_of(answer)["item"]
    assert [review(item) for item in items] == [
        {"number": "AUTH-1", "reviewActionCode": "A1"},
        {"reasonCode": "0F", "reviewActionCode": "A3"},
        {"reviewActionCode": "A4"},
    ]
    assert extension(items[0], "itemPreAuthIssueDate") == "2026-11-20"
    assert extension(items[0], "itemPreAuthPeriod") == {"start": "2026-12-01", "end": "2027-05-30"}
    assert extension(items[0], "itemRequestedServiceDate") == "2026-12-01"
    assert extension(items[1], "administrationReferenceNumber") == "pa-1"
    assert extension(items[1], "itemTraceNumber")["value"] == "sample-several-items-2"
    assert items[1]["noteNumber"] == [1]
    assert response_of(answer)["processNote"][0]["text"] == "No imaging."
    assert response_of(answer)["preAuthRef"] == "AUTH-1"
    assert response_of(answer)["preAuthPeriod"] == {"start": "2026-12-01", "end": "2027-05-30"}


def test_the_requests_entries_come_back_with_their_urls(body: Body, noon: datetime) -> None:
    submission = read_submit(body("several-items"))

    answer = answered(submission, noon)

    assert answer["entry"][1:] == submission.bundle["entry"]
    assert answer["identifier"] == submission.bundle["identifier"]
    response = response_of(answer)
    urls = {entry["fullUrl"] for entry in answer["entry"]}
    for name in ("patient", "insurer", "requestor", "request"):
        assert response[name]["reference"] in urls


def test_a_modified_item_stays_and_what_is_authorized_is_added(body: Body, noon: datetime) -> None:
    submission = read_submit(body("home-care"))
    instead = Coding("http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "G0300")
    modified = decided(1, ReviewAction.MODIFIED, noon, service=instead, quantity=Decimal(12))

    response = response_of(answered(submission, noon, modified))

    (item,), (added,) = response["item"], response["addItem"]
    assert review(item)["reviewActionCode"] == review(added)["reviewActionCode"] == "A6"
    assert (item["itemSequence"], added["itemSequence"]) == (1, [1])
    assert added["productOrService"]["coding"][0]["code"] == "G0300"
    assert added["quantity"] == {
        "value": 12,
        "system": "http://unitsofmeasure.org",
        "code": "{visit}",
    }
    assert extension(item, "itemAuthorizedDetail") is None


def test_fewer_units_than_asked_are_a_modification_with_an_added_item(
    body: Body, noon: datetime
) -> None:
    submission = read_submit(body("home-care"))
    partial = decided(1, ReviewAction.CERTIFIED_PARTIAL, noon, quantity=Decimal("7.5"))

    response = response_of(answered(submission, noon, partial))

    (item,), (added,) = response["item"], response["addItem"]
    assert review(item)["reviewActionCode"] == review(added)["reviewActionCode"] == "A6"
    assert added["quantity"]["value"] == 7.5
    asked = submission.bundle["entry"][0]["resource"]["item"][0]
    assert added["productOrService"] == asked["productOrService"]


def test_an_item_that_the_answered_request_did_not_ask_is_no_modification(
    body: Body, noon: datetime
) -> None:
    """The first request is sent again after an update added an item that was certified in part."""
    submission = read_submit(body("home-care"))
    both = [
        decided(1, ReviewAction.CERTIFIED, noon),
        decided(2, ReviewAction.CERTIFIED_PARTIAL, noon, quantity=Decimal(3)),
    ]

    answer = answered(submission, noon, *both)

    assert [review(item)["reviewActionCode"] for item in response_of(answer)["item"]] == [
        "A1",
        "A2",
    ]
    assert validate_response(answer, version="2.2.1") == []


def test_2_0_1_says_fewer_units_in_the_item_itself(body: Body, noon: datetime) -> None:
    submission = read_submit(body("home-care"))
    old = replace(submission, request=replace(submission.request, profile_version="2.0.1"))
    partial = decided(1, ReviewAction.CERTIFIED_PARTIAL, noon, quantity=Decimal("7.5"))

    response = response_of(answered(old, noon, partial))

    [item] = response["item"]
    assert review(item)["reviewActionCode"] == "A2"
    assert "addItem" not in response
    parts = {part["url"]: part for part in extension(item, "itemAuthorizedDetail")}
    assert parts["quantity"]["valueQuantity"]["value"] == 7.5


def test_the_units_that_were_asked_are_no_modification(body: Body, noon: datetime) -> None:
    submission = read_submit(body("home-care"))
    [asked] = submission.request.items
    whole = decided(1, ReviewAction.CERTIFIED, noon, quantity=asked.quantity)

    [item] = response_of(answered(submission, noon, whole))["item"]

    assert review(item)["reviewActionCode"] == "A1"


def test_what_an_update_leaves_out_is_answered_with_what_is_known_of_it(
    body: Body, noon: datetime
) -> None:
    submission = read_submit(body("home-care"))
    [said] = submission.request.items
    left_out = replace(
        said,
        sequence=2,
        quantity=Decimal(4),
        unit="visit",
        served_from=date(2026, 12, 1),
        served_to=date(2026, 12, 5),
        trace_numbers=(Identifier("urn:traces", "t2"),),
    )
    whole = replace(submission, request=replace(submission.request, items=(said, left_out)))
    decisions = [decided(number, ReviewAction.CERTIFIED, noon) for number in (1, 2)]

    first, second = response_of(answered(whole, noon, *decisions))["item"]

    assert second["itemSequence"] == 2
    assert extension(second, "itemTraceNumber") == {"system": "urn:traces", "value": "t2"}
    assert extension(second, "itemRequestedServiceDate") == {
        "start": "2026-12-01",
        "end": "2026-12-05",
    }
    parts = {part["url"]: part for part in extension(second, "itemAuthorizedDetail")}
    assert parts["quantity"]["valueQuantity"] == {"value": 4, "unit": "visit"}
    asked = submission.bundle["entry"][0]["resource"]["item"][0]
    echoed = {part["url"]: part for part in extension(first, "itemAuthorizedDetail")}
    assert echoed["quantity"]["valueQuantity"] == asked["quantity"]


@pytest.mark.parametrize(("version", "outcome"), [("2.2.1", "complete"), ("2.0.1", "queued")])
def test_a_pend_is_said_as_the_senders_version_says_it(
    body: Body, noon: datetime, version: str, outcome: str
) -> None:
    def speak(bundle: Resource) -> None:
        profile = (
            "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-pas-request-bundle"
        )
        bundle["meta"]["profile"] = [f"{profile}|{version}"]

    response = response_of(answered(read_submit(body("home-care", speak)), noon))

    assert response["outcome"] == outcome
    assert review(response["item"][0])["reviewActionCode"] == "A4"
    assert "preAuthRef" not in response


def test_items_are_answered_under_the_sequence_that_was_sent(
    published: Callable[[str], bytes], noon: datetime
) -> None:
    submission = read_submit(
        published("inferno-pas/conformant_pas_bundle_v110_multiple_items.json")
    )

    answer = answered(
        submission,
        noon,
        decided(1, ReviewAction.CERTIFIED, noon),
        decided(2, ReviewAction.PENDED, noon),
    )

    items = response_of(answer)["item"]
    assert [item["itemSequence"] for item in items] == [1, 1]
    assert [extension(item, "itemTraceNumber")["value"] for item in items] == [
        "1122334",
        "11223349",
    ]
    assert [review(item)["reviewActionCode"] for item in items] == ["A1", "A4"]


def test_a_cancelled_case_is_answered_item_by_item(body: Body, noon: datetime) -> None:
    answer = answered(read_submit(body("cancel")), noon, decided(1, ReviewAction.CANCELLED, noon))

    (item,) = response_of(answer)["item"]
    assert review(item) == {"reviewActionCode": "C"}


def test_an_items_own_number_goes_before_the_cases(body: Body, noon: datetime) -> None:
    own = decided(1, ReviewAction.CERTIFIED, noon, authorization_number="AUTH-1-1")

    (item,) = response_of(answered(read_submit(body("home-care")), noon, own))["item"]

    assert review(item)["number"] == "AUTH-1-1"


@pytest.mark.parametrize("by", [NURSE, RULES], ids=["a nurse", "the rules"])
def test_an_answer_says_whether_a_person_looked_at_it(
    body: Body, noon: datetime, by: Actor
) -> None:
    certified = replace(decided(1, ReviewAction.CERTIFIED, noon), decided_by=by)

    response = response_of(answered(read_submit(body("home-care")), noon, certified))

    (flag,) = extension(response, "claimResponseReviewer")
    assert (flag["url"], flag["valueBoolean"]) == ("wasHumanReviewedFlag", by is NURSE)


def test_a_pend_and_a_withdrawal_say_nothing_of_a_review(body: Body, noon: datetime) -> None:
    submission = read_submit(body("several-items"))
    withdrawn = decided(1, ReviewAction.CANCELLED, noon)
    pended = decided(2, ReviewAction.PENDED, noon)
    assert "extension" not in response_of(answered(submission, noon, withdrawn, pended))


def test_the_response_keeps_its_id_over_the_life_of_the_case(body: Body, noon: datetime) -> None:
    submission = read_submit(body("home-care"))

    first, later = answered(submission, noon), answered(submission, noon + timedelta(days=1))

    assert first["entry"][0]["fullUrl"] == later["entry"][0]["fullUrl"]
    assert first["id"] != later["id"]


def test_a_party_that_came_contained_is_answered_by_identifier(body: Body, noon: datetime) -> None:
    def contain(bundle: Resource) -> None:
        claim = bundle["entry"][0]["resource"]
        insurer = next(e for e in bundle["entry"] if e["resource"]["id"] == "insurer")
        claim["contained"] = [insurer["resource"]]
        claim["insurer"] = {"reference": "#insurer"}

    response = response_of(answered(read_submit(body("home-care", contain)), noon))

    assert response["insurer"]["identifier"]["value"] == INSURER_NPI


@pytest.mark.parametrize("version", ["2.2.1", "2.0.1"])
def test_an_unknown_member_is_a_business_error(body: Body, noon: datetime, version: str) -> None:
    def speak(bundle: Resource) -> None:
        bundle["meta"]["profile"] = [f"{bundle['meta']['profile'][0]}|{version}"]

    submission = read_submit(body("unknown-member", speak))
    error = BusinessError("75", "C", "The member is unknown.")

    answer = business_error_bundle(
        submission.bundle, submission.request, [error], case_id="pa-1", answered_at=noon
    )

    response = response_of(answer)
    assert validate_response(answer, version=version) == []
    assert response["outcome"] == "error"
    assert "item" not in response
    (encoded,) = response["error"]
    assert encoded["code"]["coding"][0]["code"] == "75"
    element = extension(encoded, "errorElement")
    assert (element if version == "2.0.1" else element[1]["valueString"]) == "2010C-NM109"
    assert extension(encoded, "errorPath") == "Bundle.entry[0].resource.patient"
    assert extension(encoded, "errorFollowupAction")["coding"][0]["code"] == "C"
    assert response["processNote"][0]["text"] == "The member is unknown."


def test_the_reason_of_a_denial_is_of_the_code_list_that_the_guide_binds(
    body: Body, noon: datetime
) -> None:
    denial = decided(1, ReviewAction.NOT_CERTIFIED, noon, reason_code="0F", reason_text="Because.")

    answer = answered(read_submit(body("surgery-with-review")), noon, denial)

    (action,) = response_of(answer)["item"][0]["adjudication"][0]["extension"]
    (reason,) = (each for each in action["extension"] if each["url"] == "reasonCode")
    assert reason["valueCodeableConcept"] == {
        "coding": [{"system": "https://codesystem.x12.org/external/886", "code": "0F"}]
    }
