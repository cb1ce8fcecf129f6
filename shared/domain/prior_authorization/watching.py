"""Watching a pended case: what its clocks ask for now, and when to look again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.prior_authorization.case import Case, Review, Stage
from shared.domain.prior_authorization.change import AuditEntry, Change, Message
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.deadlines import BreachConsequence, DecisionClock
from shared.domain.prior_authorization.decision import CLOCK, ItemDecision
from shared.domain.prior_authorization.issuing import numbered
from shared.domain.prior_authorization.notice_matrix import Notice, NoticeEvent
from shared.domain.prior_authorization.outgoing import messages_for
from shared.domain.prior_authorization.review import end_peer_to_peer

FIRST_RANK = 1

type Matrix = Mapping[NoticeEvent, Iterable[Notice]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a look at a pended case says.

    Attributes:
        is_open: False once nobody has anything left to do.
        question: the number of the question to the provider that is open; 0 for none.
        until: when to look again though nobody acted; None where only a person moves it.
        notices: ids of the messages written by this look.
    """

    is_open: bool
    question: int = 0
    until: datetime | None = None
    notices: tuple[str, ...] = ()


def attend_review(case: Case, revision: int, matrix: Matrix, at: datetime) -> Change[Watch]:
    """Look at a case in review: warn, end a talk that is overdue, apply the law to a breach.

    Silence never denies care: after a breach the case stays before a person, unless the law deems
    it approved. While the member appeals against the silence, the review waits for what comes of
    it: the items decided by the appeal, or the case back after a withdrawal.

    Args:
        revision: of the story that looks; a later revision has its own.
        matrix: the notices owed for each event that the clock may bring.
    """
    if case.revision == revision and case.stage is Stage.APPEALED and case.open_items:
        until = case.appeals[-1].next_moment_after(at)
        return Change(case=case, result=Watch(is_open=True, until=until))
    if case.revision != revision or not case.is_pended or case.review is None:
        return Change(case=case, result=Watch(is_open=False))
    ended = _end_overdue_talk(case, at)
    if ended.case.clock is None or ended.case.review is None:
        raise ValueError(f"case {case.case_id} is in review without a clock")
    moved = _move_clock(ended.case, ended.case.clock, ended.case.review, matrix, at)
    return Change(
        case=moved.case,
        result=_watch(moved.case, moved.messages, at),
        audit=ended.audit + moved.audit,
        messages=moved.messages,
    )


def _move_clock(
    case: Case, clock: DecisionClock, review: Review, matrix: Matrix, at: datetime
) -> Change[None]:
    if clock.is_breached(at):
        return _breach(case, clock, review, matrix, at) if not case.breached_at else _same(case)
    if clock.warn_at <= at and review.warned_at is None:
        first = replace(review.routing, rank=FIRST_RANK)
        warned = replace(case, review=replace(review, warned_at=at, routing=first))
        return _told(warned, NoticeEvent.DEADLINE_NEAR, "deadline_near", matrix, at)
    return _same(case)


def _breach(
    case: Case, clock: DecisionClock, review: Review, matrix: Matrix, at: datetime
) -> Change[None]:
    late = replace(case, breached_at=at)
    if clock.rule.on_breach is BreachConsequence.DEEMED_APPROVED:
        return _told(
            _deem_approved(late, clock, at),
            NoticeEvent.DEEMED_APPROVED,
            "deemed_approved",
            matrix,
            at,
        )
    first = replace(review.routing, rank=FIRST_RANK)
    raised = replace(late, review=replace(review, routing=first))
    return _told(raised, NoticeEvent.DEADLINE_MISSED, "deadline_breached", matrix, at)


def _deem_approved(case: Case, clock: DecisionClock, at: datetime) -> Case:
    """Certify what is open as it was asked for; issuing the decision tells member and requestor."""
    valid = timedelta(days=clock.rule.valid_days)
    made = tuple(
        ItemDecision(
            sequence=item.sequence,
            action=ReviewAction.CERTIFIED,
            decided_by=CLOCK,
            decided_at=at,
            reason_text="Deemed approved: no decision came within the time the law allows",
            effective_from=(since := item.served_from or case.day_of(at)),
            effective_to=item.served_to or (since + valid if valid else None),
            rule=clock.rule.rule_id,
        )
        for item in case.request.items
        if item.sequence in case.open_items
    )
    review = replace(case.review, closed_at=at) if case.review else None
    decided = numbered(case.closing_question(at).deciding(made)).to(Stage.DECIDED)
    return replace(decided, review=review, decided_at=at)


def _end_overdue_talk(case: Case, at: datetime) -> Change[None]:
    until = case.review.peer_to_peer_until if case.review else None
    if case.stage is Stage.PEER_TO_PEER and until is not None and until <= at:
        return end_peer_to_peer(case, CLOCK, held=False, at=at)
    return _same(case)


def _told(case: Case, event: NoticeEvent, word: str, matrix: Matrix, at: datetime) -> Change[None]:
    """The change, with its audit entry and the notices that the matrix owes for it."""
    occasion = f"r{case.revision}.{case.review.number if case.review else 0}"
    if case.clock and case.clock.extensions:
        occasion += f".e{len(case.clock.extensions)}"
    if case.clock and case.clock.pauses:
        occasion += f".p{len(case.clock.pauses)}"
    messages = messages_for(case, event, matrix.get(event, ()), occasion=occasion, at=at)
    clock = case.clock
    detail = {"due": clock.due_at.isoformat(), "rule": clock.rule.rule_id} if clock else {}
    if clock and clock.is_breached(at):
        detail["consequence"] = clock.rule.on_breach
    entry = AuditEntry(event=word, actor=CLOCK, at=at, detail=detail)
    return Change(case=case, result=None, audit=(entry,), messages=messages)


def _same(case: Case) -> Change[None]:
    return Change(case=case, result=None)


def _watch(case: Case, messages: tuple[Message, ...], at: datetime) -> Watch:
    moments = [case.review.peer_to_peer_until if case.review else None]
    if case.clock is not None:
        coming = case.clock.next_moment_after(at)
        moments.append(coming.at if coming else None)
    later = [moment for moment in moments if moment is not None and moment > at]
    asked = case.open_information
    return Watch(
        is_open=case.is_pended,
        question=asked.number if asked else 0,
        until=min(later, default=None),
        notices=tuple(message.message_id for message in messages),
    )
