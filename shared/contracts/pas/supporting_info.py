"""What comes along with a Claim: documents, the days of the patient's event, messages."""

from dataclasses import dataclass
from datetime import date

from shared.contracts.pas.element import Element
from shared.contracts.pas.entries import Entries
from shared.contracts.pas.names import EXTENSION, INFO_CANCELLED, V2_2_1, x12
from shared.contracts.pas.parties import check_no_other, check_patient
from shared.contracts.pas.profiles import check_rows, full_dates, pas_rows
from shared.domain.prior_authorization.request import AttachedDocument

_DATED = frozenset({"patientEvent", "admissionDates", "dischargeDates"})
_DOCUMENT = "additionalInformation"
_MESSAGE = "freeFormMessage"
_TIMINGS = ("timingDate", "timingPeriod")
_FULL_DATES = full_dates("timing")


@dataclass(frozen=True, slots=True)
class SupportingInfo:
    """What a Claim's supportingInfo says.

    Attributes:
        sequences: the numbers that items point at.
        event: first and last day of the patient's event or admission.
    """

    sequences: frozenset[int]
    documents: tuple[AttachedDocument, ...]
    event: tuple[date | None, date | None]


def read_supporting_info(
    claim: Element, entries: Entries, version: str, patient: Element | None
) -> SupportingInfo:
    """Everything in supportingInfo; faults are noted.

    Args:
        patient: the claim's; None where nobody in the bundle is.

    Source: Da Vinci PAS, profile claim-base, the slices of supportingInfo; documentInformation
    is compulsory since 2.2.
    """
    sequences: set[int] = set()
    documents: list[AttachedDocument] = []
    events: dict[str, tuple[date | None, date | None]] = {}
    for info in claim.children("supportingInfo"):
        sequence = info.positive("sequence")
        if sequence is None:
            info.error("required", "sequence is missing.", "sequence")
        elif sequence in sequences:
            info.error("duplicate", "Another supportingInfo has the same sequence.", "sequence")
        else:
            sequences.add(sequence)
        category = _category(info)
        days = info.days("timingDate") or info.period("timingPeriod")
        if category in _DATED:
            _check_dated(info, category, events)
            events[category] = days or (None, None)
        elif category in {_DOCUMENT, _MESSAGE}:
            _check_undated(info, category, version)
        resource = _resolve_document(info, claim, entries, is_required=category == _DOCUMENT)
        if resource is None:
            continue
        _check_document(resource, entries, version, patient)
        if not _is_withdrawn(info):
            documents.append(_read_document(info, resource))
    return SupportingInfo(frozenset(sequences), tuple(documents), _event_days(events))


def _category(info: Element) -> str:
    """The code that tells the slice; its system changed between versions, its codes did not."""
    concept = info.required("category")
    return next((each.text("code") for each in concept.children("coding")), "") if concept else ""


def _check_dated(
    info: Element, category: str, seen: dict[str, tuple[date | None, date | None]]
) -> None:
    if category in seen:
        info.error("structure", f"{category} must not repeat.", "category")
    check_rows(info, _FULL_DATES)
    if not any(name in info.json for name in _TIMINGS):
        info.error("required", f"{category} needs a date or a period.", "timing")
    if any(name.startswith("value") for name in info.json):
        info.error("structure", f"{category} has dates only, no value.", "value")


def _check_undated(info: Element, category: str, version: str) -> None:
    if any(name in info.json for name in _TIMINGS):
        info.error("structure", f"{category} has a value only, no dates.", "timing")
    if category == _MESSAGE and "valueString" not in info.json:
        info.error("required", "A free form message needs valueString.", "valueString")
    if category == _DOCUMENT and version == V2_2_1 and not _report_types(info):
        info.error("required", "documentInformation needs a reportTypeCode.", "extension")


def _check_document(
    resource: Element, entries: Entries, version: str, patient: Element | None
) -> None:
    """Note what a document has wrong; whatever kind it is, it tells of nobody but the patient.

    Source:
        Da Vinci PAS 2.2.1, profile documentreference, on US Core: subject is a patient. 2.0.1
        takes any resource there, whose subject FHIR lets be other than a patient.
    """
    kind = resource.text("resourceType")
    if kind == "DocumentReference":
        check_rows(resource, pas_rows("profile-documentreference", version))
        if version == V2_2_1:
            check_patient(resource, "subject", patient, entries)
            return
    check_no_other(resource, patient, entries)


def _event_days(
    events: dict[str, tuple[date | None, date | None]],
) -> tuple[date | None, date | None]:
    """The patient's event, else the time from admission to discharge."""
    if "patientEvent" in events:
        return events["patientEvent"]
    admitted = events.get("admissionDates", (None, None))
    discharged = events.get("dischargeDates", (None, None))
    return admitted[0], discharged[1] or admitted[1]


def _is_withdrawn(info: Element) -> bool:
    return any(
        each.json.get("url") == INFO_CANCELLED and each.flag("valueBoolean")
        for each in info.children("modifierExtension")
    )


def _resolve_document(
    info: Element, claim: Element, entries: Entries, *, is_required: bool
) -> Element | None:
    """The document that a supportingInfo points at; None where it says something else."""
    if "valueReference" not in info.json:
        if is_required:
            info.error("required", "Additional information needs a valueReference.", "value")
        return None
    resource = entries.resolve(info, "valueReference", (), holder=claim)
    return resource if is_required else None


def _read_document(info: Element, resource: Element) -> AttachedDocument:
    """The document in the domain's words."""
    return AttachedDocument(
        kind=(_types(resource) or _report_types(info) or [resource.text("resourceType")])[0],
        title=resource.text("description"),
        questionnaire=read_questionnaire(resource),
    )


def read_kind(resource: Element) -> str:
    """What a document is: the code of its type, of what was observed, else the resource type."""
    return (_types(resource) or [resource.text("resourceType")])[0]


def read_questionnaire(resource: Element) -> str:
    """The canonical URL of the questionnaire that a DTR answer answers."""
    value = resource.json.get("questionnaire")
    return value if isinstance(value, str) else ""


def _types(resource: Element) -> list[str]:
    """The codes of a document's type, or of what was observed."""
    # Other resources have a plain code or a list there, which says nothing here.
    names = [name for name in ("type", "code") if isinstance(resource.json.get(name), dict)]
    return [coding.code for name in names for coding in resource.codings(name)]


def _report_types(info: Element) -> list[str]:
    """The X12 755 codes in the documentInformation extension."""
    return [
        code
        for extension in info.extensions(EXTENSION + "documentInformation")
        for part in extension.extensions("reportTypeCode")
        if (code := part.code("valueCodeableConcept", x12("755")))
    ]
