"""Requests of the kinds that the guide shows, which its published packages hold as examples.

They are made here after what each kind says, in both versions, and must be accepted and answered:
home care, its update in full and by difference, a referral, a reservation of medical services.
"""

import copy
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from samples.catalogue import samples
from shared.contracts.pas import (
    BusinessError,
    Submission,
    SubmissionKind,
    answer_bundle,
    business_error_bundle,
    read_submit,
    validate_response,
)
from shared.domain.prior_authorization.codes import InfoChange

type Resource = dict[str, Any]

PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
X12 = "https://codesystem.x12.org/005010/"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
PLACES = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
BASE = "https://provider.careloom.example/fhir"
VERSIONS = ["2.0.1", "2.2.1"]


def concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def extension(name: str, code_set: str, code: str) -> Resource:
    return {
        "url": f"{PAS}extension-{name}",
        "valueCodeableConcept": concept(X12 + code_set, code),
    }


def item(sequence: int, code: str, *, kind: str = "HS", category: str = "42") -> Resource:
    """An item without days and quantity, as the guide asks for care at home."""
    return {
        "extension": [
            extension("serviceItemRequestType", "1525", kind),
            extension("certificationType", "1322", "I"),
        ],
        "sequence": sequence,
        "category": concept(X12 + "1365", category),
        "productOrService": concept(HCPCS, code),
        "locationCodeableConcept": concept(PLACES, "11"),
    }


def added(found: Resource) -> Resource:
    found["extension"].append({"url": PAS + "extension-infoChanged", "valueCode": "added"})
    return found


def cancelled(found: Resource, certification: str) -> Resource:
    found["extension"][1] = extension("certificationType", "1322", certification)
    url = PAS + "modifierextension-infoCancelled"
    return found | {"modifierExtension": [{"url": url, "valueBoolean": True}]}


def bundle_of(version: str, identifier: str, *items: Resource, **more: Any) -> Resource:
    """A request of that version for the items, with the parties of a sample."""
    bundle = copy.deepcopy(samples()["auto-approved"])
    bundle["meta"]["profile"] = [f"{PAS}profile-pas-request-bundle|{version}"]
    if version == "2.0.1":
        coverage = bundle["entry"][3]["resource"]
        del coverage["identifier"], coverage["relationship"], coverage["subscriberId"]
    claim = bundle["entry"][0]["resource"]
    del claim["diagnosis"]
    claim["identifier"][0]["value"] = identifier
    claim |= {"item": list(items)} | more
    return bundle


def home_care(version: str) -> Resource:
    prognosis = {"url": "prognosis", "valueCodeableConcept": concept(X12 + "923", "1")}
    start = {"url": "date", "valueDate": "2026-12-01"}
    url = PAS + "extension-homeHealthCareInformation"
    information = [{"url": url, "extension": [prognosis, start]}]
    items = item(1, "G0154"), item(2, "B4184")
    return bundle_of(version, "home-care", *items, extension=information)


def home_care_update(version: str, *items: Resource, **more: Any) -> Resource:
    prior = home_care(version)["entry"][0]["resource"] | {"id": "prior"}
    relation = {"claim": {"reference": "Claim/prior"}}
    if version == "2.2.1":
        system = "http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship"
        relation |= {"relationship": concept(system, "prior")}
    bundle = bundle_of(version, "home-care-update", *items, related=[relation], **more)
    bundle["entry"].append({"fullUrl": f"{BASE}/Claim/prior", "resource": prior})
    return bundle


def full_update(version: str) -> Resource:
    items = item(1, "G0154"), cancelled(item(2, "B4184"), "3"), added(item(3, "B4185"))
    return home_care_update(version, *items)


def differential_update(version: str) -> Resource:
    """The guide's own leaves the cancelled item the type of an initial request."""
    system = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
    meta = {"security": [{"system": system, "code": "SUBSETTED"}]}
    items = cancelled(item(2, "B4184"), "I"), added(item(3, "B4185"))
    return home_care_update(version, *items, meta=meta)


def referral(version: str) -> Resource:
    bundle = copy.deepcopy(samples()["referral"])
    bundle["meta"]["profile"] = [f"{PAS}profile-pas-request-bundle|{version}"]
    claim = bundle["entry"][0]["resource"]
    claim["extension"] = [extension("levelOfServiceCode", "1338", "U")]
    asked = claim["item"][0]
    asked["productOrService"] = concept(X12 + "1365", "3")
    asked["extension"] += [
        {"url": PAS + "extension-authorizationNumber", "valueString": "1122445"},
        {"url": PAS + "extension-administrationReferenceNumber", "valueString": "9988311"},
        {"url": PAS + "extension-epsdtIndicator", "valueBoolean": False},
        extension("nursingHomeResidentialStatus", "1345", "2"),
        extension("nursingHomeLevelOfCare", "1337", "2"),
        {"url": PAS + "extension-revenueUnitRateLimit", "valueDecimal": 100.0},
    ]
    return bundle


def medical_services(version: str) -> Resource:
    asked = item(1, "99212", kind="IN", category="1") | {"servicedDate": "2026-12-10"}
    return bundle_of(version, "medical-services", asked)


KINDS: dict[str, tuple[Callable[[str], Resource], SubmissionKind, list[InfoChange | None]]] = {
    "home care": (home_care, SubmissionKind.NEW, [None, None]),
    "an update in full": (
        full_update,
        SubmissionKind.UPDATE,
        [None, InfoChange.CANCELLED, InfoChange.ADDED],
    ),
    "an update by difference": (
        differential_update,
        SubmissionKind.UPDATE,
        [InfoChange.CANCELLED, InfoChange.ADDED],
    ),
    "a referral": (referral, SubmissionKind.NEW, [None]),
    "medical services": (medical_services, SubmissionKind.NEW, [None]),
}


def read(name: str, version: str) -> Submission:
    return read_submit(json.dumps(KINDS[name][0](version)).encode())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", KINDS)
def test_a_request_of_the_guides_kind_is_accepted_and_answered(
    name: str, version: str, noon: datetime
) -> None:
    _, kind, changes = KINDS[name]

    submission = read(name, version)

    request = submission.request
    assert (submission.kind, request.profile_version) == (kind, version)
    assert [each.change for each in request.items] == changes
    answer = answer_bundle(submission.bundle, request, [], case_id="pa-1", answered_at=noon)
    assert validate_response(answer, version=version) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_request_of_the_guides_kind_is_rejected_as_its_version_has_it(
    version: str, noon: datetime
) -> None:
    submission = read("an update in full", version)
    refused = BusinessError("33", "N", "Send a new request")

    answer = business_error_bundle(
        submission.bundle, submission.request, [refused], case_id="pa-1", answered_at=noon
    )

    assert validate_response(answer, version=version) == []
    assert answer["entry"][0]["resource"]["outcome"] == "error"
