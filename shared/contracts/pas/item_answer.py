"""The decision on one item, written as ClaimResponse.item and addItem."""

from decimal import Decimal
from typing import Any

from shared.contracts.pas.item_reading import item_numbers
from shared.contracts.pas.names import ADJUDICATION, EXTENSION, REVIEW_REASON, x12
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.decision import ItemDecision
from shared.domain.prior_authorization.request import Coding

Resource = dict[str, Any]

_DISPLAYS = {
    ReviewAction.CERTIFIED: "Certified in total",
    ReviewAction.CERTIFIED_PARTIAL: "Certified - partial",
    ReviewAction.NOT_CERTIFIED: "Not Certified",
    ReviewAction.PENDED: "Pended",
    ReviewAction.MODIFIED: "Modified",
    ReviewAction.CANCELLED: "Cancelled",
    ReviewAction.CONTACT_PAYER: "Contact Payer",
    ReviewAction.NOT_REQUIRED: "No Action Required",
}
_REFERRED_TO = frozenset({ReviewAction.PENDED, ReviewAction.NOT_CERTIFIED})


def claim_items(bundle: Resource) -> dict[int, Resource]:
    """The items of the request's Claim as received, by the domain's number of the item."""
    items: list[Resource] = bundle["entry"][0]["resource"].get("item", [])
    numbers = item_numbers([item["sequence"] for item in items])
    return dict(zip(numbers, items, strict=True))


def answered_item(
    decision: ItemDecision, source: Resource, number: str, case_id: str, notes: list[str]
) -> Resource:
    """The answer to the item as it was asked for.

    Args:
        source: the Claim's item; empty where a cancel sent no items.
        number: the authorization number where the decision has none; empty for no authorization.
        notes: texts of processNote so far; the decision's own is added.
    """
    extensions = _traces(source) + _validity(decision)
    if decision.action in _REFERRED_TO:
        extensions.append(_extension("administrationReferenceNumber", valueString=case_id))
    extensions += _requested_service_date(source)
    if decision.action.authorizes and decision.action is not ReviewAction.MODIFIED:
        extensions += _authorized_detail(decision, source)
    item: Resource = {"extension": extensions} if extensions else {}
    item["itemSequence"] = source.get("sequence", decision.sequence)
    if decision.reason_text:
        notes.append(decision.reason_text)
        item["noteNumber"] = [len(notes)]
    item["adjudication"] = [_adjudication(decision, number)]
    return item


def added_item(decision: ItemDecision, source: Resource, number: str) -> Resource:
    """What is authorized instead of the item that was asked for.

    Source: Da Vinci PAS: a modified item keeps its place in item; addItem is linked by
    itemSequence.
    """
    added: Resource = {
        "extension": _traces(source) + _validity(decision),
        "itemSequence": [source.get("sequence", decision.sequence)],
        "productOrService": _concept(decision.service)
        if decision.service
        else source["productOrService"],
    }
    for echoed in ("modifier", "servicedDate", "servicedPeriod", "locationCodeableConcept"):
        if echoed in source:
            added[echoed] = source[echoed]
    quantity = _quantity(decision.quantity, source)
    if quantity:
        added["quantity"] = quantity
    added["adjudication"] = [_adjudication(decision, number)]
    return added if added["extension"] else {k: v for k, v in added.items() if k != "extension"}


def _adjudication(decision: ItemDecision, number: str) -> Resource:
    """The review action: its code, the authorization number, the reason of a denial."""
    parts: list[Resource] = []
    number = decision.authorization_number or number
    if number:
        parts.append({"url": "number", "valueString": number})
    if decision.reason_code:
        reason = {"coding": [{"system": REVIEW_REASON, "code": decision.reason_code}]}
        parts.append({"url": "reasonCode", "valueCodeableConcept": reason})
    action = {
        "system": x12("306"),
        "code": decision.action.value,
        "display": _DISPLAYS[decision.action],
    }
    parts.append(_extension("reviewActionCode", valueCodeableConcept={"coding": [action]}))
    return {
        "extension": [{"extension": parts, "url": EXTENSION + "reviewAction"}],
        # Fixed by the profile: the answer is on what was submitted.
        "category": {"coding": [{"system": ADJUDICATION, "code": "submitted"}]},
    }


def _traces(source: Resource) -> list[Resource]:
    """The item's trace numbers, as they came."""
    url = EXTENSION + "itemTraceNumber"
    return [each for each in source.get("extension", ()) if each["url"] == url]


def _validity(decision: ItemDecision) -> list[Resource]:
    """When the authorization was issued, and from when to when it holds."""
    if not decision.action.authorizes:
        return []
    issued = decision.decided_at.date().isoformat()
    extensions = [_extension("itemPreAuthIssueDate", valueDate=issued)]
    period = {}
    if decision.effective_from:
        period["start"] = decision.effective_from.isoformat()
    if decision.effective_to:
        period["end"] = decision.effective_to.isoformat()
    if period:
        extensions.append(_extension("itemPreAuthPeriod", valuePeriod=period))
    return extensions


def _requested_service_date(source: Resource) -> list[Resource]:
    """When the service was asked for, as it came."""
    if "servicedPeriod" in source:
        return [_extension("itemRequestedServiceDate", valuePeriod=source["servicedPeriod"])]
    if "servicedDate" in source:
        return [_extension("itemRequestedServiceDate", valueDateTime=source["servicedDate"])]
    return []


def _authorized_detail(decision: ItemDecision, source: Resource) -> list[Resource]:
    """The service and the units that are authorized."""
    service = _concept(decision.service) if decision.service else source.get("productOrService")
    quantity = _quantity(decision.quantity, source)
    parts: list[Resource] = []
    if service:
        parts.append({"url": "productOrServiceCode", "valueCodeableConcept": service})
    if quantity:
        parts.append({"url": "quantity", "valueQuantity": quantity})
    return [{"extension": parts, "url": EXTENSION + "itemAuthorizedDetail"}] if parts else []


def _quantity(certified: Decimal | None, source: Resource) -> Resource | None:
    """The units certified, in the unit that was asked for; as asked where none are stated."""
    asked: Resource | None = source.get("quantity")
    if certified is None:
        return asked
    value = int(certified) if certified == certified.to_integral_value() else float(certified)
    return (asked or {}) | {"value": value}


def _concept(coding: Coding) -> Resource:
    encoded = {"system": coding.system, "code": coding.code}
    return {"coding": [encoded | ({"display": coding.display} if coding.display else {})]}


def _extension(name: str, **value: object) -> Resource:
    return {"url": EXTENSION + name, **value}
