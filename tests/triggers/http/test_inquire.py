import json
from typing import Any

import pytest

from localhost.sample_case import sample_bundle
from localhost.started_host import StartedHost
from tests.triggers.inquiring import (
    INQUIRE,
    claim_identifiers,
    inquire,
    inquiry_for,
    item_like,
    of_member,
)
from tests.triggers.sending import actions, case_of, fixture, fresh, submit


def _sent(host: StartedHost, bundle: dict[str, Any]) -> tuple[str, str]:
    """A request that was sent: its case and its claim identifier."""
    answer = submit(host, bundle)
    assert answer.status == 200, answer.body
    identifier = bundle["entry"][0]["resource"]["identifier"][0]["value"]
    return answer.headers["x-careloom-case-id"], identifier


def test_a_members_requests_are_all_found_by_whoever_made_them(careloom: StartedHost) -> None:
    surgery = of_member("surgery-with-review", "M-1003")
    _, first = _sent(careloom, surgery)
    _, second = _sent(careloom, of_member("surgery-with-review", "M-1003"))
    found = inquire(careloom, inquiry_for(surgery))
    assert {first, second} <= claim_identifiers(found)


def test_another_organisation_finds_nothing(careloom: StartedHost) -> None:
    surgery = of_member("surgery-with-review", "M-1003")
    _, identifier = _sent(careloom, surgery)
    stranger = json.loads(json.dumps(inquiry_for(surgery)).replace("1245319599", "1003000126"))
    stranger["entry"][0]["resource"]["identifier"] = surgery["entry"][0]["resource"]["identifier"]
    assert identifier not in claim_identifiers(inquire(careloom, stranger))


def test_a_provider_of_the_care_finds_what_another_organisation_requested(
    careloom: StartedHost,
) -> None:
    referral = of_member("referral", "M-1003")
    _, identifier = _sent(careloom, referral)
    specialist = json.loads(json.dumps(inquiry_for(referral)).replace("1234567893", "1245319599"))
    assert identifier in claim_identifiers(inquire(careloom, specialist))
    requestor = inquire(careloom, inquiry_for(referral))
    assert identifier in claim_identifiers(requestor)


def test_a_claim_identifier_finds_its_case_alone(careloom: StartedHost) -> None:
    surgery = of_member("surgery-with-review", "M-1003")
    _sent(careloom, of_member("surgery-with-review", "M-1003"))
    _sent(careloom, surgery)
    named = inquiry_for(surgery, identifier=surgery["entry"][0]["resource"]["identifier"])
    [found] = inquire(careloom, named)
    assert actions(found["entry"][0]["resource"]) == {1: "A4"}


def test_a_replaced_number_finds_the_current_authorization(careloom: StartedHost) -> None:
    surgery, update = of_member("surgery-with-review", "M-1003"), of_member("update", "M-1003")
    case_id, replaced = _sent(careloom, surgery)
    prior = next(
        entry["resource"] for entry in update["entry"] if entry["resource"].get("id") == "prior"
    )
    prior["identifier"][0]["value"] = replaced
    updated_id, current = _sent(careloom, update)
    assert updated_id == case_id
    named = inquiry_for(surgery, identifier=surgery["entry"][0]["resource"]["identifier"])
    [found] = inquire(careloom, named)
    assert current in claim_identifiers([found])
    assert set(actions(found["entry"][0]["resource"])) == {1, 2}


def test_an_authorization_number_finds_its_case(careloom: StartedHost) -> None:
    consultation = of_member("auto-approved", "M-1003")
    case_id, identifier = _sent(careloom, consultation)
    number = case_of(careloom, case_id)["authorizationNumber"]
    insurance = consultation["entry"][0]["resource"]["insurance"]
    asked = inquiry_for(consultation, insurance=[insurance[0] | {"preAuthRef": [number]}])
    [found] = inquire(careloom, asked)
    assert identifier in claim_identifiers([found])
    assert found["entry"][0]["resource"]["preAuthRef"] == number
    unknown = inquiry_for(consultation, insurance=[insurance[0] | {"preAuthRef": ["AU-NONE"]}])
    assert inquire(careloom, unknown) == []


def test_an_item_and_a_day_of_service_narrow_what_is_found(careloom: StartedHost) -> None:
    several = of_member("several-items", "M-1003")
    _, identifier = _sent(careloom, several)

    def finds(**elements: Any) -> bool:
        found = inquire(careloom, inquiry_for(several, items=[item_like(**elements)]))
        return identifier in claim_identifiers(found)

    assert finds(code="72148")
    assert finds(code="72148", servicedDate="2026-12-01")
    assert finds(code="72148", servicedPeriod={"start": "2026-11-01", "end": "2026-12-31"})
    assert not finds(code="72148", servicedDate="2027-05-01")
    assert not finds(code="99999")
    other = [{"system": "https://codesystem.x12.org/005010/1365", "code": "2"}]
    assert not finds(code="72148", category={"coding": other})


def test_a_rejected_request_is_answered_with_its_error(careloom: StartedHost) -> None:
    unknown = of_member("unknown-member", "M-nobody-9")
    _sent(careloom, unknown)
    [found] = inquire(careloom, inquiry_for(unknown))
    assert found["entry"][0]["resource"]["outcome"] == "error"


@pytest.mark.parametrize("version", ["2.0.1", "2.2.1"])
def test_the_guides_inquiry_finds_the_guides_request(careloom: StartedHost, version: str) -> None:
    folder = f"pas-{version}"
    bundle = fixture(f"{folder}/Bundle-MedicalServicesAuthorizationBundleExample.json")
    inquiry = fixture(f"{folder}/Bundle-PASClaimInquiryBundleExample.json")
    requestors = [_requestor(bundle), _requestor(inquiry)]
    assert submit(careloom, bundle).status == 200
    found = inquire(careloom, inquiry)
    assert bool(found) is (version == "2.0.1" or requestors[0] == requestors[1])


def _requestor(bundle: dict[str, Any]) -> str:
    reference = bundle["entry"][0]["resource"]["provider"]["reference"]
    [resource] = [
        entry["resource"] for entry in bundle["entry"] if entry["fullUrl"].endswith(reference)
    ]
    value: str = resource["identifier"][0]["value"]
    return value


def test_the_inferno_inquiry_finds_the_inferno_request(careloom: StartedHost) -> None:
    assert submit(careloom, fixture("inferno-pas/conformant_pas_bundle_v110.json")).status == 200
    [found] = inquire(careloom, fixture("inferno-pas/conformant_pas_inquire_bundle_v110.json"))
    responses = [
        entry["resource"]
        for entry in found["entry"]
        if entry["resource"]["resourceType"] == "ClaimResponse"
    ]
    assert responses


@pytest.mark.parametrize("missing", ["provider", "insurer", "patient"])
def test_an_inquiry_that_does_not_say_who_is_refused(careloom: StartedHost, missing: str) -> None:
    inquiry = inquiry_for(sample_bundle("surgery-with-review"))
    del inquiry["entry"][0]["resource"][missing]
    answer = careloom.post(INQUIRE, inquiry)
    assert answer.status == 400
    assert answer.body["resourceType"] == "OperationOutcome"
    assert missing in json.dumps(answer.body)


def test_a_request_is_not_taken_for_an_inquiry_of_nothing(careloom: StartedHost) -> None:
    bundle = fresh(sample_bundle("auto-approved"))
    assert careloom.post(INQUIRE, bundle).status in {200, 400}
    assert careloom.get("/api/health").status == 200
