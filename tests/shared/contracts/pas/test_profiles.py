"""A conformant request with one element taken out, or coded otherwise, is refused for it.

The tables below say what the profiles ask, not what the code checks: the elements of at least one
and the required bindings of Da Vinci PAS 2.0.1 and 2.2.1, US Core and FHIR R4, as far as one of
the requests has the element. PAS 1.1, whose fixtures are read as 2.0.1, asks for less.
"""

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from samples.catalogue import samples
from shared.contracts.pas import Malformed, read_submit
from shared.contracts.pas.names import PAS
from tests.shared.contracts.pas.judging import STRANGE, Resource, first, places_of

type Published = Callable[[str], bytes]

SAMPLES = ["referral", "several-items", "update"]
PUBLISHED = {
    "pas-2.2.1/Bundle-MedicalServicesAuthorizationBundleExample.json": "2.2.1",
    "pas-2.2.1/Bundle-SurgicalRequestBundleExample.json": "2.2.1",
    "pas-2.0.1/Bundle-MedicalServicesAuthorizationBundleExample.json": "2.0.1",
    "pas-2.0.1/Bundle-SurgicalRequestBundleExample.json": "2.0.1",
    "inferno-pas/conformant_pas_bundle_v110_multiple_items.json": "2.0.1",
}
REQUIRED = {
    "Bundle": ["identifier", "type", "timestamp", "entry", "entry.fullUrl", "entry.resource"],
    "Claim": [
        "identifier",
        "identifier.value",
        "status",
        "type",
        "use",
        "patient",
        "created",
        "insurer",
        "provider",
        "priority",
        "careTeam.sequence",
        "careTeam.provider",
        "supportingInfo.sequence",
        "supportingInfo.category",
        "diagnosis.sequence",
        "diagnosis.diagnosisCodeableConcept",
        "insurance",
        "insurance.sequence",
        "insurance.focal",
        "insurance.coverage",
        "item",
        "item.sequence",
        "item.productOrService",
    ],
    "Coverage": ["status", "beneficiary", "payor"],
    "DeviceRequest": ["intent", "codeCodeableConcept", "subject"],
    "Encounter": ["status", "class", "type", "subject"],
    "Organization": ["active", "name"],
    "Patient": ["identifier", "identifier.system", "identifier.value", "name", "gender"],
    "Practitioner": ["identifier", "name", "name.family"],
    "PractitionerRole": ["practitioner"],
    "ServiceRequest": ["status", "intent", "subject"],
}
REQUIRED_SINCE_2_2 = {
    "Claim": [
        "identifier.system",
        "careTeam.extension",
        "item.extension",
        "item.category",
        "item.locationCodeableConcept",
        "related",
        "related.claim",
        "related.relationship",
    ],
    "Coverage": ["identifier", "relationship"],
    "DocumentReference": [
        "status",
        "type",
        "category",
        "subject",
        "content",
        "content.attachment.data",
    ],
    "PractitionerRole": ["telecom.system", "telecom.value"],
}
BOUND = {
    "Claim": [
        "diagnosis.diagnosisCodeableConcept",
        "diagnosis.type",
        "accident.type",
        "item.revenue",
        "item.category",
        "item.productOrService",
        "item.modifier",
        "item.locationCodeableConcept",
    ],
    "DeviceRequest": ["codeCodeableConcept"],
    "ServiceRequest": ["code"],
}
# The X12 codes that the extensions hold, wherever in the claim they stand.
BOUND_EXTENSIONS = {
    "certificationType",
    "levelOfServiceCode",
    "nursingHomeLevelOfCare",
    "nursingHomeResidentialStatus",
    "serviceItemRequestType",
    "category",  # of conditionCode
    "code",
    "reportTypeCode",  # of documentInformation
    "transmissionMethod",
}


@pytest.fixture(params=[*SAMPLES, *PUBLISHED])
def conformant(request: pytest.FixtureRequest, published: Published) -> Resource:
    """A request that is accepted, and names the version that it keeps to."""
    name: str = request.param
    bundle: Resource = (
        json.loads(published(name)) if name in PUBLISHED else copy.deepcopy(samples()[name])
    )
    version = PUBLISHED.get(name, "2.2.1")
    bundle["meta"]["profile"] = [f"{each}|{version}" for each in bundle["meta"]["profile"]]
    assert read_submit(json.dumps(bundle).encode()).request.profile_version == version
    return bundle


def resources(bundle: Resource) -> Iterator[Resource]:
    """The bundle and the first of each kind of resource in it."""
    kinds: dict[str, Resource] = {}
    for resource in [bundle, *(entry["resource"] for entry in bundle["entry"])]:
        kinds.setdefault(resource["resourceType"], resource)
    return iter(kinds.values())


def holder_of(resource: Resource, path: str) -> tuple[Resource, str] | None:
    """The first element with a child of that path's last name; None where nothing has it."""
    *steps, name = path.split(".")
    held: list[Resource] = [resource]
    for step in steps:
        children = [each[step] for each in held if step in each]
        held = [each for child in children for each in (child if type(child) is list else [child])]
    return next(((each, name) for each in held if name in each), None)


def misjudged(bundle: Resource, resource: Resource, path: str, change: Callable[..., Any]) -> str:
    """What is wrong with the answer to the bundle after one change; it is undone again."""
    found = holder_of(resource, path)
    if found is None:
        return ""
    holder, name = found
    kind = resource.get("resourceType", resource.get("url"))
    before = holder[name]
    change(holder, name)
    try:
        read_submit(json.dumps(bundle).encode())
    except Malformed as refused:
        places = [re.sub(r"\[\d+\]", "", issue.expression) for issue in refused.issues]
        named = any(place.endswith(path) or f".{path}." in place for place in places)
        return "" if named else f"{kind}.{path} is refused for {places}"
    else:
        return f"{kind}.{path} is accepted"
    finally:
        holder[name] = before


