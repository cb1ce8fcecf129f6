"""What PAS asks of the orders that a claim's items point at."""

from shared.contracts.pas.element import Element

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


def check_order(resource: Element) -> None:
    """Note what an order has wrong: it must be one, in a status that FHIR knows.

    Source:
        Da Vinci PAS, profiles servicerequest, devicerequest, medicationrequest and nutritionorder:
        intent is exactly order. FHIR R4, the required bindings of their status.
    """
    known = _STATUS.get(resource.text("resourceType"))
    if known is None:
        return
    if resource.text("intent") != "order":
        resource.error("value", "intent must be order.", "intent")
    if resource.text("status") not in known:
        resource.error("code-invalid", "status is no code of FHIR.", "status")
