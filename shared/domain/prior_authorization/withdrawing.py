"""Withdrawing: the provider takes back a request, whole or item by item."""

from dataclasses import replace
from datetime import datetime

from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.change import AuditEntry, Change, listed
from shared.domain.prior_authorization.codes import InfoChange, ReviewAction
from shared.domain.prior_authorization.decision import Actor, ItemDecision
from shared.domain.prior_authorization.issuing import issued_decisions
from shared.domain.prior_authorization.request import AuthorizationRequest
from shared.errors import RuleViolation

SETTLED = frozenset({Stage.REJECTED, Stage.CANCELLED, Stage.EXPIRED})


def check_sender(case: Case, amending: AuthorizationRequest) -> None:
    """Let only the requestor amend a case, and only for its member.

    A claim identifier is no secret: whoever learns one must not change another's case by it.

    Raises:
        RuleViolation: another organisation sends it, or it is about another member.
    """
    request = case.request
    if amending.requestor.identifier != request.requestor.identifier:
        raise RuleViolation(f"case {case.case_id} is another requestor's")
    if amending.member != request.member:
        raise RuleViolation(f"case {case.case_id} is about another member")


def cancel(case: Case, *, revision: int, by: Actor, at: datetime) -> Change[None]:
    """Cancel the whole case; from then on its story is that of the cancellation.

    Cancelling a cancelled case changes nothing: the message came twice.

    Args:
        revision: under which the cancellation came.

    Raises:
        RuleViolation: the case is settled in another way, or a later revision came first.
    Source:
        Da Vinci PAS 2.2.1, certificationType 3 without items.
    """
    if case.stage is Stage.CANCELLED:
        return Change(case=case, result=None, takes_up=revision)
    _refuse_overtaken(case, revision)
    if case.stage in SETTLED:
        raise RuleViolation(f"case {case.case_id} is {case.stage} and cannot be cancelled")
    items = tuple(cancelled_item(item.sequence, by, at) for item in case.request.items)
    cancelled = replace(
        case.to(Stage.CANCELLED).closing_question(at).deciding(items),
        revision=revision,
        review=replace(case.review, closed_at=at) if case.review else None,
        issued=issued_decisions(case),
        decided_at=at,
    )
    entry = AuditEntry(event="case_cancelled", actor=by, at=at, detail={"from": case.stage})
    return Change(case=cancelled, result=None, audit=(entry,))


def update(
    case: Case, request: AuthorizationRequest, *, revision: int, by: Actor, at: datetime
) -> Change[None]:
    """Take up an update of the request; the case goes back to the rules.

    Decisions on items that the update does not touch stay in force; an added or changed item is
    open again, also one that asks for something else without saying so; a cancelled one is
    cancelled. What the update leaves out still stands: items, what arrived since the request, and
    for a differential update every document.

    Raises:
        RuleViolation: the case was denied, or is settled: a new request is required; or a later
            revision came first.
    Source:
        Da Vinci PAS 2.2.1: all items are resent with infoChanged or infoCancelled; there is no
        update after a denial.
    """
    _refuse_overtaken(case, revision)
    if case.stage in SETTLED or case.stage is Stage.APPEALED:
        raise RuleViolation(f"case {case.case_id} is {case.stage}; send a new request")
    if any(made.action is ReviewAction.NOT_CERTIFIED for made in case.decisions):
        raise RuleViolation(f"case {case.case_id} has a denied item; send a new request")
    touched = {item.sequence for item in request.items if item.change is not None}
    known = {item.sequence: item.asked for item in case.request.items}
    touched |= {item.sequence for item in request.items if item.asked != known.get(item.sequence)}
    cancelled = tuple(
        cancelled_item(item.sequence, by, at)
        for item in request.items
        if item.change is InfoChange.CANCELLED
    )
    kept = tuple(made for made in case.decisions if made.sequence not in touched)
    moved = case if case.stage is Stage.RECEIVED else case.to(Stage.RECEIVED)
    freed = moved.closing_question(at)
    reopened = replace(
        freed,
        request=_whole(request, case.request),
        revision=revision,
        revised_at=at,
        updated_by=(*case.updated_by, by.actor_id),
        clock=None if case.decided_at else freed.clock,
        decided_at=None,
        notified_at=None,
        breached_at=None if case.decided_at else case.breached_at,
        decisions=kept,
        issued=issued_decisions(case),
        review=replace(case.review, closed_at=at) if case.review else None,
        former_identifiers=(*case.former_identifiers, case.request.identifier),
        taken_back=_taken_back(case, touched),
        findings=(),
    ).deciding(cancelled)
    entry = AuditEntry(
        event="request_updated",
        actor=by,
        at=at,
        detail={"revision": str(reopened.revision), "items": listed(sorted(touched))},
    )
    return Change(case=reopened, result=None, audit=(entry,))


def _refuse_overtaken(case: Case, revision: int) -> None:
    if case.revision >= revision:
        raise RuleViolation(f"case {case.case_id} is at revision {case.revision} already")


def _whole(request: AuthorizationRequest, before: AuthorizationRequest) -> AuthorizationRequest:
    """The updated request with what it leaves out of the one before."""
    named = {item.sequence for item in request.items}
    left_out = (replace(item, change=None) for item in before.items if item.sequence not in named)
    items = sorted((*request.items, *left_out), key=lambda item: item.sequence)
    kept = (
        document
        for document in before.documents
        if document not in request.documents and (request.is_differential or document.received_at)
    )
    return replace(request, items=tuple(items), documents=(*request.documents, *kept))


def _taken_back(case: Case, touched: set[int]) -> tuple[int, ...]:
    """The items that were certified once and are open again, by this update or an earlier one."""
    certified = {made.sequence for made in case.decisions if made.action.authorizes}
    return tuple(sorted({*case.taken_back, *(certified & touched)}))


def refuse(case: Case, *, revision: int, kind: str, by: Actor, at: datetime) -> Change[None]:
    """Put on record that an update or a cancellation was refused; the case stays as it is."""
    detail = {"kind": kind, "revision": str(revision), "stage": case.stage}
    entry = AuditEntry(event="amendment_refused", actor=by, at=at, detail=detail)
    return Change(case=case, result=None, audit=(entry,), takes_up=revision)


def cancelled_item(sequence: int, by: Actor, at: datetime) -> ItemDecision:
    """The decision that stands for an item the provider took back."""
    return ItemDecision(
        sequence=sequence, action=ReviewAction.CANCELLED, decided_by=by, decided_at=at
    )
