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
from shared.domain.prior_authorization.appeals_under_way import (
    present_of,
    story_of,
    under_way,
)
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.change import AuditEntry, Change
from shared.domain.prior_authorization.decision import CLOCK
from shared.domain.prior_authorization.issuing import numbered
from shared.domain.prior_authorization.notice_matrix import NoticeEvent
from shared.domain.prior_authorization.outgoing import outcome_message
from shared.domain.prior_authorization.overturning import overturned
from shared.domain.prior_authorization.tasks import appeal_task_id
from shared.domain.prior_authorization.watching import Matrix, Watch

type Event = tuple[NoticeEvent, int]  # With the number of the appeal that it is of.


@dataclass(frozen=True, slots=True)
class _Seen:
    """The case after a look at one of its appeals, and what to tell of it, in order."""

    case: Case
    events: tuple[Event, ...] = ()


def attend(
    case: Case, number: int, matrix: Matrix, levels: Mapping[int, AppealRule], at: datetime
) -> Change[Watch]:
    """Look at an appeal of the case: acknowledge, warn, forward, put right, or close it.

    Args:
        number: of the appeal whose story looks. What was forwarded from it is its own too; what
            was filed otherwise has a story of its own.
        levels: the rule of the next level, by its number, for what is forwarded.

    Source:
        42 CFR 422.590, 422.618, 438.408, 438.424; 29 CFR 2560.503-1(l).
    """
    present = present_of(case, number)
    if not present:
        return Change(case=case, result=Watch(is_open=False))
    appeal = case.appeals[present - 1]
    match appeal.next_step(at):
        case NextStep.FORWARD:
            seen = _forward(case, present, levels, at)
        case NextStep.EFFECTUATE:
            return _put_right(case, present, matrix, levels, at)
        case _ if appeal.outcome is AppealOutcome.OPEN:
            seen = _keep_open(case, present, at)
        case _:
            seen = _close(case, present, at)
    return _told(seen, number, matrix, at)


def _keep_open(case: Case, number: int, at: datetime) -> _Seen:
    """Tell whom it concerns that it is here, that its time is near, or that it has passed."""
    appeal = case.appeals[number - 1]
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


def _forward(case: Case, number: int, levels: Mapping[int, AppealRule], at: datetime) -> _Seen:
    """Send the appeal on, decided or not; the level below is done with it."""
    appeal, next_number = case.appeals[number - 1], len(case.appeals) + 1
    rule = levels[appeal.rule.next_level]
    onward = forward_appeal(appeal, rule, appeal_id=appeal_task_id(case, next_number), now=at)
    events: tuple[Event, ...] = ((NoticeEvent.APPEAL_FORWARDED, next_number),)
    if appeal.outcome is AppealOutcome.OPEN:
        appeal = replace(appeal.pass_on(at), breached_at=at)
        events = ((NoticeEvent.APPEAL_DEADLINE_MISSED, number), *events)
    passed = with_appeal(case, appeal)
    return _Seen(replace(passed, appeals=(*passed.appeals, onward)), events)


def _close(case: Case, number: int, at: datetime) -> _Seen:
    """Leave the decision standing: it was upheld, or the appeal was withdrawn, as is told."""
    appeal = case.appeals[number - 1]
    is_upheld = appeal.outcome is AppealOutcome.UPHELD
    events = ((NoticeEvent.APPEAL_UPHELD, number),) if is_upheld else ()
    return _Seen(_without(case, appeal, at), events)


def _without(case: Case, appeal: Appeal, at: datetime) -> Case:
    """The case with the appeal closed; under appeal as long as another is under way."""
    closed = with_appeal(case, replace(appeal, closed_at=at))
    return closed if under_way(closed) else closed.to(Stage.NOTIFIED)


def _put_right(
    case: Case, number: int, matrix: Matrix, levels: Mapping[int, AppealRule], at: datetime
) -> Change[Watch]:
    """Authorise what was denied, and send on what was upheld beside it where the row says so.

    An overturned decision is no decision any more.
    """
    appeal = case.appeals[number - 1]
    reason = f"Overturned on appeal {appeal.appeal_id}"
    made = tuple(
        overturned(case, appeal, sequence, by=appeal.decided_by or CLOCK, reason=reason, at=at)
        for sequence in appeal.overturned_items
        if case.action_of(sequence).is_adverse
    )
    effectuated = appeal.effectuate(at)
    right = numbered(with_appeal(case, effectuated).deciding(made))
    if effectuated.next_step(at) is NextStep.FORWARD:
        rest = _forward(right, number, levels, at)
    else:
        rest = _Seen(_without(right, effectuated, at))
    events: tuple[Event, ...] = ((NoticeEvent.APPEAL_OVERTURNED, number), *rest.events)
    told = _told(_Seen(rest.case, events), story_of(case, number), matrix, at)
    if not made:
        return told  # The decision was the first, and its own story tells it.
    outcome = outcome_message(rest.case, occasion=f"a{number}")
    notices = (*told.result.notices, outcome.message_id)
    return replace(
        told,
        result=replace(told.result, notices=notices),
        messages=(*told.messages, outcome),
    )


def _told(seen: _Seen, story: int, matrix: Matrix, at: datetime) -> Change[Watch]:
    """The change, with an audit entry and the notices owed for each event."""
    case = seen.case
    messages = tuple(
        message
        for event, number in seen.events
        for message in appeal_messages(case, number, event, matrix.get(event, ()), at)
    )
    audit = tuple(_entry(case.appeals[number - 1], event, at) for event, number in seen.events)
    watch = _watch(case, story, at, (message.message_id for message in messages))
    return Change(case=case, result=watch, audit=audit, messages=messages)


def _entry(appeal: Appeal, event: NoticeEvent, at: datetime) -> AuditEntry:
    by = appeal.effectuate_by
    detail = {"effectuate_by": by.isoformat()} if by else {}
    if event is NoticeEvent.APPEAL_FORWARDED:
        detail["rule"] = appeal.rule.rule_id
    return entry_of(appeal, event.replace(" ", "_"), CLOCK, at, **detail)


def _watch(case: Case, story: int, at: datetime, notices: Iterable[str]) -> Watch:
    present = present_of(case, story)
    until = case.appeals[present - 1].next_moment_after(at) if present else None
    return Watch(is_open=bool(present), until=until, notices=tuple(notices))
