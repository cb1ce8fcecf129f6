from typing import Any

import pytest

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
