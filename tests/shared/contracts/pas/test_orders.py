from typing import Any

import pytest

from shared.contracts.pas.element import Element
from shared.contracts.pas.issues import Findings
from shared.contracts.pas.orders import check_order


def found_in(order: dict[str, Any]) -> list[tuple[str, str]]:
    findings = Findings()
    check_order(Element(order, "order", findings))
    return [(issue.code, issue.expression) for issue in findings.issues]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("DeviceRequest", "on-hold"),
        ("MedicationRequest", "stopped"),
        ("NutritionOrder", "active"),
        ("ServiceRequest", "revoked"),
    ],
)
def test_an_order_is_taken_in_every_status_that_its_kind_has(kind: str, status: str) -> None:
    assert found_in({"resourceType": kind, "intent": "order", "status": status}) == []


@pytest.mark.parametrize("kind", ["DeviceRequest", "ServiceRequest"])
def test_what_is_no_order_or_of_no_known_status_is_told_with_its_place(kind: str) -> None:
    assert found_in({"resourceType": kind, "intent": "plan", "status": "stopped"}) == [
        ("value", "order.intent"),
        ("code-invalid", "order.status"),
    ]


def test_what_is_not_ordered_is_nobodys_order() -> None:
    assert found_in({"resourceType": "Encounter", "status": "planned"}) == []
