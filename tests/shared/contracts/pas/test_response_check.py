import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from shared.contracts.pas import (
    BusinessError,
    answer_bundle,
    business_error_bundle,
    read_submit,
    validate_response,
)
from shared.domain.prior_authorization.codes import Level, ReviewAction
from shared.domain.prior_authorization.decision import Actor, ItemDecision

type Published = Callable[[str], bytes]
type Body = Callable[..., bytes]
type Resource = dict[str, Any]
type Change = Callable[[Resource], object]

REVIEWER = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-claimResponseReviewer"
CONFORMANT = [
    "pas-2.0.1/Bundle-ErrorResponseBundleExample.json",
    "pas-2.0.1/Bundle-PASClaimInquiryResponseBundleExample.json",
    "pas-2.2.1/Bundle-ErrorResponseBundleExample.json",
    "pas-2.2.1/Bundle-PASClaimInquiryResponseBundleExample.json",
    "pas-2.2.1/Parameters-PASClaimInquiryOperationResponseExample.json",
    "inferno-pas/valid_pa_response_bundle.json",
]


@pytest.mark.parametrize("name", CONFORMANT)
def test_a_published_response_has_no_fault(published: Published, name: str) -> None:
    version = "2.2.1" if "2.2.1" in name else "2.0.1"

    assert validate_response(json.loads(published(name)), version=version) == []


def test_a_published_denial_lacks_only_its_reason(published: Published) -> None:
    response = json.loads(published("inferno-pas/valid_pa_response_bundle_denial.json"))

    assert [(issue.severity, issue.code) for issue in validate_response(response)] == [
        ("warning", "required")
    ]


def test_the_response_in_the_guides_notification_leaves_out_two_resources(
    published: Published,
) -> None:
    notification = json.loads(published("pas-2.2.1/Bundle-PASSubscriptionNotification.json"))

    issues = validate_response(notification["entry"][1]["resource"])

    assert {issue.expression.split(".")[-2] for issue in issues} == {"requestor", "request"}
    assert {issue.code for issue in issues} == {"not-found"}


def good(body: Body, noon: datetime) -> Resource:
    submission = read_submit(body("several-items"))
    nurse = Actor("nurse-1", Level.NURSE)
    actions = (ReviewAction.CERTIFIED, ReviewAction.MODIFIED, ReviewAction.NOT_CERTIFIED)
    decisions = [
        ItemDecision(
            sequence=sequence,
            action=action,
            decided_by=nurse,
            decided_at=noon,
            reason_code="0F",
            reason_text="Because.",
        )
        for sequence, action in enumerate(actions, 1)
    ]
    answer = answer_bundle(
        submission.bundle,
        submission.request,
        decisions,
        case_id="pa-1",
        answered_at=noon,
        authorization_number="AUTH-1",
    )
    copied: Resource = json.loads(json.dumps(answer))
    return copied


def response_of(answer: Resource) -> Resource:
    response: Resource = answer["entry"][0]["resource"]
    return response


def review_of(answer: Resource, index: int = 0) -> Resource:
    review: Resource = response_of(answer)["item"][index]["adjudication"][0]["extension"][0]
    return review


def in_response(**values: object) -> Change:
    return lambda answer: response_of(answer).update(values)


def without(name: str) -> Change:
    return lambda answer: response_of(answer).pop(name)


