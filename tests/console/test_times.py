from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from console.times import clock_left, duration, moment, time_left
from shared.domain.prior_authorization.deadlines import ClockRule, TimeUnit, start_clock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAYS = ClockRule(
    allowed=7, unit=TimeUnit.CALENDAR_DAYS, time_zone="America/New_York", warn_before_hours=48
)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 minute"),
        (3600, "1 hour"),
        (7500, "2 hours 5 minutes"),
        (86400 + 7200 + 60, "1 day 2 hours"),
        (86400 + 60, "1 day"),
        (86400 * 30, "30 days"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds: int, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words


def test_a_moment_is_told_on_the_plans_clock() -> None:
    assert moment(NOON, "America/New_York") == "2 Mar 2026, 7:00 am EST"
    assert moment(NOON) == "2 Mar 2026, 12:00 pm UTC"
    assert moment(NOON.replace(hour=0)) == "2 Mar 2026, 12:00 am UTC"


@pytest.mark.parametrize(
    ("hours", "state", "words"),
    [
        (25, "ample", "1 day 1 hour left"),
        (2, "soon", "Due soon: 2 hours left"),
        (0, "overdue", "Overdue by less than a minute"),
        (-3, "overdue", "Overdue by 3 hours"),
    ],
)
def test_time_left_says_in_words_what_colours_say(hours: int, state: str, words: str) -> None:
    left = time_left(NOON + timedelta(hours=hours), NOON)
    assert (left.state, left.text) == (state, words)


def test_between_alert_and_deadline_the_deadline_counts() -> None:
    clock = start_clock(DAYS, NOON)
    assert clock.alert_at < clock.due_at
    assert clock_left(clock, NOON).text == "7 days left"
    assert clock_left(clock, clock.warn_at).text == "Due soon: 2 days left"
    assert clock_left(clock, clock.alert_at).text == "Decide at once: 16 hours to the deadline"
    assert clock_left(clock, clock.due_at).state == "overdue"
    hours = start_clock(replace(DAYS, unit=TimeUnit.HOURS), NOON)
    assert clock_left(hours, hours.alert_at).state == "overdue"
