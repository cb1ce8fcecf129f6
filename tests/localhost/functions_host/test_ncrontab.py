from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from localhost.functions_host.ncrontab import parse_schedule

NOON = datetime(2026, 3, 4, 12, 0, 0, tzinfo=UTC)  # A Wednesday.


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("0 */5 * * * *", "2026-03-04T12:05:00"),
        ("0 0 * * * *", "2026-03-04T13:00:00"),
        ("0 0 */2 * * *", "2026-03-04T14:00:00"),
        ("0 0 9-17 * * *", "2026-03-04T13:00:00"),
        ("0 30 9 * * *", "2026-03-05T09:30:00"),
        ("0 30 9 * * 1-5", "2026-03-05T09:30:00"),
        ("0 30 9 * * Sat,Sun", "2026-03-07T09:30:00"),
        ("0 30 9 * Jan Mon", "2027-01-04T09:30:00"),
        ("0 0 0 1 january *", "2027-01-01T00:00:00"),
        ("30 5 * * * *", "2026-03-04T12:05:30"),
        ("*/15 * * * * *", "2026-03-04T12:00:15"),
        ("50-59/3 * * * * *", "2026-03-04T12:00:50"),
        ("10/20 * * * * *", "2026-03-04T12:00:10"),
        ("*/5 * * * *", "2026-03-04T12:05:00"),
        ("0 0 0 29 2 *", "2028-02-29T00:00:00"),
        ("0 0 0 13 * Fri", "2026-03-13T00:00:00"),
        ("00:00:30", "2026-03-04T12:00:30"),
        ("1.00:00:00", "2026-03-05T12:00:00"),
    ],
)
def test_the_next_occurrence_comes_after_the_moment(schedule: str, expected: str) -> None:
    found = parse_schedule(schedule).next_after(NOON)

    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "reason"),
    [
        ("* * * *", "4 fields"),
        ("60 * * * * *", "second"),
        ("0 61 * * * *", "minute"),
        ("0 0 24 * * *", "hour"),
        ("0 0 0 0 * *", "day"),
        ("0 0 0 1 13 *", "month"),
        ("0 0 0 * * 8", "day of the week"),
        ("0 0 0 * * Tues-Mon", "day of the week"),
        ("0 */0 * * * *", "minute"),
        ("0 x * * * *", "'x' is no minute"),
        ("0 5-1 * * * *", "minute"),
        ("0 0 0 30 2 *", "no next occurrence"),
        ("00:00:00", "never passes"),
        ("25:61", "time span"),
        ("", "0 fields"),
        ("0 ² * * * *", "minute"),
    ],
)
def test_a_schedule_that_cannot_be_read_says_which_part(schedule: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_schedule(schedule)


def test_consecutive_occurrences_are_all_found() -> None:
    schedule = parse_schedule("0 */20 8-9 * * *")
    moment, found = NOON, []
    for _ in range(7):
        moment = schedule.next_after(moment)
        found.append(moment.strftime("%H:%M"))

    assert found == ["08:00", "08:20", "08:40", "09:00", "09:20", "09:40", "08:00"]


BERLIN = ZoneInfo("Europe/Berlin")


def test_a_schedule_follows_the_clock_on_the_wall() -> None:
    winter = datetime(2026, 1, 10, tzinfo=UTC)
    summer = datetime(2026, 7, 10, tzinfo=UTC)
    schedule = parse_schedule("0 0 9 * * *", BERLIN)

    assert schedule.next_after(winter).hour == 8
    assert schedule.next_after(summer).hour == 7


def test_a_time_that_spring_skips_runs_once_that_day() -> None:
    schedule = parse_schedule("0 30 2 * * *", BERLIN)
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)

    first = schedule.next_after(before)
    second = schedule.next_after(first)

    assert first == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert second == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


def test_a_time_that_autumn_repeats_runs_once() -> None:
    schedule = parse_schedule("0 30 2 * * *", BERLIN)
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)

    first = schedule.next_after(before)
    second = schedule.next_after(first)

    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert second - first == timedelta(hours=25)
