"""The payer's decisions, written as a Da Vinci PAS response bundle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from shared.contracts.pas.entries import Entries
from shared.contracts.pas.issues import Findings
from shared.contracts.pas.item_answer import (
    added_item,
    answered_item,
    asked_items,
    encoded_identifier,
    told_in,
)
from shared.contracts.pas.names import EXTENSION, PROFILE, V2_0_1, x12
from shared.contracts.pas.reject_reasons import place_of
from shared.domain.prior_authorization.codes import Level, ReviewAction
from shared.domain.prior_authorization.decision import RULES, ItemDecision
from shared.domain.prior_authorization.request import AuthorizationRequest, Identifier

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BusinessError:
    """Why a well-formed request cannot be decided.

    Attributes:
        code_901: X12 901 reject reason, such as 75 for a subscriber who is not found.
        followup_889: X12 889 follow-up action, such as C for correct and resend.
        text: a sentence for the sender's staff.
    """

    code_901: str
    followup_889: str
    text: str


def answer_bundle(
    bundle: Resource,
    request: AuthorizationRequest,
    decisions: Sequence[ItemDecision],
    *,
    case_id: str,
    answered_at: datetime,
    authorization_number: str = "",
    info_tasks: Sequence[Resource] = (),
) -> Resource:
    """The response bundle: a ClaimResponse first, then the request's entries as they came.

    An item without a decision is answered as pended.

    Args:
        bundle: the request as received.
        decisions: made at a moment of the plan's own time zone; its day is the date of issue.
        authorization_number: of the case; an item's own number goes before it.
        info_tasks: Tasks that ask for more information, see information_task.

    Source:
        Da Vinci PAS, profiles pas-response-bundle and claimresponse. A pend is outcome complete
        with A4 in 2.2.1, queued with A4 in 2.0.1. The echoed entries keep their fullUrls.
    """
    sources = asked_items(bundle, request.items)
    answered = [
        told_in(request.profile_version, each, sources.get(each.sequence, {}))
        for each in _with_pends(request, decisions, answered_at)
    ]
    response = _claim_response(bundle, request, case_id, answered_at)
    is_pended = any(not each.action.is_final for each in answered)
    response["outcome"] = (
        "queued" if is_pended and request.profile_version == V2_0_1 else "complete"
    )
    if request.profile_version != V2_0_1:
        response |= _reviewer(decisions)
    response |= _authorization(answered, authorization_number)
    notes: list[str] = []
    numbered = [(each, authorization_number if each.action.authorizes else "") for each in answered]
    items = [
        answered_item(each, sources.get(each.sequence, {}), number, case_id, notes)
        for each, number in numbered
    ]
    added = [
        added_item(each, sources.get(each.sequence, {}), number)
        for each, number in numbered
        if each.action is ReviewAction.MODIFIED and (each.service or each.sequence in sources)
    ]
    response |= {name: each for name, each in (("item", items), ("addItem", added)) if each}
    if notes:
        response["processNote"] = _notes(notes)
    return _response_bundle(bundle, response, answered_at, info_tasks)


def business_error_bundle(
    bundle: Resource,
    request: AuthorizationRequest,
    errors: Sequence[BusinessError],
    *,
    case_id: str,
    answered_at: datetime,
) -> Resource:
    """The response to a request that is well-formed and cannot be decided, such as for no member.

    Source: Da Vinci PAS, error handling: HTTP 200, outcome error, X12 901 and 889 codes.
    """
    response = _claim_response(bundle, request, case_id, answered_at)
    response["outcome"] = "error"
    response["error"] = [
        _error(each, number, request.profile_version) for number, each in enumerate(errors, 1)
    ]
    response["processNote"] = _notes([each.text for each in errors])
    return _response_bundle(bundle, response, answered_at, ())


def claim_response_url(case_id: str) -> str:
    """The fullUrl of a case's ClaimResponse: the same in every answer to the case."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'https://careloom.example/cases/{case_id}')}"


def _with_pends(
    request: AuthorizationRequest, decisions: Sequence[ItemDecision], answered_at: datetime
) -> list[ItemDecision]:
    """The decisions in order of item, with a pend for each item that has none."""
    by_sequence = {item.sequence: _pend(item.sequence, answered_at) for item in request.items}
    by_sequence |= {each.sequence: each for each in decisions}
    return [by_sequence[sequence] for sequence in sorted(by_sequence)]


def _pend(sequence: int, at: datetime) -> ItemDecision:
    return ItemDecision(
        sequence=sequence, action=ReviewAction.PENDED, decided_by=RULES, decided_at=at
    )


