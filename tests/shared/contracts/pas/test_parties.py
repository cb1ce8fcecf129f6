import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts.pas import Malformed, read_submit
from shared.contracts.pas.element import Element
from shared.contracts.pas.issues import Findings
from shared.contracts.pas.parties import read_member
from shared.domain.prior_authorization.request import Identifier

TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"


def numbered(value: str, kind: str = "") -> dict[str, Any]:
    typed = {"type": {"coding": [{"system": TYPES, "code": kind}]}} if kind else {}
    return {"system": "urn:x", "value": value} | typed


def resource(*identifiers: dict[str, Any], **more: Any) -> Element:
    return Element({"identifier": list(identifiers)} | more, "Patient", Findings())


@pytest.mark.parametrize(
    ("patient", "coverage", "value"),
    [
        (resource(numbered("mrn", "MR"), numbered("mb", "MB")), resource(), "mb"),
        (resource(numbered("mrn", "MR")), resource(numbered("mb", "MB")), "mb"),
        (resource(numbered("a")), resource(numbered("mb", "MB")), "mb"),
        (resource(numbered("a")), resource(numbered("", "MB")), "a"),
        (resource(numbered("mrn", "MR")), resource(subscriberId="s"), "s"),
        (resource(numbered("mrn", "MR")), None, "mrn"),
    ],
)
def test_the_member_is_known_by_the_number_the_payer_gave(
    patient: Element, coverage: Element | None, value: str
) -> None:
    found = read_member(patient, coverage)

    assert found is not None
    assert found.value == value


def test_a_subscribers_number_has_no_system() -> None:
    assert read_member(None, resource(subscriberId="s")) == Identifier("", "s")
    assert read_member(None, None) is None


BASE = "https://provider.careloom.example/fhir/"


def refer(place: str, reference: str) -> Callable[[dict[str, Any]], None]:
    """Let one element of the claim or of its coverage point elsewhere."""

    def change(bundle: dict[str, Any]) -> None:
        person = {
            "resourceType": "Practitioner",
            "id": "person",
            "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1679576722"}],
            "name": [{"family": "Sample"}],
        }
        spot = {"resourceType": "Location", "id": "spot", "name": "Here"}
        product = {"coding": [{"system": "http://example.org/lens", "code": "lens"}]}
        glasses = {
            "resourceType": "VisionPrescription",
            "id": "glasses",
            "status": "active",
            "created": "2026-11-20",
            "dateWritten": "2026-11-20",
            "patient": {"reference": "Patient/member"},
            "prescriber": {"reference": "Practitioner/person"},
            "lensSpecification": [{"product": product, "eye": "right"}],
        }
        for each in (person, spot, glasses):
            url = f"{BASE}{each['resourceType']}/{each['id']}"
            bundle["entry"].append({"fullUrl": url, "resource": each})
        resources = [entry["resource"] for entry in bundle["entry"]]
        coverage = next(each for each in resources if each["resourceType"] == "Coverage")
        claim = resources[0]
        to = {"reference": reference}
        if place == "payor":
            coverage["payor"] = [to]
        elif place == "subscriber":
            coverage["subscriber"] = to
        elif place == "careTeam":
            claim["careTeam"][0]["provider"] = to
        elif place == "provider":
            claim["provider"] = to
        elif place == "encounter":
            url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Claim.encounter"
            claim.setdefault("extension", []).append({"url": url, "valueReference": to})
        else:
            [asked] = [e for e in claim["item"][0]["extension"] if e["url"].endswith(place)]
            asked["valueReference"] = to

    return change


def as_version(version: str) -> Callable[[dict[str, Any]], None]:
    def change(bundle: dict[str, Any]) -> None:
        bundle["meta"]["profile"] = [f"{bundle['meta']['profile'][0]}|{version}"]

    return change


@pytest.mark.parametrize("version", ["2.0.1", "2.2.1"])
@pytest.mark.parametrize(
    ("place", "reference", "code"),
    [
        ("payor", "Patient/member", "value"),
        ("subscriber", "Organization/insurer", "value"),
        ("subscriber", "Patient/nowhere", "not-found"),
        ("requestedService", "Patient/member", "value"),
        ("requestedService", "VisionPrescription/glasses", "value"),
        ("encounter", "Location/spot", "value"),
    ],
)
def test_a_reference_to_another_kind_of_party_is_refused(
    body: Callable[..., bytes], place: str, reference: str, code: str, version: str
) -> None:
    with pytest.raises(Malformed) as caught:
        read_submit(body("referral", refer(place, reference), as_version(version)))

    [issue] = caught.value.issues
    assert (issue.code, issue.expression.rpartition(".")[2]) == (code, "reference")


@pytest.mark.parametrize("place", ["provider", "careTeam"])
def test_a_person_acts_in_a_role_since_2_2(body: Callable[..., bytes], place: str) -> None:
    change = refer(place, "Practitioner/person")

    assert read_submit(body("referral", change, as_version("2.0.1")))
    with pytest.raises(Malformed) as caught:
        read_submit(body("referral", change, as_version("2.2.1")))
    assert caught.value.issues[0].details.endswith(
        "must point at Organization or PractitionerRole."
    )


def test_the_member_may_be_his_own_subscriber(body: Callable[..., bytes]) -> None:
    assert read_submit(body("referral", refer("subscriber", "Patient/member")))


def nameless(bundle: dict[str, Any]) -> None:
    place = next(e for e in bundle["entry"] if e["resource"]["resourceType"] == "Location")
    del place["resource"]["name"]


def test_the_place_of_a_role_has_a_name_since_2_2(body: Callable[..., bytes]) -> None:
    assert read_submit(body("referral", nameless, as_version("2.0.1")))
    with pytest.raises(Malformed) as caught:
        read_submit(body("referral", nameless, as_version("2.2.1")))

    [issue] = caught.value.issues
    assert (issue.code, issue.expression.endswith(".name")) == ("required", True)


def test_the_place_of_a_stay_has_a_name_since_2_2(published: Callable[[str], bytes]) -> None:
    bundle = json.loads(published("pas-2.2.1/Bundle-SurgicalRequestBundleExample.json"))
    place = {"resourceType": "Location", "id": "ward"}
    bundle["entry"].append({"fullUrl": "http://example.org/fhir/Location/ward", "resource": place})
    stay = next(e for e in bundle["entry"] if e["resource"]["resourceType"] == "Encounter")
    stay["resource"]["location"] = [{"location": {"reference": "Location/ward"}}]

    with pytest.raises(Malformed) as caught:
        read_submit(json.dumps(bundle).encode())

    [issue] = [each for each in caught.value.issues if each.severity == "error"]
    assert issue.expression.endswith(".name")


def test_a_facility_may_be_without_a_name(body: Callable[..., bytes]) -> None:
    def name_facility(bundle: dict[str, Any]) -> None:
        place = {"resourceType": "Location", "id": "ward"}
        bundle["entry"].append({"fullUrl": f"{BASE}Location/ward", "resource": place})
        bundle["entry"][0]["resource"]["facility"] = {"reference": "Location/ward"}

    assert read_submit(body("home-care", name_facility))
