from typing import Any

import pytest

from shared.contracts.pas.claim_extensions import check_extensions
from shared.contracts.pas.element import Element
from shared.contracts.pas.issues import Findings

type Resource = dict[str, Any]

PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-"


def coded(url: str, element: str, code: str) -> Resource:
    coding = {"system": f"https://codesystem.x12.org/005010/{element}", "code": code}
    return {"url": url, "valueCodeableConcept": {"coding": [coding]}}


PARTS = {
    "prognosis": coded("prognosis", "923", "1"),
    "date": {"url": "date", "valueDate": "2026-12-01"},
    "category": coded("category", "1136", "07"),
    "indicator": {"url": "indicator", "valueBoolean": True},
    "code": coded("code", "1321", "01"),
    "reportTypeCode": coded("reportTypeCode", "755", "B3"),
    "transmissionMethod": coded("transmissionMethod", "756", "EL"),
    "controlNumber": {"url": "controlNumber", "valueString": "1"},
    "description": {"url": "description", "valueString": "A letter"},
}
COMPLEX = {
    "homeHealthCareInformation": ("prognosis", "date"),
    "conditionCode": ("category", "indicator", "code"),
    "documentInformation": (
        *("reportTypeCode", "transmissionMethod", "controlNumber", "description"),
    ),
}
JURISDICTION = PAS + "identifierJurisdiction"


def extension(name: str, **changed: Resource) -> Resource:
    """The extension with all its parts, some of them changed."""
    parts = [changed.get(part, PARTS[part]) for part in COMPLEX[name]]
    return {"url": PAS + name, "extension": parts}


def found_in(claim: Resource) -> list[tuple[str, str]]:
    findings = Findings()
    check_extensions(Element(claim, "Claim", findings))
    return [(issue.code, issue.expression) for issue in findings.issues]


@pytest.mark.parametrize("name", COMPLEX)
def test_an_extension_may_have_all_its_parts(name: str) -> None:
    assert found_in({"extension": [extension(name)]}) == []


@pytest.mark.parametrize(
    ("name", "index", "part"),
    [(name, index, part) for name in COMPLEX for index, part in enumerate(COMPLEX[name])],
)
def test_a_part_of_another_kind_is_told_with_its_place(name: str, index: int, part: str) -> None:
    wrong = {"url": part, "valueInteger": 1}

    found = found_in({"extension": [extension(name, **{part: wrong})]})

    assert ("structure", f"Claim.extension[0].extension[{index}]") in found


@pytest.mark.parametrize("trace", [True, False])
def test_who_gave_a_number_is_told_in_a_code(*, trace: bool) -> None:
    identifier = {"value": "1", "extension": [{"url": JURISDICTION, "valueString": "MA"}]}
    claim: Resource = {"identifier": [identifier]}
    place = "Claim.identifier[0].extension[0]"
    if trace:
        number = {"url": PAS + "itemTraceNumber", "valueIdentifier": identifier}
        claim = {"item": [{"extension": [number]}]}
        place = "Claim.item[0].extension[0].valueIdentifier.extension[0]"

    assert found_in(claim) == [("structure", place)]


@pytest.mark.parametrize("part", ["item", "supportingInfo"])
def test_what_changed_was_added_or_changed(part: str) -> None:
    def changed(code: str) -> Resource:
        return {part: [{"extension": [{"url": PAS + "infoChanged", "valueCode": code}]}]}

    assert found_in(changed("added")) == []
    assert found_in(changed("foo")) == [("code-invalid", f"Claim.{part}[0].extension[0].valueCode")]


@pytest.mark.parametrize(
    "extension",
    [
        {"url": PAS + "authorizationNumber", "valueString": "1"},
        {"url": PAS + "requestedService", "valueReference": {"reference": "ServiceRequest/1"}},
        extension("homeHealthCareInformation"),
    ],
)
def test_what_is_said_once_must_not_repeat(extension: Resource) -> None:
    assert found_in({"item": [{"extension": [extension]}]}) == []
    assert found_in({"item": [{"extension": [extension, extension]}]}) == [
        ("structure", "Claim.item[0].extension")
    ]


def test_a_part_must_not_repeat_unless_it_may() -> None:
    home_care = extension("homeHealthCareInformation")
    home_care["extension"].append(PARTS["date"])
    condition = extension("conditionCode")
    condition["extension"].append(PARTS["code"])
    trace = {"url": PAS + "itemTraceNumber", "valueIdentifier": {"value": "1"}}

    assert found_in({"extension": [home_care]}) == [("structure", "Claim.extension[0].extension")]
    assert found_in({"extension": [condition, condition]}) == []
    assert found_in({"item": [{"extension": [trace, trace]}]}) == []


def test_what_pas_does_not_know_may_repeat() -> None:
    seen = {"url": "https://provider.careloom.example/seen", "valueDate": "2026"}

    assert found_in({"extension": [seen, seen]}) == []
