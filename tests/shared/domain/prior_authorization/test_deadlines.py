"""The clocks: hours, days, business days, daylight saving, extension and tolling."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from shared.domain.prior_authorization.deadlines import (
    BreachConsequence,
    ClockRule,
    DecisionClock,
    Moment,
    MomentKind,
    TimeUnit,
    Tolling,
    start_clock,
)
from shared.errors import RuleViolation

NEW_YORK = ZoneInfo("America/New_York")
URGENT = ClockRule(
    allowed=72,
    unit=TimeUnit.HOURS,
    time_zone="America/New_York",
    extension_days=14,
    extensions_max=1,
    warn_before_hours=24,
    on_breach=BreachConsequence.ADVERSE,
)
STANDARD = replace(URGENT, allowed=7, unit=TimeUnit.CALENDAR_DAYS, warn_before_hours=48)
ERISA = replace(
    STANDARD, allowed=15, extension_days=15, tolls=Tolling.INFORMATION, toll_days_min=45
)
URGENT_ERISA = replace(
    URGENT, extension_days=0, tolls=Tolling.INFORMATION, toll_days_min=2, hours_after_information=48
)
ALABAMA = ClockRule(allowed=2, unit=TimeUnit.BUSINESS_DAYS, time_zone="America/Chicago")


def new_york(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=NEW_YORK)


def test_a_rule_is_read_from_its_row() -> None:
    row = {
        "allowed": 15,
        "unit": "calendar days",
        "extension days": 15,
        "extensions max": 1,
        "tolls": "information",
        "toll days min": 45,
        "hours after information": 0,
        "warn before hours": 48,
        "on breach": "adverse",
    }
    rule = ClockRule.from_row(row, time_zone="America/New_York", rule_id="t@1#r")
    assert rule == replace(ERISA, rule_id="t@1#r")


def test_hours_run_through_the_weekend_from_receipt() -> None:
    clock = start_clock(URGENT, new_york(6, 5, 16, 30))
    assert clock.due_at == new_york(6, 8, 16, 30)
    assert clock.alert_at == clock.due_at
    assert clock.warn_at == new_york(6, 7, 16, 30)


def test_seventy_two_hours_are_elapsed_hours_when_the_clocks_go_forward() -> None:
    clock = start_clock(URGENT, new_york(3, 7, 12))
    assert clock.due_at == new_york(3, 10, 13)


def test_seventy_two_hours_are_elapsed_hours_when_the_clocks_go_back() -> None:
    clock = start_clock(URGENT, new_york(10, 31, 12))
    assert clock.due_at == new_york(11, 3, 11)


def test_the_day_of_receipt_is_day_zero_and_the_last_day_counts_whole() -> None:
    clock = start_clock(STANDARD, new_york(6, 4, 9))
    assert clock.due_at == new_york(6, 12)
    assert clock.alert_at == new_york(6, 11, 9)
    assert clock.warn_at == new_york(6, 9, 9)


def test_a_last_day_on_a_holiday_is_not_moved() -> None:
    clock = start_clock(STANDARD, new_york(12, 18, 9))
    assert clock.due_at == new_york(12, 26)


def test_days_are_the_local_ones() -> None:
    """At 01:00 UTC on the 5th it is still the 4th in New York."""
    clock = start_clock(STANDARD, datetime(2026, 6, 5, 1, tzinfo=UTC))
    assert clock.due_at == new_york(6, 12)


def test_a_day_clock_over_the_spring_change_alerts_at_the_end_of_the_local_day() -> None:
    """168 hours from 23:30 would end at 00:30 of day 8, when the local day 7 is over."""
    clock = start_clock(STANDARD, new_york(3, 5, 23, 30))
    assert clock.due_at == new_york(3, 13)
    assert clock.alert_at == clock.due_at


def test_a_day_clock_over_the_autumn_change_alerts_after_full_days_of_24_hours() -> None:
    clock = start_clock(STANDARD, new_york(10, 30, 23, 30))
    assert clock.due_at == new_york(11, 7)
    assert clock.alert_at == new_york(11, 6, 22, 30)


def test_business_days_skip_the_weekend() -> None:
    clock = start_clock(ALABAMA, datetime(2026, 6, 4, 15, tzinfo=ZoneInfo("America/Chicago")))
    assert clock.due_at == datetime(2026, 6, 9, tzinfo=ZoneInfo("America/Chicago"))
    assert clock.alert_at == clock.due_at


def test_business_days_skip_the_observed_holiday() -> None:
    received_at = datetime(2026, 7, 2, 15, tzinfo=ZoneInfo("America/Chicago"))
    clock = start_clock(ALABAMA, received_at, holidays=[date(2026, 7, 3)])
    assert clock.due_at == datetime(2026, 7, 8, tzinfo=ZoneInfo("America/Chicago"))


def test_only_a_clock_of_business_days_keeps_holidays() -> None:
    assert start_clock(STANDARD, new_york(7, 2), holidays=[date(2026, 7, 3)]).holidays == ()


def test_a_receipt_without_a_time_zone_is_a_bug() -> None:
    with pytest.raises(ValueError, match="time zone"):
        start_clock(STANDARD, datetime(2026, 6, 4, 9))  # noqa: DTZ001 - what is refused


def test_an_extension_adds_its_days_once() -> None:
    clock = start_clock(STANDARD, new_york(6, 4, 9)).extend(new_york(6, 10), reason="records")
    assert clock.due_at == new_york(6, 26)
    assert clock.alert_at == new_york(6, 25, 9)
    assert not clock.may_extend
    with pytest.raises(RuleViolation, match="no further extension"):
        clock.extend(new_york(6, 11))


def test_an_extension_of_an_hour_clock_adds_whole_days() -> None:
    clock = start_clock(URGENT, new_york(6, 4, 9)).extend(new_york(6, 5))
    assert clock.due_at == new_york(6, 21, 9)


def test_a_clock_without_extension_is_not_extended() -> None:
    clock = start_clock(ALABAMA, new_york(6, 4, 9))
    with pytest.raises(RuleViolation, match="no further extension"):
        clock.extend(new_york(6, 4, 10))


def test_a_deadline_that_has_passed_is_not_extended() -> None:
    clock = start_clock(STANDARD, new_york(6, 4, 9))
    with pytest.raises(RuleViolation, match="has passed"):
        clock.extend(clock.due_at)


def test_at_the_deadline_itself_a_decision_is_late() -> None:
    clock = start_clock(STANDARD, new_york(6, 4, 9))
    assert clock.is_breached(clock.due_at)
    assert not clock.is_breached(clock.due_at - timedelta(microseconds=1))


def test_information_stops_only_a_clock_that_tolls() -> None:
    clock = start_clock(STANDARD, new_york(6, 4, 9))
    assert clock.pause(new_york(6, 5)) == clock
    assert clock.resume(new_york(6, 6)) == clock


def test_the_days_until_the_information_comes_do_not_count() -> None:
    clock = start_clock(ERISA, new_york(6, 4, 9))
    assert clock.due_at == new_york(6, 20)
    paused = clock.pause(new_york(6, 10, 15))
    answered = paused.resume(new_york(6, 20, 10))
    assert answered.due_at == new_york(6, 30)
    assert answered.open_pause is None


def test_an_open_pause_lasts_until_it_lapses() -> None:
    paused = start_clock(ERISA, new_york(6, 4, 9)).pause(new_york(6, 10, 15))
    assert paused.open_pause is not None
    assert paused.open_pause.lapses_at == new_york(7, 25, 15)
    assert paused.due_at == new_york(8, 4)


def test_an_answer_after_the_lapse_no_longer_tolls() -> None:
    paused = start_clock(ERISA, new_york(6, 4, 9)).pause(new_york(6, 10, 15))
    assert paused.resume(new_york(7, 30)).due_at == paused.due_at


def test_an_answer_on_the_day_of_the_question_tolls_nothing() -> None:
    clock = start_clock(ERISA, new_york(6, 4, 9))
    answered = clock.pause(new_york(6, 10, 9)).resume(new_york(6, 10, 17))
    assert answered.due_at == clock.due_at


def test_an_answer_dated_before_the_question_tolls_nothing() -> None:
    clock = start_clock(ERISA, new_york(6, 4, 9))
    assert clock.pause(new_york(6, 10)).resume(new_york(6, 8)).due_at == clock.due_at


def test_pausing_a_paused_clock_changes_nothing() -> None:
    paused = start_clock(ERISA, new_york(6, 4, 9)).pause(new_york(6, 10))
    assert paused.pause(new_york(6, 12)) == paused


def test_a_deadline_that_has_passed_is_not_tolled() -> None:
    clock = start_clock(ERISA, new_york(6, 4, 9))
    assert clock.pause(clock.due_at) == clock


def test_a_question_on_the_last_day_tolls_the_rest_of_it() -> None:
    clock = start_clock(ERISA, new_york(6, 4, 9))
    paused = clock.pause(new_york(6, 19, 15))
    assert paused.due_at == clock.due_at + timedelta(days=45)
    assert paused.resume(new_york(6, 22, 9)).due_at == new_york(6, 23)


def test_an_urgent_clock_decides_within_its_hours_after_the_information() -> None:
    clock = start_clock(URGENT_ERISA, new_york(6, 4, 9)).pause(new_york(6, 4, 19))
    assert clock.due_at == new_york(6, 8, 19)
    assert clock.warn_at == new_york(6, 7, 19)
    assert clock.resume(new_york(6, 5, 9)).due_at == new_york(6, 7, 9)


def test_an_urgent_question_is_asked_within_the_first_24_hours_or_after_the_deadline() -> None:
    clock = start_clock(URGENT_ERISA, new_york(6, 4, 9))
    assert clock.pause(new_york(6, 5, 9)).open_pause is not None
    late = new_york(6, 5, 9, 1)
    assert not clock.may_ask(late)
    with pytest.raises(RuleViolation, match="while 48 hours are left"):
        clock.pause(late)
    assert clock.may_ask(clock.due_at)
    assert clock.pause(clock.due_at) == clock


def test_a_clock_that_gives_no_hours_after_the_information_may_always_ask() -> None:
    assert start_clock(URGENT, new_york(6, 4, 9)).may_ask(new_york(6, 7, 8))


def test_an_hour_clock_that_tolls_stands_still_by_the_minute() -> None:
    rule = replace(URGENT, tolls=Tolling.INFORMATION, toll_days_min=2)
    clock = start_clock(rule, new_york(6, 4, 9)).pause(new_york(6, 5, 9))
    assert clock.due_at == new_york(6, 9, 9)
    assert clock.resume(new_york(6, 5, 9, 30)).due_at == new_york(6, 7, 9, 30)


def test_two_pauses_add_up() -> None:
    clock = start_clock(ERISA, new_york(6, 1, 9))
    once = clock.pause(new_york(6, 2)).resume(new_york(6, 5))
    twice = once.pause(new_york(6, 8)).resume(new_york(6, 10))
    assert twice.due_at == clock.due_at + timedelta(days=5)


def test_an_extension_and_a_pause_add_up() -> None:
    clock = start_clock(ERISA, new_york(6, 4, 9)).extend(new_york(6, 10))
    answered = clock.pause(new_york(6, 10)).resume(new_york(6, 15))
    assert answered.due_at == new_york(7, 10)


def test_the_moments_come_in_order() -> None:
    clock = start_clock(STANDARD, new_york(6, 4, 9))
    moments = []
    now = clock.received_at
    while (moment := clock.next_moment_after(now)) is not None:
        moments.append(moment)
        now = moment.at
    assert moments == [
        Moment(MomentKind.WARN, clock.warn_at),
        Moment(MomentKind.ALERT, clock.alert_at),
        Moment(MomentKind.DUE, clock.due_at),
    ]


def test_a_clock_whose_alert_is_its_deadline_has_no_moment_of_alert() -> None:
    clock = start_clock(URGENT, new_york(6, 4, 9))
    assert clock.next_moment_after(clock.warn_at) == Moment(MomentKind.DUE, clock.due_at)


def test_a_paused_clock_names_the_lapse() -> None:
    paused = start_clock(ERISA, new_york(6, 4, 9)).pause(new_york(6, 5, 9))
    assert paused.next_moment_after(new_york(6, 5, 9)) == Moment(
        MomentKind.INFORMATION_LAPSES, new_york(7, 20, 9).astimezone(UTC)
    )


def test_a_warning_never_lies_before_the_receipt() -> None:
    rule = replace(URGENT, allowed=8)
    clock = start_clock(rule, new_york(6, 4, 9))
    assert clock.warn_at == clock.received_at


CLOCK_JSON = TypeAdapter(DecisionClock)
RULES = st.sampled_from([URGENT, STANDARD, ERISA, ALABAMA])
RECEIPTS = st.datetimes(
    datetime(2024, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2030, 12, 31),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.sampled_from([UTC, NEW_YORK, timezone(timedelta(hours=9))]),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["extend", "pause", "resume"]), st.integers(0, 400)), max_size=6
)


def walked(rule: ClockRule, received_at: datetime, steps: list[tuple[str, int]]) -> DecisionClock:
    """A clock after steps, each some hours after the one before; what is refused is left out."""
    clock = start_clock(rule, received_at)
    now = clock.received_at
    for verb, hours in steps:
        now += timedelta(hours=hours)
        try:
            clock = getattr(clock, verb)(now)
        except RuleViolation:
            continue
    return clock


@given(RULES, RECEIPTS, STEPS)
def test_a_clock_survives_json(
    rule: ClockRule, received_at: datetime, steps: list[tuple[str, int]]
) -> None:
    clock = walked(rule, received_at, steps)
    again = CLOCK_JSON.validate_json(CLOCK_JSON.dump_json(clock))
    assert again == clock
    assert again.due_at == clock.due_at


@given(RULES, RECEIPTS, STEPS)
def test_warning_alert_and_deadline_keep_their_order(
    rule: ClockRule, received_at: datetime, steps: list[tuple[str, int]]
) -> None:
    clock = walked(rule, received_at, steps)
    assert clock.received_at <= clock.warn_at <= clock.alert_at <= clock.due_at
    assert len(clock.extensions) <= rule.extensions_max


@given(RULES, RECEIPTS, STEPS)
def test_no_step_shortens_the_time(
    rule: ClockRule, received_at: datetime, steps: list[tuple[str, int]]
) -> None:
    assert walked(rule, received_at, steps).due_at >= start_clock(rule, received_at).due_at