BAD: dict[str, tuple[Change, str]] = {
    "no bundle": (lambda a: a.update(resourceType="Patient"), "structure"),
    "another type": (lambda a: a.update(type="batch"), "value"),
    "no time": (lambda a: a.pop("timestamp"), "required"),
    "the Claim first": (lambda a: a["entry"].pop(0), "structure"),
    "no fullUrl": (lambda a: a["entry"][1].pop("fullUrl"), "required"),
    "the patient left out": (lambda a: a["entry"].pop(5), "not-found"),
    "no patient": (without("patient"), "required"),
    "no insurer": (without("insurer"), "required"),
    "no created": (without("created"), "required"),
    "no type": (without("type"), "required"),
    "cancelled": (in_response(status="cancelled"), "value"),
    "a claim's use": (in_response(use="claim"), "value"),
    "a strange outcome": (in_response(outcome="denied"), "code-invalid"),
    "an error without errors": (in_response(outcome="error"), "invariant"),
    "errors without an error": (
        in_response(error=[{"code": {"coding": [{"system": "x", "code": "75"}]}}]),
        "invariant",
    ),
    "no item added": (without("addItem"), "required"),
    "an unknown item added": (
        lambda a: response_of(a)["addItem"][0].update(itemSequence=[9]),
        "value",
    ),
    "a note that is not there": (without("processNote"), "not-found"),
    "two notes of one number": (
        lambda a: response_of(a)["processNote"][1].update(number=1),
        "duplicate",
    ),
    "no adjudication": (lambda a: response_of(a)["item"][0].pop("adjudication"), "required"),
    "no sequence": (lambda a: response_of(a)["item"][0].pop("itemSequence"), "required"),
    "another category": (
        lambda a: response_of(a)["item"][0]["adjudication"][0]["category"]["coding"][0].update(
            code="benefit"
        ),
        "code-invalid",
    ),
    "no review action": (
        lambda a: response_of(a)["item"][0]["adjudication"][0].pop("extension"),
        "required",
    ),
    "a strange action": (
        lambda a: review_of(a)["extension"][-1]["valueCodeableConcept"]["coding"][0].update(
            code="PENDEDCODE"
        ),
        "code-invalid",
    ),
    "a strange part": (lambda a: review_of(a)["extension"][0].update(url="colour"), "structure"),
    "an authorization that ends before it starts": (
        in_response(preAuthPeriod={"start": "2026-02-02", "end": "2026-01-01"}),
        "invariant",
    ),
    "another ClaimResponse": (
        lambda a: a["entry"].append(
            {
                "fullUrl": "https://x.example/ClaimResponse/y",
                "resource": response_of(a) | {"id": "y"},
            }
        ),
        "structure",
    ),
    "a reviewer of whom nothing is said": (
        in_response(extension=[{"url": REVIEWER, "extension": [{"url": "x", "valueCode": "x"}]}]),
        "required",
    ),
    "a trace number that the request did not give": (
        lambda a: response_of(a)["item"][0]["extension"][0]["valueIdentifier"].update(value="x"),
        "value",
    ),
    "an issue date that is a period": (
        lambda a: (
            response_of(a)["item"][0]["extension"][1].update(
                valueDate=None, valuePeriod={"start": "2026-01-01"}
            )
            or response_of(a)["item"][0]["extension"][1].pop("valueDate")
        ),
        "structure",
    ),
    "a number that is an integer": (
        lambda a: (
            review_of(a)["extension"][0].update(valueInteger=1)
            or review_of(a)["extension"][0].pop("valueString")
        ),
        "structure",
    ),
    "a reason of another list": (
        lambda a: review_of(a, 2)["extension"][0]["valueCodeableConcept"]["coding"][0].update(
            system="https://codesystem.x12.org/005010/886"
        ),
        "code-invalid",
    ),
    "what FHIR does not know": (in_response(colour="blue"), "structure"),
}


@pytest.mark.parametrize(
    "change",
    [
        without("request"),
        in_response(outcome="queued"),
        in_response(identifier=[{"value": "without a system"}]),
        lambda a: a.pop("identifier"),
    ],
)
def test_what_2_0_1_allowed_2_2_1_does_not(body: Body, noon: datetime, change: Change) -> None:
    answer = good(body, noon)
    change(answer)

    assert validate_response(answer, version="2.0.1") == []
    assert validate_response(answer, version="2.2.1") != []


@pytest.mark.parametrize(("version", "other"), [("2.0.1", "2.2.1"), ("2.2.1", "2.0.1")])
def test_an_error_names_its_element_as_its_version_does(
    body: Body, noon: datetime, version: str, other: str
) -> None:
    def speak(bundle: Resource) -> None:
        bundle["meta"]["profile"] = [f"{bundle['meta']['profile'][0]}|{version}"]

    submission = read_submit(body("unknown-member", speak))
    error = BusinessError("75", "C", "The member is not found")
    answer = business_error_bundle(
        submission.bundle, submission.request, [error], case_id="pa-1", answered_at=noon
    )
    assert validate_response(answer, version=version) == []
    [issue] = validate_response(answer, version=other)
    assert issue.expression.endswith("error[0].extension[0]")


def test_our_answer_has_no_fault(body: Body, noon: datetime) -> None:
    assert validate_response(good(body, noon)) == []


@pytest.mark.parametrize("name", BAD)
def test_a_faulty_response_is_found_out(body: Body, noon: datetime, name: str) -> None:
    change, code = BAD[name]
    answer = good(body, noon)
    change(answer)

    issues = validate_response(answer)

    assert code in {issue.code for issue in issues if issue.severity == "error"}, issues
