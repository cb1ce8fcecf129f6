"""Appeals through their life: filed, extended, decided, forwarded, put right, missed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import TypeAdapter

from shared.domain.prior_authorization.appeal_levels import AidRefusal, AppealBody, AppealRule
from shared.domain.prior_authorization.appeals import (
    Appeal,
    AppealFiling,
    AppealOutcome,
    NextStep,
    file_appeal,
    forward_appeal,
)
from shared.domain.prior_authorization.codes import Level
from shared.domain.prior_authorization.deadlines import BreachConsequence, ClockRule, TimeUnit
from shared.domain.prior_authorization.decision import Actor
from shared.errors import RuleViolation

NOTICE = datetime(2026, 3, 2, 15, tzinfo=UTC)
FILED = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAYS_30 = ClockRule(
    allowed=30,
    unit=TimeUnit.CALENDAR_DAYS,
    time_zone="UTC",
    extension_days=14,
    extensions_max=1,
    on_breach=BreachConsequence.FORWARDED,
)
PLAN = AppealRule(
    level=1,
    name="reconsideration",
    decided_by=AppealBody.PLAN,
    file_within_days=65,
    time_zone="UTC",
    clock=DAYS_30,
    forwards_on_uphold=True,
    aid_asked_within_days=10,
    effectuate_within_hours=72,
    next_level=2,
)
ENTITY = replace(
    PLAN,
    level=2,
    name="independent review",
    decided_by=AppealBody.INDEPENDENT_ENTITY,
    file_within_days=0,
    forwards_on_uphold=False,
    clock=replace(DAYS_30, on_breach=BreachConsequence.NONE),
    next_level=3,
)
COURT = replace(ENTITY, level=5, decided_by=AppealBody.COURT, clock=None, next_level=0)
PHYSICIAN = Actor("dr-2", Level.PHYSICIAN, "L2")


def filed(rule: AppealRule = PLAN) -> Appeal:
    filing = AppealFiling(
        items=(1, 3),
        filed_by="member-7",
        filed_at=FILED,
        reason="letter-9",
        aid_asked=True,
    )
    return file_appeal(rule, filing, appeal_id="a1", notice_at=NOTICE, was_authorized=True)


def decided(outcome: AppealOutcome, rule: AppealRule = PLAN) -> Appeal:
    return filed(rule).decide(
        outcome, by=PHYSICIAN, now=FILED + 24 * HOUR, resolution="reviewed in full"
    )


def test_a_filed_appeal_starts_its_clock() -> None:
    appeal = filed()
    assert appeal.outcome is AppealOutcome.OPEN
    assert appeal.clock is not None
    assert appeal.clock.due_at == datetime(2026, 4, 10, tzinfo=UTC)
    assert appeal.aid_continues
    assert appeal.next_step(FILED) is NextStep.DECIDE


def test_an_expedited_hearing_counts_business_days() -> None:
    three = ClockRule(allowed=3, unit=TimeUnit.BUSINESS_DAYS, time_zone="UTC")
    filing = AppealFiling(
        items=(1,),
        filed_by="member-7",
        filed_at=datetime(2026, 7, 1, 12, tzinfo=UTC),
        expedited=True,
    )
    appeal = file_appeal(
        replace(PLAN, clock=three),
        filing,
        appeal_id="a1",
        notice_at=datetime(2026, 6, 30, tzinfo=UTC),
        was_authorized=False,
        holidays=[date(2026, 7, 3)],
    )
    assert appeal.clock is not None
    assert appeal.clock.due_at == datetime(2026, 7, 8, tzinfo=UTC)


def test_aid_goes_on_only_if_it_was_asked_for() -> None:
    filing = AppealFiling(items=(1,), filed_by="member-7", filed_at=FILED)
    appeal = file_appeal(PLAN, filing, appeal_id="a1", notice_at=NOTICE, was_authorized=True)
    assert not appeal.aid_continues
    assert appeal.aid_refusal is None


def test_aid_that_the_level_does_not_offer_is_refused_but_not_the_appeal() -> None:
    appeal = filed(replace(PLAN, aid_asked_within_days=0))
    assert appeal.outcome is AppealOutcome.OPEN
    assert not appeal.aid_continues
    assert appeal.aid_refusal is AidRefusal.NOT_OFFERED


@pytest.mark.parametrize("outcome", [AppealOutcome.UPHELD, AppealOutcome.OVERTURNED])
def test_aid_ends_with_the_decision(outcome: AppealOutcome) -> None:
    assert decided(outcome).aid_ended_at == FILED + 24 * HOUR


def test_aid_ends_with_the_withdrawal_and_with_the_next_level() -> None:
    assert filed().withdraw(FILED + HOUR).aid_ended_at == FILED + HOUR
    assert filed().pass_on(FILED + HOUR).aid_ended_at == FILED + HOUR


def test_what_was_withdrawn_or_passed_on_is_settled() -> None:
    for settled in (filed().withdraw(FILED), filed().pass_on(FILED)):
        with pytest.raises(RuleViolation, match="already"):
            settled.decide(AppealOutcome.UPHELD, by=PHYSICIAN, now=FILED, resolution="late")


def test_a_late_filing_is_refused() -> None:
    late = AppealFiling(
        items=(1,),
        filed_by="member-7",
        filed_at=NOTICE + timedelta(days=66),
    )
    with pytest.raises(RuleViolation, match="the filing window has closed"):
        file_appeal(PLAN, late, appeal_id="a1", notice_at=NOTICE, was_authorized=True)


def test_an_overturned_denial_is_put_right_within_the_hours_of_its_row() -> None:
    appeal = decided(AppealOutcome.OVERTURNED)
    assert appeal.effectuate_by == FILED + 96 * HOUR
    assert appeal.next_step(FILED + 25 * HOUR) is NextStep.EFFECTUATE


def test_an_effectuated_appeal_is_closed() -> None:
    appeal = decided(AppealOutcome.OVERTURNED).effectuate(FILED + 30 * HOUR)
    assert appeal.effectuated_at == FILED + 30 * HOUR
    assert appeal.next_step(FILED + 900 * HOUR) is NextStep.CLOSE


def test_effectuating_twice_keeps_the_first_time() -> None:
    appeal = decided(AppealOutcome.OVERTURNED).effectuate(FILED + 30 * HOUR)
    assert appeal.effectuate(FILED + 40 * HOUR) == appeal


def test_an_upheld_denial_is_not_effectuated() -> None:
    appeal = decided(AppealOutcome.UPHELD)
    assert appeal.effectuate_by is None
    with pytest.raises(RuleViolation, match="did not overturn"):
        appeal.effectuate(FILED + 30 * HOUR)


def test_a_body_may_overturn_a_part_and_uphold_the_rest() -> None:
    def of(*items: int) -> Appeal:
        return filed().decide(
            AppealOutcome.OVERTURNED, by=PHYSICIAN, now=FILED, resolution="in part", items=items
        )

    assert (of(3).overturned_items, of(3).upheld_items) == ((3,), (1,))
    for whole in (of(), of(3, 1)):
        assert (whole.overturned_items, whole.upheld_items) == ((1, 3), ())
    upheld = decided(AppealOutcome.UPHELD)
    assert (upheld.overturned_items, upheld.upheld_items) == ((), (1, 3))
    assert filed().overturned_items == filed().upheld_items == ()


def test_the_items_of_a_decision_are_the_appeals_and_overturned() -> None:
    with pytest.raises(RuleViolation, match="not about all"):
        filed().decide(
            AppealOutcome.OVERTURNED, by=PHYSICIAN, now=FILED, resolution="no", items=(2,)
        )
    with pytest.raises(RuleViolation, match="only where some are overturned"):
        filed().decide(AppealOutcome.UPHELD, by=PHYSICIAN, now=FILED, resolution="no", items=(1,))


def test_an_appeal_is_decided_once() -> None:
    appeal = decided(AppealOutcome.UPHELD)
    with pytest.raises(RuleViolation, match="upheld already"):
        appeal.decide(AppealOutcome.OVERTURNED, by=PHYSICIAN, now=FILED, resolution="again")


def test_open_is_no_outcome() -> None:
    with pytest.raises(RuleViolation, match="either overturned or upheld"):
        filed().decide(AppealOutcome.OPEN, by=PHYSICIAN, now=FILED, resolution="")


def test_an_upheld_reconsideration_goes_to_the_independent_entity_by_itself() -> None:
    upheld = decided(AppealOutcome.UPHELD)
    now = FILED + 25 * HOUR
    assert upheld.next_step(now) is NextStep.FORWARD
    forwarded = forward_appeal(upheld, ENTITY, appeal_id="a2", now=now)
    assert (forwarded.appeal_id, forwarded.rule, forwarded.filed_at) == ("a2", ENTITY, now)
    assert forwarded.items == (1, 3)
    assert forwarded.outcome is AppealOutcome.OPEN
    assert forwarded.decided_by is None
    assert forwarded.is_forwarded
    assert forwarded.clock is not None
    assert forwarded.clock.due_at == datetime(2026, 4, 11, tzinfo=UTC)


def test_an_appeal_is_not_forwarded_past_its_next_level() -> None:
    with pytest.raises(RuleViolation, match="does not go to level 5"):
        forward_appeal(decided(AppealOutcome.UPHELD), COURT, appeal_id="a2", now=FILED + 25 * HOUR)


def test_an_overturned_appeal_is_not_forwarded() -> None:
    with pytest.raises(RuleViolation, match="does not go to level 2"):
        forward_appeal(
            decided(AppealOutcome.OVERTURNED), ENTITY, appeal_id="a2", now=FILED + 25 * HOUR
        )


def test_elsewhere_an_upheld_denial_leaves_the_next_level_to_the_member() -> None:
    asks = replace(PLAN, forwards_on_uphold=False)
    assert decided(AppealOutcome.UPHELD, asks).next_step(FILED) is NextStep.MAY_APPEAL


def test_after_the_last_level_an_upheld_denial_stands() -> None:
    last = replace(PLAN, next_level=0)
    assert decided(AppealOutcome.UPHELD, last).next_step(FILED) is NextStep.CLOSE


def test_a_withdrawn_appeal_is_closed() -> None:
    assert filed().withdraw(FILED).next_step(FILED) is NextStep.CLOSE


@pytest.mark.parametrize(
    ("consequence", "step"),
    [
        (BreachConsequence.FORWARDED, NextStep.FORWARD),
        (BreachConsequence.EXHAUSTED, NextStep.MAY_APPEAL),
        (BreachConsequence.STATE_RULE, NextStep.DECIDE),
        (BreachConsequence.NONE, NextStep.DECIDE),
    ],
)
def test_a_missed_deadline_has_the_consequence_of_its_row(
    consequence: BreachConsequence, step: NextStep
) -> None:
    appeal = filed(replace(PLAN, clock=replace(DAYS_30, on_breach=consequence)))
    late = datetime(2026, 4, 10, tzinfo=UTC)
    assert not appeal.is_breached(late - HOUR)
    assert appeal.is_breached(late)
    assert appeal.next_step(late) is step


def test_a_decided_appeal_is_not_breached_later() -> None:
    assert not decided(AppealOutcome.UPHELD).is_breached(FILED + 9000 * HOUR)


def test_a_missed_deadline_opens_no_level_that_is_not_there() -> None:
    exhausted = replace(DAYS_30, on_breach=BreachConsequence.EXHAUSTED)
    appeal = filed(replace(PLAN, clock=exhausted, next_level=0))
    assert appeal.next_step(FILED + 9000 * HOUR) is NextStep.DECIDE


def test_a_court_is_never_late() -> None:
    appeal = replace(filed(), rule=COURT, clock=None)
    assert appeal.next_step(FILED + 90000 * HOUR) is NextStep.DECIDE


def test_an_appeal_is_extended_by_its_clock() -> None:
    appeal = filed().extend(FILED + HOUR, reason="records")
    assert appeal.clock is not None
    assert appeal.clock.due_at == datetime(2026, 4, 24, tzinfo=UTC)


def test_an_appeal_without_a_running_clock_is_not_extended() -> None:
    for appeal in (replace(filed(), clock=None), decided(AppealOutcome.UPHELD)):
        with pytest.raises(RuleViolation, match="no running clock"):
            appeal.extend(FILED + HOUR)


def test_an_appeal_survives_json() -> None:
    shape = TypeAdapter(Appeal)
    appeal = decided(AppealOutcome.OVERTURNED)
    assert shape.validate_json(shape.dump_json(appeal)) == appeal
