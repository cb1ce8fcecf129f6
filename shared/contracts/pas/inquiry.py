"""Asking for the authorizations of a member: Claim/$inquire, in both versions' forms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared.contracts.pas.base_structure import check_base_structure
from shared.contracts.pas.claim_extensions import check_extensions
from shared.contracts.pas.element import Element
from shared.contracts.pas.envelope import open_envelope, read_participants
from shared.contracts.pas.names import EXTENSION, PROFILE, V2_0_1, V2_2_1, x12
from shared.contracts.pas.submission import read_care_team, read_diagnoses, read_identifier
from shared.contracts.pas.supporting_info import read_supporting_info
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.request import Coding, Identifier, Party

Resource = dict[str, Any]
Days = tuple[date | None, date | None]

ANY_DAY: Days = (None, None)
_ABSENT = Party(Identifier("", ""))
_TRACE = EXTENSION + "itemTraceNumber"
_NO_SERVICE = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_NUMBERS = ("authorizationNumber", "administrationReferenceNumber")


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryItem:
    """One item to look for; what is empty or None restricts nothing.

    Attributes:
        service: the service's code, None also where it is said not to apply; service_end: the last
            code of a range that begins with it.
        category: X12 1365 code of the kind of service.
        issued, effective, expires, served: first and last day looked for, either end open.
        action: the review action looked for.
    """

    service: Coding | None = None
    service_end: str = ""
    category: str = ""
    served: Days = ANY_DAY
    issued: Days = ANY_DAY
    effective: Days = ANY_DAY
    expires: Days = ANY_DAY
    action: ReviewAction | None = None
    trace_numbers: tuple[Identifier, ...] = ()
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """What is asked.

    Attributes:
        identifier: of the Claim asked for; it may be one that an update has replaced, and it may
            be an authorization or an administration reference number.
        numbers: authorization and administration reference numbers asked for.
        period, event: first and last day of service, and of the patient's event; both None for any.
        version: the PAS version, which decides the form of the answer.
        bundle: as received.
    """

    version: str
    member: Identifier
    requestor: Party
    insurer: Party
    identifier: Identifier | None
    numbers: tuple[str, ...]
    period: Days
    event: Days = ANY_DAY
    diagnosis_codes: tuple[str, ...]
    items: tuple[InquiryItem, ...]
    bundle: Resource


def read_inquiry(body: bytes) -> Inquiry:
    """The question in the body of a Claim/$inquire.

    Raises:
        Malformed: with an issue for each fault found; requestor, insurer and member identifier
            are compulsory.

    Source:
        Da Vinci PAS 2.2.1 and 2.0.1, profiles pas-inquiry-request-bundle and claim-inquiry;
        prior authorization inquiries: not-applicable means no product or service code.
    """
    envelope = open_envelope(body)
    participants = read_participants(envelope)
    claim, version = envelope.claim, participants.version
    check_extensions(claim)
    read_care_team(claim, envelope.entries, version)
    read_diagnoses(claim)
    diagnoses = [
        coding.code
        for diagnosis in claim.children("diagnosis")
        for coding in diagnosis.codings("diagnosisCodeableConcept")
    ]
    items = tuple(_read_item(each) for each in claim.children("item"))
    numbers = [number for each in claim.children("insurance") for number in _references(each)]
    numbers += _numbers(claim)
    inquiry = Inquiry(
        version=version,
        member=participants.member or _ABSENT.identifier,
        requestor=participants.requestor or _ABSENT,
        insurer=participants.insurer or _ABSENT,
        identifier=_read_identifier(claim, version),
        numbers=(*numbers, *(number for item in items for number in item.numbers)),
        period=claim.period("billablePeriod") or ANY_DAY,
        event=read_supporting_info(claim, envelope.entries, version, participants.patient).event,
        diagnosis_codes=tuple(diagnoses),
        items=items,
        bundle=envelope.bundle,
    )
    envelope.findings.raise_errors()
    check_base_structure(envelope.bundle, envelope.findings)
    envelope.findings.raise_errors()
    return inquiry


def _read_identifier(claim: Element, version: str) -> Identifier | None:
    """The identifier of the Claim asked for, or of the inquiry.

    Source: Da Vinci PAS 2.2.1, profile claim-inquiry: exactly one; 2.0.1 leaves it open.
    """
    elements = list(claim.children("identifier"))
    if version != V2_2_1:
        return next((found for each in elements if (found := each.identifier())), None)
    if len(elements) > 1:
        claim.error("structure", "An inquiry has one identifier.", "identifier")
    return read_identifier(claim, version)


def inquiry_answer(
    inquiry: Inquiry, answers: Sequence[Resource], *, answered_at: datetime
) -> Resource:
    """The authorizations found, in the form that the sender's version asks for.

    Args:
        answers: the response bundle of each case found, as answer_bundle writes it.

    Source:
        Da Vinci PAS, operation Claim-inquiry: 2.0.1 answers one bundle with all ClaimResponses,
        2.2.1 Parameters with one bundle for each.
    """
    if inquiry.version == V2_0_1:
        return _one_bundle(inquiry, answers, answered_at)
    found = [
        {"name": "responseBundle", "resource": _as_inquiry_response(answer)} for answer in answers
    ]
    parameters: Resource = {"resourceType": "Parameters"}
    return parameters | ({"parameter": found} if found else {})


def _as_inquiry_response(answer: Resource) -> Resource:
    """A response bundle with the profiles of an inquiry's response."""
    first, *rest = answer["entry"]
    response = first["resource"] | {"meta": {"profile": [PROFILE + "profile-claiminquiryresponse"]}}
    return answer | {
        "meta": {"profile": [PROFILE + "profile-pas-inquiry-response-bundle"]},
        "entry": [first | {"resource": response}, *rest],
    }


