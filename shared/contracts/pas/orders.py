"""What PAS asks of the orders and the stay that a claim and its items point at."""

from shared.contracts.pas.element import Element
from shared.contracts.pas.entries import Entries
from shared.contracts.pas.parties import check_patient, check_places
from shared.contracts.pas.profiles import check_rows, pas_rows

_REQUEST_STATUS = frozenset(
    {"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"}
)
_MEDICATION_STATUS = frozenset(
    {
        *("active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft"),
        "unknown",
    }
)
_STATUS = {
    "DeviceRequest": _REQUEST_STATUS,
    "MedicationRequest": _MEDICATION_STATUS,
    "NutritionOrder": _REQUEST_STATUS,
    "ServiceRequest": _REQUEST_STATUS,
}
# Where each says whom it is for.
_PATIENT = dict.fromkeys((*_STATUS, "Encounter"), "subject") | {"NutritionOrder": "patient"}


def check_order(resource: Element, version: str, entries: Entries, patient: Element | None) -> None:
    """Note what an order has wrong: it must be one, for the claim's patient, in a status of FHIR.

    Args:
        patient: the claim's; None where nobody in the bundle is.

    Source:
        Da Vinci PAS, profiles servicerequest, devicerequest, medicationrequest, nutritionorder and
        encounter: intent is exactly order, a stay is exactly planned, each for the beneficiary.
        FHIR R4, the required bindings of their status.
    """
    kind = resource.text("resourceType")
    check_rows(resource, pas_rows(f"profile-{kind.lower()}", version))
    if kind in _PATIENT:
        check_patient(resource, _PATIENT[kind], patient, entries)
    if kind == "Encounter":
        check_places(resource, entries, version)
    known = _STATUS.get(kind)
    if known is None:
        return
    if resource.text("intent") != "order":
        resource.error("value", "intent must be order.", "intent")
    if resource.text("status") not in known | {""}:
        resource.error("code-invalid", "status is no code of FHIR.", "status")
