"""Attending appeals: what the clock does with an appeal, and what becomes of it once decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.prior_authorization.appeal_levels import AppealRule
from shared.domain.prior_authorization.appealing import appeal_messages, entry_of, with_appeal
from shared.domain.prior_authorization.appeals import (
    Appeal,
    AppealOutcome,
    NextStep,
    forward_appeal,
)
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.change import AuditEntry, Change
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.decision import CLOCK, ItemDecision
from shared.domain.prior_authorization.issuing import numbered
from shared.domain.prior_authorization.notice_matrix import NoticeEvent
from shared.domain.prior_authorization.outgoing import outcome_message
from shared.domain.prior_authorization.tasks import appeal_task_id
from shared.domain.prior_authorization.watching import Matrix, Watch

type Event = tuple[NoticeEvent, int]  # With the number of the appeal that it is of.


@dataclass(frozen=True, slots=True)
class _Seen:
    """The case after a look at its appeal, and what to tell of it, in order."""

    case: Case
    events: tuple[Event, ...] = ()


def attend(
    case: Case, number: int, matrix: Matrix, levels: Mapping[int, AppealRule], at: datetime
) -> Change[Watch]:
    """Look at the case's appeal: acknowledge, warn, forward, put right, or close it.

    Args:
        number: of the appeal whose story looks. What was forwarded from it is its own too; what
            was filed after it has a story of its own.
        levels: the rule of the next level, by its number, for what is forwarded.

    Source:
        42 CFR 422.590, 422.618, 438.408, 438.424; 29 CFR 2560.503-1(l).
    """
    if case.stage is not Stage.APPEALED or filed_number(case) != number:
        return Change(case=case, result=Watch(is_open=False))
    appeal = case.appeals[-1]
    match appeal.next_step(at):
        case NextStep.FORWARD:
            return _told(_forward(case, levels, at), matrix, at)
        case NextStep.EFFECTUATE:
            return _put_right(case, matrix, at)
        case _ if appeal.outcome is AppealOutcome.OPEN:
            return _told(_keep_open(case, at), matrix, at)
        case _:
            return _told(_close(case), matrix, at)


def filed_number(case: Case) -> int:
    """The number of the appeal that was filed last; what was forwarded since belongs to it."""
    filed = (n for n, each in enumerate(case.appeals, start=1) if not each.is_forwarded)
    return max(filed, default=0)


def _keep_open(case: Case, at: datetime) -> _Seen:
    """Tell whom it concerns that it is here, that its time is near, or that it has passed."""
    appeal, number = case.appeals[-1], len(case.appeals)
    told = []
    if appeal.acknowledged_at is None:
        appeal = replace(appeal, acknowledged_at=at)
        told.append(NoticeEvent.APPEAL_RECEIVED)
    if appeal.is_breached(at) and appeal.breached_at is None:
        is_exhausted = appeal.next_step(at) is NextStep.MAY_APPEAL
        appeal = replace(appeal, breached_at=at)
        told.append(
            NoticeEvent.APPEAL_EXHAUSTED if is_exhausted else NoticeEvent.APPEAL_DEADLINE_MISSED
        )
    if _is_to_be_warned(appeal, at):
        appeal = replace(appeal, warned_at=at)
        told.append(NoticeEvent.APPEAL_DEADLINE_NEAR)
    return _Seen(with_appeal(case, appeal), tuple((event, number) for event in told))


def _is_to_be_warned(appeal: Appeal, at: datetime) -> bool:
    clock = appeal.clock
    if clock is None or appeal.warned_at is not None:
        return False
    return clock.warn_at <= at and not clock.is_breached(at)


def _forward(case: Case, levels: Mapping[int, AppealRule], at: datetime) -> _Seen:
    """Send the appeal on, decided or not; the level below is done with it."""
    appeal, number = case.appeals[-1], len(case.appeals)
    rule = levels[appeal.rule.next_level]
    onward = forward_appeal(appeal, rule, appeal_id=appeal_task_id(case, number + 1), now=at)
    events: tuple[Event, ...] = ((NoticeEvent.APPEAL_FORWARDED, number + 1),)
    if appeal.outcome is AppealOutcome.OPEN:
        appeal = replace(appeal.pass_on(at), breached_at=at)
        events = ((NoticeEvent.APPEAL_DEADLINE_MISSED, number), *events)
    passed = with_appeal(case, appeal)
    return _Seen(replace(passed, appeals=(*passed.appeals, onward)), events)


def _close(case: Case) -> _Seen:
    """Leave the decision standing: it was upheld, or the appeal was withdrawn, as is told."""
    upheld = (NoticeEvent.APPEAL_UPHELD, len(case.appeals))
    is_upheld = case.appeals[-1].outcome is AppealOutcome.UPHELD
    return _Seen(case.to(Stage.NOTIFIED), (upheld,) if is_upheld else ())


def _put_right(case: Case, matrix: Matrix, at: datetime) -> Change[Watch]:
    """Authorise what was denied: an overturned decision is no decision any more."""
    appeal = case.appeals[-1]
    made = tuple(
        ItemDecision(
            sequence=item.sequence,
            action=ReviewAction.CERTIFIED,
            decided_by=appeal.decided_by or CLOCK,
            decided_at=at,
            reason_text=f"Overturned on appeal {appeal.appeal_id}",
            effective_from=item.served_from or case.day_of(at),
            effective_to=item.served_to,
        )
        for item in case.request.items
        if item.sequence in appeal.items and case.action_of(item.sequence).is_adverse
    )
    right = numbered(with_appeal(case, appeal.effectuate(at)).deciding(made)).to(Stage.NOTIFIED)
    overturned = (NoticeEvent.APPEAL_OVERTURNED, len(right.appeals))
    told = _told(_Seen(right, (overturned,)), matrix, at)
    if not made:
        return told  # The decision was the first, and its own story tells it.
    outcome = outcome_message(right, occasion=f"a{len(right.appeals)}")
    notices = (*told.result.notices, outcome.message_id)
    return replace(
        told,
        result=replace(told.result, notices=notices),
        messages=(*told.messages, outcome),
    )


def _told(seen: _Seen, matrix: Matrix, at: datetime) -> Change[Watch]:
    """The change, with an audit entry and the notices owed for each event."""
    case = seen.case
    messages = tuple(
        message
        for event, number in seen.events
        for message in appeal_messages(case, number, event, matrix.get(event, ()), at)
    )
    audit = tuple(_entry(case.appeals[number - 1], event, at) for event, number in seen.events)
    watch = _watch(case, at, (message.message_id for message in messages))
    return Change(case=case, result=watch, audit=audit, messages=messages)


def _entry(appeal: Appeal, event: NoticeEvent, at: datetime) -> AuditEntry:
    by = appeal.effectuate_by
    detail = {"effectuate_by": by.isoformat()} if by else {}
    return entry_of(appeal, event.replace(" ", "_"), CLOCK, at, **detail)


def _watch(case: Case, at: datetime, notices: Iterable[str]) -> Watch:
    is_open = case.stage is Stage.APPEALED
    until = case.appeals[-1].next_moment_after(at) if is_open else None
    return Watch(is_open=is_open, until=until, notices=tuple(notices))
