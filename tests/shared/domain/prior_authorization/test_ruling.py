"""What the rules leave open gets a clock; an update may shorten the one that runs."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.change import Change
from shared.domain.prior_authorization.codes import Urgency
from shared.domain.prior_authorization.deadlines import (
    ClockRule,
    DecisionClock,
    TimeUnit,
    Tolling,
    start_clock,
)
from shared.domain.prior_authorization.decision import Actor
from shared.domain.prior_authorization.review import open_review
from shared.domain.prior_authorization.ruling import rule_on_items
from shared.domain.prior_authorization.watching import attend_review
from shared.domain.prior_authorization.withdrawing import update
from tests.shared.domain.prior_authorization.cases import HOUR, MEMBER, NOON, ROUTING, opened

DAY = timedelta(days=1)
CLINIC = Actor("clinic")
STANDARD = ClockRule(
    allowed=7,
    unit=TimeUnit.CALENDAR_DAYS,
    time_zone="UTC",
    extension_days=14,
    extensions_max=1,
    warn_before_hours=48,
    rule_id="deadlines#standard",
)
URGENT = replace(
    STANDARD, allowed=72, unit=TimeUnit.HOURS, warn_before_hours=24, rule_id="deadlines#urgent"
)
ROWS = {Urgency.STANDARD: STANDARD, Urgency.URGENT: URGENT}


def _ruled(case: Case, at: datetime) -> Change[bool]:
    clock = start_clock(ROWS[case.request.urgency], at)
    return rule_on_items(case, (), findings=(), membership=MEMBER, clock=clock, at=at)


def _running(urgency: Urgency, clock: DecisionClock | None = None) -> Case:
    """A case in review since noon."""
    case = opened()
    case = replace(case, request=replace(case.request, urgency=urgency), clock=clock)
    return open_review(_ruled(case, NOON).case, ROUTING, NOON).case


def _updated(case: Case, urgency: Urgency, at: datetime) -> Change[bool]:
    request = replace(case.request, urgency=urgency)
    return _ruled(update(case, request, revision=2, by=CLINIC, at=at).case, at)


def _due_at(change: Change[bool]) -> datetime:
    assert change.case.clock is not None
    return change.case.clock.due_at


def test_an_update_that_makes_the_request_urgent_is_due_by_the_urgent_clock() -> None:
    at = NOON + DAY
    running = attend_review(_running(Urgency.STANDARD), 1, {}, NOON).case
    change = _updated(running, Urgency.URGENT, at)
    assert _due_at(change) == at + 72 * HOUR
    [entry] = change.audit
    assert entry.event == "deadline_shortened"
    assert entry.detail == {
        "due": (at + 72 * HOUR).isoformat(),
        "before": "2026-03-10T00:00:00+00:00",
        "rule": "deadlines#urgent",
    }


def test_the_urgent_clock_warns_anew() -> None:
    at = NOON + 5 * DAY
    warned = attend_review(_running(Urgency.STANDARD), 1, {}, at).case
    assert warned.review is not None
    assert warned.review.warned_at == at
    ruled = _updated(replace(warned, clock=_far(warned)), Urgency.URGENT, at).case
    again = attend_review(open_review(ruled, ROUTING, at).case, 2, {}, at + 48 * HOUR)
    assert [entry.event for entry in again.audit] == ["deadline_near"]


def _far(case: Case) -> DecisionClock:
    assert case.clock is not None
    return case.clock.extend(NOON, reason="records")


def test_near_its_deadline_the_standard_clock_is_due_first_and_holds() -> None:
    change = _updated(_running(Urgency.STANDARD), Urgency.URGENT, NOON + 6 * DAY)
    assert _due_at(change) == datetime(2026, 3, 10, tzinfo=NOON.tzinfo)
    assert change.audit == ()


def test_a_request_that_is_urgent_no_more_keeps_its_clock() -> None:
    change = _updated(_running(Urgency.URGENT), Urgency.STANDARD, NOON + HOUR)
    assert _due_at(change) == NOON + 72 * HOUR
    assert change.audit == ()


def test_an_urgent_request_that_was_extended_keeps_its_extension_through_an_update() -> None:
    case = _running(Urgency.URGENT)
    change = _updated(replace(case, clock=_far(case)), Urgency.URGENT, NOON + HOUR)
    assert _due_at(change) == NOON + 72 * HOUR + 14 * DAY


def test_an_extension_that_was_taken_is_not_given_again_by_the_urgent_clock() -> None:
    case = _running(Urgency.STANDARD)
    change = _updated(replace(case, clock=_far(case)), Urgency.URGENT, NOON + DAY)
    assert _due_at(change) == NOON + DAY + 72 * HOUR
    assert change.case.clock is not None
    assert not change.case.clock.may_extend


@pytest.mark.parametrize(("answered_after", "holds"), [(2, "urgent"), (0, "standard")])
def test_a_clock_that_stood_still_is_compared_as_it_then_runs(
    answered_after: int, holds: str
) -> None:
    at = NOON + 6 * DAY
    tolling = replace(STANDARD, tolls=Tolling.INFORMATION, toll_days_min=45)
    asked = start_clock(tolling, NOON).pause(at - answered_after * DAY)
    case = replace(_running(Urgency.STANDARD, asked), stage=Stage.INFORMATION_REQUESTED)
    change = _updated(case, Urgency.URGENT, at)
    assert change.case.clock is not None
    assert change.case.clock.open_pause is None
    assert change.case.clock.rule.rule_id == f"deadlines#{holds}"
