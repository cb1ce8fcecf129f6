"""One item of a Claim, read into the domain's ServiceItem."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shared.contracts.pas.element import Element
from shared.contracts.pas.names import EXTENSION, INFO_CANCELLED, REQUEST_TYPES, V2_2_1, x12
from shared.contracts.pas.value_sets import INFO_CHANGES
from shared.domain.prior_authorization.codes import CertificationType, InfoChange
from shared.domain.prior_authorization.request import Identifier, Party, ServiceItem

ITEMS_MAX = 80  # A ruling writes an audit entry for each, and one commit holds a hundred parts.
CERTIFICATION_TYPES = frozenset(CertificationType)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimContext:
    """What the items of a Claim point at by number.

    Attributes:
        diagnoses: ICD-10-CM code by diagnosis sequence.
        care_team: provider by care team sequence; None for one without an identifier.
        information: the sequences of supportingInfo.
        event: first and last day of the patient's event, for items without a date of their own.
    """

    version: str
    diagnoses: Mapping[int, str]
    care_team: Mapping[int, Party | None]
    information: frozenset[int]
    event: tuple[date | None, date | None]


def item_numbers(sequences: Sequence[object]) -> tuple[int, ...]:
    """The domain's number of each item of a Claim, by position.

    It is the item's own sequence; where a sequence repeats, its later items get the next numbers
    that are free after the highest, so that each item keeps one number however often it is read.

    Source:
        FHIR R4 asks for no unique Claim.item.sequence, and a conformant fixture of the Inferno
        kit repeats it with different item trace numbers.
    """
    claimed = [each if isinstance(each, int) else 0 for each in sequences]
    highest = max(claimed, default=0)
    numbers: list[int] = []
    for sequence in claimed:
        if sequence in numbers:
            highest += 1
            numbers.append(highest)
        else:
            numbers.append(sequence)
    return tuple(numbers)


def certification_of(code: str) -> CertificationType:
    """The certification type of an X12 1322 code; a request that names none is an initial one."""
    return CertificationType(code) if code in CERTIFICATION_TYPES else CertificationType.INITIAL


def read_items(claim: Element, context: ClaimContext) -> tuple[ServiceItem, ...]:
    """Every item of the Claim; faults are noted."""
    elements = list(claim.children("item"))
    if len(elements) > ITEMS_MAX:
        claim.error("too-costly", f"A claim must not hold more than {ITEMS_MAX} items.", "item")
        return ()
    numbers = item_numbers([each.json.get("sequence") for each in elements])
    items = tuple(
        item
        for element, number in zip(elements, numbers, strict=True)
        if (item := _read_item(element, number, context))
    )
    repeated = {
        sequence
        for sequence, count in Counter(each.positive("sequence") for each in elements).items()
        if count > 1
    }
    for sequence in repeated - {None}:
        alike = [each for each in elements if each.json.get("sequence") == sequence]
        _check_told_apart(alike)
    return items


def _check_told_apart(elements: list[Element]) -> None:
    """Items that share a sequence must each have a trace number of their own."""
    traces = [_trace_numbers(element) for element in elements]
    if len(set(traces)) < len(traces) or () in traces:
        elements[-1].error(
            "duplicate",
            "Another item has the same sequence, and no item trace number tells them apart.",
            "sequence",
        )
    else:
        elements[-1].warn("duplicate", "Another item has the same sequence.", "sequence")


def _read_item(element: Element, number: int, context: ClaimContext) -> ServiceItem | None:
    """One item, or None where it has no sequence or no service, which is then noted."""
    if "sequence" not in element.json:
        element.error("required", "sequence is missing.", "sequence")
    services = element.codings("productOrService")
    element.required("productOrService")
    category = element.code("category", x12("1365"))
    if context.version == V2_2_1:
        _check_detail(element)
    request_type = _extension_code(element, "serviceItemRequestType", "1525", REQUEST_TYPES)
    certification = _extension_code(element, "certificationType", "1322", CERTIFICATION_TYPES)
    first_day, last_day = _served(element) or context.event
    quantity = element.child("quantity")
    amount = quantity.decimal("value") if quantity else None
    if quantity and amount is not None and amount <= 0:
        quantity.error("value", "quantity must be above zero.", "value")
    places = element.codings("locationCodeableConcept")
    diagnoses = _pointed(element, "diagnosisSequence", context.diagnoses)
    team = _pointed(element, "careTeamSequence", context.care_team)
    _pointed(element, "informationSequence", dict.fromkeys(context.information))
    change = _change(element, certification)
    if not services or number == 0:
        return None
    return ServiceItem(
        sequence=number,
        service=services[0],
        category=category,
        request_type=request_type,
        certification_type=certification_of(certification),
        quantity=amount,
        unit=(quantity.text("code") or quantity.text("unit")) if quantity else "",
        served_from=first_day,
        served_to=last_day,
        place_of_service=places[0].code if places else "",
        modifiers=_modifiers(element),
        diagnosis_codes=tuple(code for code in diagnoses if code),
        provider=next((party for party in team if party), None),
        trace_numbers=_trace_numbers(element),
        change=change,
    )


def _check_detail(element: Element) -> None:
    """Note what an item must say since PAS 2.1: class, kind of review, certification, place."""
    element.required("category")
    for name in ("serviceItemRequestType", "certificationType"):
        if element.extension(name) is None:
            element.error("required", f"{name} is missing.", "extension")
    if not any(name.startswith("location") for name in element.json):
        element.error("required", "locationCodeableConcept is missing.", "locationCodeableConcept")


def _extension_code(element: Element, name: str, code_set: str, allowed: frozenset[str]) -> str:
    """The X12 code in one extension of the item."""
    extension = element.extension(name)
    if extension is None:
        return ""
    return extension.required_code("valueCodeableConcept", x12(code_set), allowed)


def _served(element: Element) -> tuple[date | None, date | None] | None:
    if "servicedDate" in element.json and "servicedPeriod" in element.json:
        element.error("structure", "An item has either servicedDate or servicedPeriod.")
    return element.days("servicedDate") or element.period("servicedPeriod")


def _pointed[T](element: Element, name: str, targets: Mapping[int, T]) -> list[T]:
    """What the item points at by sequence; a number that nothing has is noted."""
    numbers = element.positives(name)
    if any(number not in targets for number in numbers):
        element.error("not-found", f"{name} points at nothing in the claim.", name)
    return [targets[number] for number in numbers if number in targets]


def _modifiers(element: Element) -> tuple[str, ...]:
    return tuple(
        code
        for modifier in element.children("modifier")
        for coding in modifier.children("coding")
        if (code := coding.text("code"))
    )


def _trace_numbers(element: Element) -> tuple[Identifier, ...]:
    return tuple(
        identifier
        for extension in element.extensions(EXTENSION + "itemTraceNumber")
        if (value := extension.child("valueIdentifier")) and (identifier := value.identifier())
    )


def _change(element: Element, certification: str) -> InfoChange | None:
    """What an update says of this item.

    Source:
        Da Vinci PAS, profile claim-update: a cancelled item has the infoCancelled flag and
        certification type 3. The guide's own differential example lacks the type, so its absence
        is a warning.
    """
    cancelled = any(
        each.json.get("url") == INFO_CANCELLED and each.flag("valueBoolean")
        for each in element.children("modifierExtension")
    )
    if cancelled != (certification == CertificationType.CANCEL):
        element.warn(
            "business-rule", "A cancelled item has both infoCancelled and certification type 3."
        )
    extension = element.extension("infoChanged")
    code = extension.text("valueCode") if extension else ""
    if cancelled or certification == CertificationType.CANCEL:
        return InfoChange.CANCELLED
    return InfoChange(code) if code in INFO_CHANGES else None
