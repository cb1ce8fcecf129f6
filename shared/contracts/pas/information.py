"""Asking the provider for more information, and reading what he sends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared.contracts.pas.base_structure import check_resource
from shared.contracts.pas.element import Element
from shared.contracts.pas.issues import Findings
from shared.contracts.pas.item_answer import claim_items, encoded_identifier
from shared.contracts.pas.json_body import read_resource
from shared.contracts.pas.names import EXTENSION, LOINC, PAS_CODES, PROFILE, V2_0_1
from shared.contracts.pas.supporting_info import read_kind, read_questionnaire
from shared.domain.prior_authorization.request import (
    AttachedDocument,
    AuthorizationRequest,
    Coding,
    Identifier,
)

Resource = dict[str, Any]

TRACKING = "https://careloom.example/information-requests"
QUESTIONNAIRE_NEEDED = Coding(LOINC, "102089-0")


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationNeed:
    """One thing that is asked for.

    Attributes:
        sequence: the item that it is for.
        code: an X12 755 code (PWK01) or a LOINC code; QUESTIONNAIRE_NEEDED for a questionnaire.
        context: the trace number by which DTR finds the questionnaire; only with that code.
    """

    code: Coding
    sequence: int
    context: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One document that came, with the lines of the request that it is for.

    Attributes:
        lines: item sequences as the sender wrote them; empty for the whole request.
        content: the resource as received.
    """

    document: AttachedDocument
    lines: tuple[str, ...]
    content: Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedAttachments:
    """What came in answer to a request for information, or unasked.

    Attributes:
        tracking: the Task's identifier, or the Claim's where nobody asked.
        is_final: whether the sender says that nothing more follows.
        content: the message as received.
    """

    tracking: Identifier
    member: Identifier | None
    service_date: date | None
    attachments: tuple[Attachment, ...]
    is_final: bool
    content: Resource


def information_task(
    bundle: Resource,
    request: AuthorizationRequest,
    needs: Sequence[InformationNeed],
    *,
    task_id: str,
    payer_url: str,
    authored_at: datetime,
    due_at: datetime | None = None,
) -> Resource:
    """The Task that asks the requestor for information; one Task for each type.

    Args:
        needs: all with codes of one system, or all for questionnaires; at least one.
        task_id: the tracking number that comes back with the answer.
        payer_url: where $submit-attachment is offered.

    Source:
        Da Vinci PAS, request for additional information, profile task: each need has its line
        number, and a questionnaire is LOINC 102089-0 with the DTR context as its TRN. The line
        number's extension and the context changed their names and types between 2.0.1 and 2.2.1.
        X12 755 codes are told in 2.2.1 too: its text and the definitions of its codes name them,
        though its binding says LOINC, which the guide has mended since.
    """
    is_questionnaire = needs[0].code == QUESTIONNAIRE_NEEDED
    sequences = {number: item["sequence"] for number, item in claim_items(bundle).items()}
    task: Resource = {
        "resourceType": "Task",
        "id": task_id,
        "meta": {"profile": [PROFILE + "profile-task"]},
        "identifier": [{"system": TRACKING, "value": task_id}],
        "status": "requested",
        "intent": "order",
        "code": _pas_code(
            "attachment-request-questionnaire" if is_questionnaire else "attachment-request-code"
        ),
        "for": {"reference": request.patient_reference}
        if request.patient_reference
        else {"identifier": encoded_identifier(request.member)},
        "authoredOn": authored_at.isoformat(),
        "requester": {"identifier": encoded_identifier(request.insurer.identifier)},
        "owner": {"identifier": encoded_identifier(request.requestor.identifier)},
        "reasonCode": _pas_code("priorAuthorization"),
        "reasonReference": {"reference": bundle["entry"][0]["fullUrl"]},
    }
    if due_at:
        task["restriction"] = {"period": {"end": due_at.isoformat()}}
    task["input"] = [{"type": _pas_code("payer-url"), "valueUrl": payer_url}]
    for need in needs:
        line = sequences.get(need.sequence, need.sequence)
        task["input"] += _inputs(need, line, request.profile_version)
    return task