def _claim_response(
    bundle: Resource, request: AuthorizationRequest, case_id: str, answered_at: datetime
) -> Resource:
    """What every ClaimResponse says, whatever was decided."""
    entries = Entries(bundle, Findings())
    claim = bundle["entry"][0]["resource"]
    return {
        "resourceType": "ClaimResponse",
        "id": claim_response_url(case_id).removeprefix("urn:uuid:"),
        "meta": {"profile": [PROFILE + "profile-claimresponse"]},
        "identifier": claim["identifier"],
        "status": "active",
        "type": claim["type"],
        "use": "preauthorization",
        "patient": _reference(entries, "patient", request.member),
        "created": answered_at.isoformat(),
        "insurer": _reference(entries, "insurer", request.insurer.identifier),
        "requestor": _reference(entries, "provider", request.requestor.identifier),
        "request": {"reference": bundle["entry"][0]["fullUrl"]},
    }


def _reference(entries: Entries, name: str, identifier: Identifier) -> Resource:
    """A reference by the fullUrl of the request's entry; by identifier to a contained resource."""
    claim = entries.first
    reference = claim.child(name) if claim else None
    if claim and reference:
        found = entries.find(reference.text("reference"), claim)
        url = entries.url_of(found) if found else ""
        if url:
            return {"reference": url}
    return {"identifier": encoded_identifier(identifier)}


def _reviewer(decisions: Sequence[ItemDecision]) -> Resource:
    """Whether a person looked at what the payer decided so far.

    Source: Da Vinci PAS 2.2.1, extension claimResponseReviewer.
    """
    ruled = [
        each
        for each in decisions
        if each.action.is_final and each.action is not ReviewAction.CANCELLED
    ]
    if not ruled:
        return {}
    is_human = any(each.decided_by.level is not Level.RULES for each in ruled)
    flag = {"url": "wasHumanReviewedFlag", "valueBoolean": is_human}
    return {"extension": [{"extension": [flag], "url": EXTENSION + "claimResponseReviewer"}]}


def _authorization(decisions: Sequence[ItemDecision], number: str) -> Resource:
    """The authorization of the whole case: its number, and the time that its items span."""
    granted = [each for each in decisions if each.action.authorizes]
    starts: list[date] = [each.effective_from for each in granted if each.effective_from]
    ends: list[date] = [each.effective_to for each in granted if each.effective_to]
    authorization: Resource = {}
    if granted and number:
        authorization["preAuthRef"] = number
    period = {}
    if starts:
        period["start"] = min(starts).isoformat()
    if ends:
        period["end"] = max(ends).isoformat()
    return authorization | ({"preAuthPeriod": period} if period else {})


def _notes(texts: Sequence[str]) -> list[Resource]:
    return [
        {"number": number, "type": "display", "text": text} for number, text in enumerate(texts, 1)
    ]


def _error(error: BusinessError, note: int, version: str) -> Resource:
    element, path = place_of(error.code_901)
    # A plain string in 2.0.1; 2.2.1 wraps it, together with the number of its note.
    named: Resource = (
        {"valueString": element}
        if version == V2_0_1
        else {
            "extension": [
                {"url": "processNote", "valuePositiveInt": note},
                {"url": "error", "valueString": element},
            ]
        }
    )
    followup = {"coding": [{"system": x12("889"), "code": error.followup_889}]}
    return {
        "extension": [
            {"url": EXTENSION + "errorElement"} | named,
            {"url": EXTENSION + "errorPath", "valueString": path},
            {"url": EXTENSION + "errorFollowupAction", "valueCodeableConcept": followup},
        ],
        "code": {"coding": [{"system": x12("901"), "code": error.code_901}]},
    }


def _task_url(task: Resource) -> str:
    """The fullUrl of a Task: the same in every answer that carries it."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'https://careloom.example/tasks/{task["id"]}')}"


def _response_bundle(
    bundle: Resource, response: Resource, answered_at: datetime, tasks: Sequence[Resource]
) -> Resource:
    entries = [{"fullUrl": f"urn:uuid:{response['id']}", "resource": response}]
    entries += [{"fullUrl": _task_url(task), "resource": task} for task in tasks]
    return {
        "resourceType": "Bundle",
        "id": str(uuid5(NAMESPACE_URL, f"{response['id']}/{answered_at.isoformat()}")),
        "meta": {"profile": [PROFILE + "profile-pas-response-bundle"]},
        "identifier": bundle["identifier"],
        "type": "collection",
        "timestamp": answered_at.isoformat(),
        "entry": entries + bundle["entry"],
    }
