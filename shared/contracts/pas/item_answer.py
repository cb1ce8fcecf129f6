"""The decision on one item, written as ClaimResponse.item and addItem."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from shared.contracts.pas.item_reading import item_numbers
from shared.contracts.pas.names import ADJUDICATION, EXTENSION, REVIEW_REASON, V2_0_1, x12
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.decision import ItemDecision
from shared.domain.prior_authorization.request import Coding, Identifier, ServiceItem

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


def asked_items(bundle: Resource, items: Iterable[ServiceItem]) -> dict[int, Resource]:
    """What was asked, by the domain's number of the item: as received, where the bundle says it.

    A differential update leaves out what stands as it was; that is told as it is known.

    Args:
        items: every item that the request stands for.
    """
    received = claim_items(bundle)
    left_out = (item for item in items if item.sequence not in received)
    return received | {item.sequence: _as_claimed(item) for item in left_out}


def _as_claimed(item: ServiceItem) -> Resource:
    """An item as a Claim would say it, as far as the domain knows it."""
    claimed: Resource = {
        "sequence": item.sequence,
        "productOrService": _concept(item.service),
        "extension": [
            _extension("itemTraceNumber", valueIdentifier=encoded_identifier(trace))
            for trace in item.trace_numbers
        ],
    }
    first, last = item.served_from, item.served_to
    if first and first == last:
        claimed["servicedDate"] = first.isoformat()
    elif first or last:
        days = {"start": first, "end": last}
        claimed["servicedPeriod"] = {name: day.isoformat() for name, day in days.items() if day}
    if item.quantity is not None:
        unit = {"unit": item.unit} if item.unit else {}
        claimed["quantity"] = {"value": _number(item.quantity)} | unit
    return claimed


def encoded_identifier(identifier: Identifier) -> Resource:
    """An Identifier as FHIR writes it; one without a system has its value only."""
    encoded = {"system": identifier.system, "value": identifier.value}
    return encoded if identifier.system else {"value": identifier.value}


def told_in(version: str, decision: ItemDecision, source: Resource) -> ItemDecision:
    """The decision in the review actions of a version of PAS.

    Args:
        source: what was asked; empty where the request that is answered did not ask it.

    Source:
        Da Vinci PAS 2.2.1, returning authorized items that are different from what was requested:
        an item whose certified quantity is another one is A6, with an addItem. 2.0.1 has A2.
    """
    if version == V2_0_1 or not source:
        return decision
    if not decision.action.authorizes or decision.quantity is None:
        return decision
    asked = source.get("quantity", {}).get("value")
    if asked is not None and Decimal(str(asked)) == decision.quantity:
        return decision
    return replace(decision, action=ReviewAction.MODIFIED)


def answered_item(
    decision: ItemDecision, source: Resource, number: str, case_id: str, notes: list[str]
) -> Resource:
    """The answer to the item as it was asked for.

    Args:
        source: the Claim's item; empty where none is known.
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
    return (asked or {}) | {"value": _number(certified)}


def _number(quantity: Decimal) -> int | float:
    """A quantity as JSON writes it."""
    return int(quantity) if quantity == quantity.to_integral_value() else float(quantity)


def _concept(coding: Coding) -> Resource:
    encoded = {"system": coding.system, "code": coding.code}
    return {"coding": [encoded | ({"display": coding.display} if coding.display else {})]}


def _extension(name: str, **value: object) -> Resource:
    return {"url": EXTENSION + name, **value}