def remove(holder: Resource, name: str) -> None:
    del holder[name]


def code_otherwise(holder: Resource, name: str) -> None:
    holder[name] = [STRANGE] if isinstance(holder[name], list) else STRANGE


def coded_extensions(value: Any) -> Iterator[Resource]:
    """The extensions of a claim whose code comes from a required binding."""
    children = value.values() if isinstance(value, dict) else value
    for child in children if isinstance(value, dict | list) else ():
        yield from coded_extensions(child)
    if isinstance(value, dict) and "valueCodeableConcept" in value:
        name = value["url"].rpartition("/")[2].removeprefix("extension-")
        if name in BOUND_EXTENSIONS:
            yield value


def paths(table: dict[str, list[str]], resource: Resource) -> list[str]:
    return table.get(resource["resourceType"], [])


def test_a_request_that_lacks_a_required_element_is_refused_for_it(conformant: Resource) -> None:
    is_2_2 = conformant["meta"]["profile"][0].endswith("|2.2.1")
    faults = [
        misjudged(conformant, resource, path, remove)
        for resource in list(resources(conformant))
        for path in paths(REQUIRED, resource)
        + (paths(REQUIRED_SINCE_2_2, resource) if is_2_2 else [])
    ]

    assert [fault for fault in faults if fault] == []


def test_a_request_with_a_code_of_another_system_is_refused_for_it(conformant: Resource) -> None:
    faults = [
        misjudged(conformant, resource, path, code_otherwise)
        for resource in list(resources(conformant))
        for path in paths(BOUND, resource)
    ]

    assert [fault for fault in faults if fault] == []


def test_an_extension_with_a_code_of_another_system_is_refused_for_it(
    conformant: Resource,
) -> None:
    claim = conformant["entry"][0]["resource"]
    faults = [
        misjudged(conformant, extension, "valueCodeableConcept", code_otherwise)
        for extension in list(coded_extensions(claim))
    ]

    assert [fault for fault in faults if fault] == []


def be_inactive(bundle: Resource) -> None:
    first(bundle, "Organization")["active"] = False


def lie_elsewhere(bundle: Resource) -> None:
    document = first(bundle, "DocumentReference")
    document["content"][0]["attachment"]["url"] = "https://provider.careloom.example/1"


def be_of_the_eye(bundle: Resource) -> None:
    first(bundle, "Claim")["type"]["coding"][0]["code"] = "vision"


def be_without_category(bundle: Resource) -> None:
    del first(bundle, "DocumentReference")["category"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (be_inactive, "active"),
        (lie_elsewhere, "content[0].attachment.url"),
        (be_without_category, "category"),
        (be_of_the_eye, "type"),
    ],
)
def test_some_rules_are_new_in_2_2(change: Callable[[Resource], None], place: str) -> None:
    bundle = copy.deepcopy(samples()["several-items"])
    change(bundle)

    assert places_of(copy.deepcopy(bundle), "2.2.1") == [f"Bundle.entry.resource.{place}"]
    assert places_of(bundle, "2.0.1") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("accident", {"date": "2026-11-01", "type": STRANGE}),
        ("diagnosis", [{"type": [STRANGE]}]),
        ("item", [{"revenue": STRANGE}]),
        ("item", [{"modifier": [STRANGE]}]),
    ],
)
@pytest.mark.parametrize("version", ["2.0.1", "2.2.1"])
def test_what_no_example_says_is_bound_too(name: str, value: Any, version: str) -> None:
    bundle = copy.deepcopy(samples()["referral"])
    claim = bundle["entry"][0]["resource"]
    if isinstance(value, list):
        claim[name][0] |= value[0]
    else:
        claim[name] = value

    [place] = places_of(bundle, version)

    assert place.startswith(f"Bundle.entry.resource.{name}")


@pytest.mark.parametrize("version", ["2.0.1", "2.2.1"])
def test_a_diagnosis_is_of_one_type(version: str) -> None:
    bundle = copy.deepcopy(samples()["referral"])
    system = PAS + "CodeSystem/PASTempCodes"
    kind = {"coding": [{"system": system, "code": "principal"}]}
    first(bundle, "Claim")["diagnosis"][0]["type"] = [kind]

    assert places_of(copy.deepcopy(bundle), version) == []
    first(bundle, "Claim")["diagnosis"][0]["type"].append(kind)
    assert places_of(bundle, version) == ["Bundle.entry.resource.diagnosis[0].type"]


@pytest.mark.parametrize("version", ["2.0.1", "2.2.1"])
def test_the_role_of_a_person_may_come_from_anywhere(version: str) -> None:
    bundle = copy.deepcopy(samples()["referral"])
    claim = bundle["entry"][0]["resource"]
    role = {"system": "http://terminology.hl7.org/CodeSystem/claimcareteamrole", "code": "primary"}
    claim["careTeam"][0]["role"] = {"coding": [role]}
    kind = {"system": "http://terminology.hl7.org/CodeSystem/organization-type", "code": "prov"}
    first(bundle, "Organization")["type"] = [{"coding": [kind]}]

    assert places_of(bundle, version) == []


def test_an_identifier_may_hide_its_value_and_say_why() -> None:
    bundle = copy.deepcopy(samples()["home-care"])
    masked = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason"}
    hidden = {"system": "urn:x", "_value": {"extension": [masked | {"valueCode": "masked"}]}}
    first(bundle, "Patient")["identifier"].append(hidden)

    assert places_of(bundle, "2.2.1") == []