def _one_bundle(inquiry: Inquiry, answers: Sequence[Resource], answered_at: datetime) -> Resource:
    """All ClaimResponses in one bundle, with the parties they name, each once.

    The claims themselves are left out, as in the guide's example: two requests may use one
    fullUrl for different claims.
    """
    responses: list[Resource] = []
    parties: dict[str, Resource] = {}
    for answer in answers:
        first, *rest = _as_inquiry_response(answer)["entry"]
        response = {name: value for name, value in first["resource"].items() if name != "request"}
        responses.append(first | {"resource": response})
        named = {response[each].get("reference") for each in ("patient", "insurer", "requestor")}
        parties |= {each["fullUrl"]: each for each in rest if each["fullUrl"] in named}
    for entry in inquiry.bundle["entry"][1:]:
        parties.setdefault(entry["fullUrl"], entry)
    return {
        "resourceType": "Bundle",
        "meta": {"profile": [PROFILE + "profile-pas-inquiry-response-bundle"]},
        "identifier": inquiry.bundle["identifier"],
        "type": "collection",
        "timestamp": answered_at.isoformat(),
        "entry": responses + list(parties.values()),
    }


def _read_item(item: Element) -> InquiryItem:
    services = [each for each in item.codings("productOrService") if each.system != _NO_SERVICE]
    end = item.extension("productOrServiceCodeEnd")
    ends = end.codings("valueCodeableConcept") if end else []
    action = item.extension("reviewActionCode")
    code = (
        action.required_code("valueCodeableConcept", x12("306"), frozenset(ReviewAction))
        if action
        else ""
    )
    traces = (each.child("valueIdentifier") for each in item.extensions(_TRACE))
    return InquiryItem(
        service=services[0] if services else None,
        service_end=ends[0].code if ends else "",
        category=item.code("category", x12("1365")),
        served=item.days("servicedDate") or item.period("servicedPeriod") or ANY_DAY,
        issued=_days(item, "itemCertificationIssueDate"),
        effective=_days(item, "itemCertificationEffectiveDate"),
        expires=_days(item, "itemCertificationExpirationDate"),
        action=ReviewAction(code) if code in frozenset(ReviewAction) else None,
        trace_numbers=tuple(i for each in traces if each and (i := each.identifier())),
        numbers=_numbers(item),
    )


def _numbers(element: Element) -> tuple[str, ...]:
    """The payer's own numbers in the extensions of a Claim or an item."""
    return tuple(
        number
        for name in _NUMBERS
        if (extension := element.extension(name)) and (number := extension.text("valueString"))
    )


def _days(item: Element, name: str) -> Days:
    """The days in an extension that holds a date or a period; check_extensions judges them."""
    extension = item.extension(name)
    if extension is None:
        return ANY_DAY
    if not {"valueDate", "valuePeriod"} & set(extension.json):
        extension.error("structure", f"{name} must hold valueDate or valuePeriod.")
    return extension.days("valueDate") or extension.period("valuePeriod") or ANY_DAY


def _references(insurance: Element) -> tuple[str, ...]:
    """The authorization numbers that an insurance element lists."""
    numbers = insurance.json.get("preAuthRef")
    if not isinstance(numbers, list):
        return ()
    return tuple(each for each in numbers if isinstance(each, str))
