"""Issuing: the settled case gets its number, and those whom it concerns are told.

What is issued is kept beside the case's present state, for whoever counts decisions.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.change import AuditEntry, Change, Message
from shared.domain.prior_authorization.decision import RULES, CaseOutcome, ItemDecision
from shared.domain.prior_authorization.issued import IssuedDecision, IssuedItem

TOLD = frozenset({Stage.NOTIFIED, Stage.APPEALED, Stage.EXPIRED})


def issue(case: Case, messages: tuple[Message, ...], at: datetime) -> Change[tuple[str, ...]]:
    """Issue the decision of a settled case, with its notices.

    An authorization number is given once, when the first item is authorised, and kept through
    every update of the case.

    Returns:
        The ids of the notices.
    """
    issued = replace(numbered(case), issued=(*case.issued, *_newly_issued(case)))
    number = issued.authorization_number
    entry = AuditEntry(
        event="decision_issued",
        actor=RULES,
        at=at,
        detail={
            "outcome": case.outcome,
            "authorization_number": number,
            "items": ",".join(f"{made.sequence}:{made.action}" for made in case.decisions),
        },
    )
    return Change(
        case=issued,
        result=tuple(message.message_id for message in messages),
        audit=(entry,),
        messages=messages,
    )


def numbered(case: Case) -> Case:
    """The case with its authorization number on every item that is authorised, if any is.

    An item may be authorised before the others are decided; its number is told at once.
    """
    if not any(made.action.authorizes for made in case.decisions):
        return case
    number = case.authorization_number or authorization_number(case)
    made = tuple(
        replace(each, authorization_number=number) if each.action.authorizes else each
        for each in case.decisions
    )
    return replace(case, decisions=made, authorization_number=number)


def authorization_number(case: Case) -> str:
    """The number under which care may be billed: the case's own digits, readable aloud."""
    return f"AU-{case.case_id.rpartition('-')[2][:10].upper()}"


def issued_decisions(case: Case) -> tuple[IssuedDecision, ...]:
    """What was decided on each request of the case, the oldest first.

    Of a case that was told before these were kept, it is the decision that stands.
    """
    return case.issued or (_newly_issued(case) if case.stage in TOLD else ())


def overturned_items(case: Case, made: IssuedDecision) -> frozenset[int]:
    """The items of an issued decision that an appeal overturned.

    An appeal is about what had been issued last on its item when the appeal was decided.
    """
    return frozenset(
        sequence
        for appeal in case.appeals
        for sequence in appeal.overturned_items
        if made == _issued_before(case, sequence, appeal.reviewed_at)
    )


def _issued_before(case: Case, sequence: int, at: datetime | None) -> IssuedDecision | None:
    """What was issued last on an item, up to a time."""
    known = (
        made
        for made in reversed(issued_decisions(case))
        if at is not None and made.decided_at <= at
    )
    return next((made for made in known if sequence in {i.sequence for i in made.items}), None)


def _newly_issued(case: Case) -> tuple[IssuedDecision, ...]:
    """The decision in force, as it is kept; none where nothing was approved or denied.

    An update of a decided case is a request of its own: what stands from before it was issued
    before, or put right by an appeal.
    """
    clock, member, decided_at = case.clock, case.membership, case.decided_at
    if member is None or decided_at is None or case.stage is Stage.REJECTED:
        return ()
    items = tuple(
        IssuedItem(
            sequence=item.sequence,
            service=item.service,
            category=item.category,
            action=made.action,
        )
        for item in case.request.items
        if (made := case.decision_on(item.sequence)) is not None
        and made.action.is_determination
        and not _stands_from_before(case, made)
    )
    if not items:
        return ()
    issued = IssuedDecision(
        urgency=case.request.urgency,
        membership=member,
        received_at=clock.received_at if clock else case.received_at,
        decided_at=decided_at,
        extended=bool(clock and clock.extensions),
        items=items,
    )
    return (issued,)


def _stands_from_before(case: Case, made: ItemDecision) -> bool:
    """Whether a decision was issued already, or is what an appeal made of one that was."""
    if not case.issued:
        return False
    put_right_at = {appeal.effectuated_at for appeal in case.appeals}
    return made.decided_at <= case.issued[-1].decided_at or made.decided_at in put_right_at


def follow_up(case: Case, receipts: Mapping[str, str], at: datetime) -> Change[CaseOutcome]:
    """Close the round: the notices' fates and whether the deadline was kept are on record.

    Returns:
        The outcome of the case.
    """
    told = tuple(
        AuditEntry(
            event=f"notice_{status}",
            actor=RULES,
            at=at,
            detail={"message": message_id},
        )
        for message_id, status in receipts.items()
    )
    followed = case.to(Stage.NOTIFIED) if case.stage is Stage.DECIDED else case
    if case.stage is Stage.DECIDED or (case.decided_at and not case.notified_at):
        followed = replace(followed, notified_at=at)
    return Change(case=followed, result=case.outcome, audit=(*told, *_deadline_entry(case, at)))


def _deadline_entry(case: Case, at: datetime) -> tuple[AuditEntry, ...]:
    if case.clock is None or case.decided_at is None or case.stage is Stage.CANCELLED:
        return ()  # What was taken back asked for no decision.
    late = case.clock.is_breached(case.decided_at)
    detail = {"due": case.clock.due_at.isoformat(), "decided": case.decided_at.isoformat()}
    event = "deadline_missed" if late else "deadline_kept"
    return (AuditEntry(event=event, actor=RULES, at=at, detail=detail),)
