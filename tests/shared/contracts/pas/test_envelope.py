import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts.pas import Malformed, read_submit

type Body = Callable[..., bytes]
type Resource = dict[str, Any]
type Change = Callable[[Resource], object]

EXTENSION = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-"


def resource_of(bundle: Resource, kind: str) -> Resource:
    found: Resource = next(
        each["resource"] for each in bundle["entry"] if each["resource"]["resourceType"] == kind
    )
    return found


def extend(**extension: Any) -> Change:
    extension["url"] = EXTENSION + extension["url"]
    return lambda bundle: resource_of(bundle, "Claim").setdefault("extension", []).append(extension)


def put(kind: str, **values: Any) -> Change:
    return lambda bundle: resource_of(bundle, kind).update(values)


def drop(kind: str, name: str) -> Change:
    return lambda bundle: resource_of(bundle, kind).pop(name)


BAD: dict[str, tuple[Change, str]] = {
    "no bundle": (lambda b: b.update(resourceType="Claim"), "structure"),
    "a batch": (lambda b: b.update(type="batch"), "value"),
    "no identifier": (lambda b: b.pop("identifier"), "required"),
    "identifier is a string": (lambda b: b.update(identifier="x"), "structure"),
    "no timestamp": (lambda b: b.pop("timestamp"), "required"),
    "no entries": (lambda b: b.pop("entry"), "required"),
    "the Claim is not first": (lambda b: b["entry"].reverse(), "structure"),
    "no coverage points anywhere": (drop("Coverage", "beneficiary"), "required"),
    "somebody else's coverage": (
        lambda b: (
            b["entry"].append(
                {
                    "fullUrl": "https://provider.careloom.example/fhir/Patient/other",
                    "resource": resource_of(b, "Patient") | {"id": "other"},
                }
            )
            or resource_of(b, "Coverage").update(beneficiary={"reference": "Patient/other"})
        ),
        "invariant",
    ),
    "a coverage that is cancelled": (put("Coverage", status="cancelled"), "value"),
    "a coverage without a payor": (drop("Coverage", "payor"), "required"),
    "a payor who is nowhere": (
        put("Coverage", payor=[{"reference": "Organization/none"}]),
        "not-found",
    ),
    "no focal coverage": (
        lambda b: resource_of(b, "Claim")["insurance"][0].update(focal=False),
        "value",
    ),
    "a patient without a name": (drop("Patient", "name"), "required"),
    "a patient born in some month": (put("Patient", birthDate="1950-06"), "value"),
    "a patient of a strange gender": (put("Patient", gender="x"), "code-invalid"),
    "an organisation without a name": (drop("Organization", "name"), "required"),
    "a provider without an identifier": (drop("Organization", "identifier"), "required"),
    "a type without a code": (put("Claim", type={"text": "x"}), "required"),
    "a level of service without a code": (
        extend(url="levelOfServiceCode", valueString="U"),
        "structure",
    ),
    "a strange level of service": (
        extend(
            url="levelOfServiceCode",
            valueCodeableConcept={
                "coding": [{"system": "https://codesystem.x12.org/005010/1338", "code": "X"}]
            },
        ),
        "code-invalid",
    ),
    "home care without its start": (
        extend(
            url="homeHealthCareInformation",
            extension=[{"url": "prognosis", "valueCodeableConcept": {"text": "good"}}],
        ),
        "required",
    ),
    "an encounter that is nowhere": (
        extend(url="requestedService", valueReference={"reference": "Encounter/none"}),
        "not-found",
    ),
    "three identifiers": (
        lambda b: resource_of(b, "Claim").update(
            identifier=[{"system": "urn:x", "value": str(n)} for n in range(3)]
        ),
        "structure",
    ),
    "an identifier with a bell": (
        put("Claim", identifier=[{"system": "urn:x", "value": "a\u0007b"}]),
        "value",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_faulty_bundle_is_refused(body: Body, name: str) -> None:
    change, code = BAD[name]

    with pytest.raises(Malformed) as caught:
        read_submit(body("home-care", change))

    assert code in {issue.code for issue in caught.value.issues}, caught.value.issues
    assert caught.value.status == 400


def test_home_care_information_is_welcome(body: Body) -> None:
    coding = {"system": "https://codesystem.x12.org/005010/923", "code": "1"}
    information = extend(
        url="homeHealthCareInformation",
        extension=[
            {"url": "prognosis", "valueCodeableConcept": {"coding": [coding]}},
            {"url": "date", "valueDate": "2026-12-01"},
        ],
    )

    assert read_submit(body("home-care", information)).warnings == ()


def test_absolute_references_and_uuids_are_as_good_as_relative_ones(
    sample: Callable[..., Resource],
) -> None:
    """The same request, its resources known by uuid instead of by their place on a server."""
    bundle = sample("home-care")
    text = json.dumps(bundle)
    for number, entry in enumerate(bundle["entry"]):
        url = f"urn:uuid:75832284-6c15-488c-8237-{number:012d}"
        kind, local = entry["resource"]["resourceType"], entry["resource"]["id"]
        text = text.replace(f'"{entry["fullUrl"]}"', f'"{url}"')
        text = text.replace(f'"reference": "{kind}/{local}"', f'"reference": "{url}"')

    request = read_submit(text.encode()).request

    assert request.patient_reference.startswith("urn:uuid:")
    assert request.items == read_submit(json.dumps(bundle).encode()).request.items