def read_submit_attachment(body: bytes) -> SubmittedAttachments:
    """The documents in the body of a $submit-attachment.

    Raises:
        Malformed: with an issue for each fault found.

    Source:
        Da Vinci CDex 2.1, operation submit-attachment.
    """
    resource = read_resource(body)
    findings = Findings()
    root = Element(resource, "Parameters", findings)
    if root.text("resourceType") != "Parameters":
        findings.error("structure", "The resource must be Parameters.")
        findings.raise_errors()
    tracking = _identifier(root, "TrackingId")
    if tracking is None:
        root.error("required", "TrackingId is missing.", "parameter")
    target = next((each.text("valueCode") for each in _named(root, "AttachTo")), "")
    if target != "preauthorization":
        root.error("value", "AttachTo must be preauthorization.", "parameter")
    dates = [
        each.days("valueDate") or each.days("valueDateTime") for each in _named(root, "ServiceDate")
    ]
    attachments = [
        found for each in _named(root, "Attachment") if (found := _read_attachment(each))
    ]
    if not attachments:
        root.error("required", "Attachment is missing.", "parameter")
    final = [each.flag("valueBoolean") for each in _named(root, "Final")]
    submitted = SubmittedAttachments(
        tracking=tracking or Identifier("", ""),
        member=_identifier(root, "MemberId"),
        service_date=dates[0][0] if dates and dates[0] else None,
        attachments=tuple(attachments),
        is_final=not final or final[0],
        content=resource,
    )
    findings.raise_errors()
    check_resource(resource, "Parameters", findings)
    findings.raise_errors()
    return submitted


def _inputs(need: InformationNeed, line: int, version: str) -> Iterator[Resource]:
    """The Task's inputs for one need: the code, and for a questionnaire its context."""
    is_old = version == V2_0_1
    number = (
        {"url": EXTENSION + "paLineNumber", "valueInteger": line}
        if is_old
        else {"url": EXTENSION + "serviceLineNumber", "valuePositiveInt": line}
    )
    extension: Resource = {"extension": [number]}
    code = {"coding": [{"system": need.code.system, "code": need.code.code}]}
    yield extension | {"type": _pas_code("attachments-needed"), "valueCodeableConcept": code}
    if not need.context:
        return
    if is_old:
        context = {"system": TRACKING, "value": need.context}
        yield extension | {"type": _pas_code("questionnaires-needed"), "valueIdentifier": context}
    else:
        yield extension | {"type": _pas_code("questionnaire-context"), "valueString": need.context}


def _pas_code(code: str) -> Resource:
    return {"coding": [{"system": PAS_CODES, "code": code}]}


def _named(parent: Element, name: str, children: str = "parameter") -> Iterator[Element]:
    return (each for each in parent.children(children) if each.json.get("name") == name)


def _identifier(root: Element, name: str) -> Identifier | None:
    """A parameter that is an Identifier, or in older senders a string."""
    for parameter in _named(root, name):
        value = parameter.child("valueIdentifier")
        found = value.identifier() if value else None
        if found:
            return found
        if text := parameter.text("valueString"):
            return Identifier("", text)
    return None


def _read_attachment(parameter: Element) -> Attachment | None:
    """One Attachment parameter: lines, code and the document itself."""
    content = next(
        (
            found
            for each in _named(parameter, "Content", "part")
            if (found := each.child("resource"))
        ),
        None,
    )
    if content is None:
        parameter.error("required", "An Attachment needs Content with a resource.", "part")
        return None
    codes = [
        coding.code
        for each in _named(parameter, "Code", "part")
        for coding in each.codings("valueCodeableConcept")
    ]
    lines = [each.text("valueString") for each in _named(parameter, "LineItem", "part")]
    return Attachment(
        document=AttachedDocument(
            kind=codes[0] if codes else read_kind(content),
            title=content.text("description"),
            questionnaire=read_questionnaire(content),
        ),
        lines=tuple(line for line in lines if line),
        content=content.json,
    )
