from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from shared.contracts.pas import (
    Malformed,
    answer_bundle,
    inquiry_answer,
    read_inquiry,
    read_submit,
    validate_response,
)
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.request import Identifier

type Published = Callable[[str], bytes]
type Body = Callable[..., bytes]
type Resource = dict[str, Any]

PROFILE = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"


def as_2_0_1(bundle: Resource) -> None:
    del bundle["entry"][3]["resource"]["identifier"]


def answers(body: Body, noon: datetime) -> list[Resource]:
    submissions = [read_submit(body(name)) for name in ("home-care", "auto-approved")]
    return [
        answer_bundle(
            each.bundle,
            each.request,
            [],
            case_id=each.request.identifier.value,
            answered_at=noon,
        )
        for each in submissions
    ]


@pytest.mark.parametrize("version", ["2.0.1", "2.2.1"])
def test_the_guides_inquiry_is_understood(published: Published, version: str) -> None:
    inquiry = read_inquiry(published(f"pas-{version}/Bundle-PASClaimInquiryBundleExample.json"))

    assert inquiry.version == version
    assert inquiry.member == Identifier("http://example.org/MIN", "12345678901")
    assert inquiry.requestor.identifier.value == "8189991234"
    assert inquiry.identifier is not None
    assert inquiry.identifier.value == "111099"
    first, second = inquiry.items
    assert first.service is not None
    assert first.service.code == "G0154"
    assert (first.action, first.issued) == (None, (None, None))
    assert second.service_end == "B4190"
    assert second.action is ReviewAction.CERTIFIED
    assert second.expires == (date(2019, 7, 31), date(2019, 7, 31))


def test_infernos_inquiry_asks_by_number_too(published: Published) -> None:
    inquiry = read_inquiry(published("inferno-pas/conformant_pas_inquire_bundle_v110.json"))

    assert inquiry.numbers == ("1122445", "9988311")
    assert inquiry.items[0].trace_numbers[0].value == "1122334"


@pytest.mark.parametrize("missing", ["patient", "insurer", "provider"])
def test_an_inquiry_needs_requestor_insurer_and_member(body: Body, missing: str) -> None:
    def forget(bundle: Resource) -> None:
        del bundle["entry"][0]["resource"][missing]

    with pytest.raises(Malformed) as caught:
        read_inquiry(body("home-care", forget))

    assert caught.value.issues[0].expression == f"Bundle.entry[0].resource.{missing}"


def test_an_inquiry_may_ask_for_a_time_and_a_number(body: Body) -> None:
    def ask(bundle: Resource) -> None:
        claim = bundle["entry"][0]["resource"]
        claim["billablePeriod"] = {"start": "2026-01-01", "end": "2026-06"}
        claim["insurance"][0]["preAuthRef"] = ["AUTH-9"]

    inquiry = read_inquiry(body("home-care", ask))

    assert inquiry.period == (date(2026, 1, 1), date(2026, 6, 30))
    assert inquiry.numbers == ("AUTH-9",)
    assert inquiry.diagnosis_codes == ("Z48.815",)


def test_an_inquiry_may_ask_for_our_numbers_for_the_whole_claim(body: Body) -> None:
    def ask(bundle: Resource) -> None:
        bundle["entry"][0]["resource"]["extension"] = [
            {"url": PROFILE + "extension-authorizationNumber", "valueString": "AU-1"},
            {"url": PROFILE + "extension-administrationReferenceNumber", "valueString": "pa-2"},
        ]

    assert read_inquiry(body("home-care", ask)).numbers == ("AU-1", "pa-2")


@pytest.mark.parametrize("version", ["2.0.1", "2.2.1"])
def test_a_service_that_does_not_apply_is_no_service(body: Body, version: str) -> None:
    def ask(bundle: Resource) -> None:
        bundle["entry"][0]["resource"]["item"][0]["productOrService"]["coding"] = [
            {
                "system": "http://terminology.hl7.org/CodeSystem/data-absent-reason",
                "code": "not-applicable",
            }
        ]
        if version == "2.0.1":
            as_2_0_1(bundle)

    inquiry = read_inquiry(body("home-care", ask))

    assert inquiry.version == version
    assert inquiry.items[0].service is None


def extend(name: str, **value: Any) -> Callable[[Resource], object]:
    """Gives the first item an extension."""
    extension = {"url": PROFILE + f"extension-{name}", **value}
    return lambda bundle: claim_of(bundle)["item"][0]["extension"].append(extension)


def claim_of(bundle: Resource) -> Resource:
    claim: Resource = bundle["entry"][0]["resource"]
    return claim


