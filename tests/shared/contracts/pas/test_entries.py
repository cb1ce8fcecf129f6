from typing import Any

import pytest

from shared.contracts.pas.element import Element
from shared.contracts.pas.entries import Entries
from shared.contracts.pas.issues import Findings

UUID = "urn:uuid:0b321e9e-571b-4f83-8cea-fa23424383bb"


def patient(patient_id: str) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": patient_id,
        "identifier": [{"system": "urn:x", "value": "1"}],
        "name": [{"family": "F"}],
        "gender": "unknown",
    }


def bundle(*urls: str, patient_id: str = "p") -> dict[str, Any]:
    return {"entry": [{"fullUrl": url, "resource": patient(patient_id)} for url in urls]}


def read(value: dict[str, Any]) -> tuple[Entries, list[str]]:
    findings = Findings()
    entries = Entries(value, findings)
    return entries, [issue.code for issue in findings.issues]


@pytest.mark.parametrize(
    ("url", "reference"),
    [
        ("https://a.example/fhir/Patient/p", "Patient/p"),
        ("https://a.example/fhir/Patient/p", "https://a.example/fhir/Patient/p"),
        ("https://a.example/fhir/Patient/p", "Patient/p/_history/3"),
        (UUID, UUID),
        (UUID, "Patient/p"),
    ],
)
def test_a_reference_finds_its_resource(url: str, reference: str) -> None:
    entries, issues = read(bundle(url))
    assert entries.first is not None

    found = entries.find(reference, entries.first)

    assert issues == []
    assert found is not None
    assert entries.url_of(found) == url


@pytest.mark.parametrize(
    "reference", ["Patient/q", "https://b.example/fhir/Patient/p", "#p", "p", "urn:uuid:p"]
)
def test_a_reference_to_another_resource_finds_nothing(reference: str) -> None:
    entries, _ = read(bundle("https://a.example/fhir/Patient/p"))
    assert entries.first is not None

    assert entries.find(reference, entries.first) is None


def test_the_same_id_on_two_servers_means_the_one_beside_the_holder() -> None:
    first, second = "https://a.example/fhir/Patient/p", "https://b.example/fhir/Patient/p"
    entries, _ = read(bundle(first, second))
    holder = entries.find(second, Element({}, "", Findings()))
    assert holder is not None

    found = entries.find("Patient/p", holder)

    assert found is not None
    assert entries.url_of(found) == second


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"entry": [{"resource": patient("p")}]}, "required"),
        ({"entry": [{"fullUrl": UUID}]}, "required"),
        (bundle(UUID, UUID), "duplicate"),
        (bundle("Patient/p"), "value"),
        (bundle("urn:uuid:1"), "value"),
        (bundle("https://a.example/fhir/Claim/p"), "value"),
        (bundle("https://a.example/fhir/Patient/other"), "value"),
        ({"entry": ["x"]}, "structure"),
        ({"entry": [bundle(UUID)["entry"][0] | {"request": {"method": "PUT"}}]}, "structure"),
        (bundle(*(f"https://a.example/{n}/Patient/p" for n in range(501))), "too-costly"),
        ({"entry": [{"fullUrl": UUID, "resource": {"resourceType": "Patient"}}]}, "required"),
    ],
)
def test_a_faulty_entry_is_noted(value: dict[str, Any], code: str) -> None:
    assert code in read(value)[1]
