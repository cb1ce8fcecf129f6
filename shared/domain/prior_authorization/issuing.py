"""Issuing: the settled case gets its number, and those whom it concerns are told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.change import AuditEntry, Change, Message
from shared.domain.prior_authorization.decision import RULES, CaseOutcome


def issue(case: Case, messages: tuple[Message, ...], at: datetime) -> Change[tuple[str, ...]]:
    """Issue the decision of a settled case, with its notices.

    An authorization number is given once, when the first item is authorised, and kept through
    every update of the case.

    Returns:
        The ids of the notices.
    """
    issued = numbered(case)
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