PATIENT_EVENT = {
    "coding": [
        {
            "system": "http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes",
            "code": "patientEvent",
        }
    ]
}
FAULTS: list[tuple[str, Callable[[Resource], object]]] = [
    ("identifier", lambda bundle: claim_of(bundle).pop("identifier")),
    ("identifier[0].system", lambda bundle: claim_of(bundle)["identifier"][0].pop("system")),
    ("careTeam[0].extension", lambda bundle: claim_of(bundle)["careTeam"][0].pop("extension")),
    (
        "careTeam[0].provider.reference",
        lambda bundle: claim_of(bundle)["careTeam"][0].update(
            provider={"reference": "Practitioner/nobody"}
        ),
    ),
    (
        "supportingInfo[0].timing",
        lambda bundle: claim_of(bundle).update(
            supportingInfo=[{"sequence": 1, "category": PATIENT_EVENT}]
        ),
    ),
    ("item[0].extension[4]", extend("itemCertificationIssueDate", valueString="2026-01-01")),
    ("item[0].extension[4].valueDate", extend("itemCertificationIssueDate", valueDate="2026-01")),
    (
        "item[0].extension[4].valuePeriod.start",
        extend("itemCertificationExpirationDate", valuePeriod={"start": "2026"}),
    ),
    ("item[0].extension[4].valueCodeableConcept", extend("reviewActionCode", valueCode="A1")),
    (
        "item[0].extension[4].valueCodeableConcept",
        extend(
            "reviewActionCode", valueCodeableConcept={"coding": [{"system": "urn:a", "code": "A1"}]}
        ),
    ),
    ("item[0].extension[4]", extend("productOrServiceCodeEnd", valueString="G0300")),
]


@pytest.mark.parametrize(("place", "fault"), FAULTS)
def test_an_inquiry_is_held_to_its_profile(
    body: Body, place: str, fault: Callable[[Resource], object]
) -> None:
    with pytest.raises(Malformed) as caught:
        read_inquiry(body("referral", fault))

    places = {issue.expression for issue in caught.value.issues}
    assert f"Bundle.entry[0].resource.{place}" in places


def test_an_inquiry_has_one_identifier(body: Body) -> None:
    def repeat(bundle: Resource) -> None:
        claim_of(bundle)["identifier"] *= 2

    with pytest.raises(Malformed):
        read_inquiry(body("home-care", repeat))


def test_2_0_1_leaves_the_identifier_open(body: Body) -> None:
    def forget(bundle: Resource) -> None:
        as_2_0_1(bundle)
        del claim_of(bundle)["identifier"]

    assert read_inquiry(body("home-care", forget)).identifier is None


def test_the_days_of_an_event_and_the_category_are_looked_for(body: Body) -> None:
    def ask(bundle: Resource) -> None:
        claim_of(bundle)["supportingInfo"] = [
            {"sequence": 1, "category": PATIENT_EVENT, "timingDate": "2026-06-01"}
        ]

    inquiry = read_inquiry(body("home-care", ask))

    assert inquiry.event == (date(2026, 6, 1), date(2026, 6, 1))
    assert inquiry.items[0].category == "42"


def test_2_2_1_is_answered_with_a_bundle_for_each_case(body: Body, noon: datetime) -> None:
    inquiry = read_inquiry(body("home-care"))

    answer = inquiry_answer(inquiry, answers(body, noon), answered_at=noon)

    assert answer["resourceType"] == "Parameters"
    assert [each["name"] for each in answer["parameter"]] == ["responseBundle"] * 2
    issues = validate_response(answer, version="2.2.1")
    assert [issue for issue in issues if issue.severity == "error"] == []
    bundle = answer["parameter"][0]["resource"]
    assert bundle["meta"]["profile"] == [PROFILE + "profile-pas-inquiry-response-bundle"]
    response = bundle["entry"][0]["resource"]
    assert response["meta"]["profile"] == [PROFILE + "profile-claiminquiryresponse"]


def test_2_0_1_is_answered_with_one_bundle_of_all_cases(body: Body, noon: datetime) -> None:
    inquiry = read_inquiry(body("home-care", as_2_0_1))

    answer = inquiry_answer(inquiry, answers(body, noon), answered_at=noon)

    kinds = [entry["resource"]["resourceType"] for entry in answer["entry"]]
    assert kinds[:2] == ["ClaimResponse", "ClaimResponse"]
    assert "Claim" not in kinds
    assert [issue for issue in validate_response(answer) if issue.severity == "error"] == []


def test_nothing_found_is_an_answer_too(body: Body, noon: datetime) -> None:
    assert inquiry_answer(read_inquiry(body("home-care")), [], answered_at=noon) == {
        "resourceType": "Parameters"
    }
    empty = inquiry_answer(read_inquiry(body("home-care", as_2_0_1)), [], answered_at=noon)
    assert "ClaimResponse" not in {each["resource"]["resourceType"] for each in empty["entry"]}
    assert empty["entry"]
