"""Date and time built-ins, and the conversions that make dates, times and durations.

Source:
    DMN 1.5, 10.3.4.1 (conversion), 10.3.4.6 and 10.3.4.7 (date and time, temporal).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from shared.engine.feel.library.registry import built_in
from shared.engine.feel.running import FeelError
from shared.engine.feel.temporal import (
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from shared.engine.feel.temporal.calendar import day_number
from shared.engine.feel.temporal.duration import NANOSECONDS
from shared.engine.feel.temporal.zone import UTC, fixed
from shared.engine.feel.values import NUMBERS

if TYPE_CHECKING:
    from shared.engine.feel.running import Run

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
THURSDAY = 4


@built_in("date(from: string)")
def _date_from_text(text: str) -> Date:
    return parse_date(text)


@built_in("date(from: date)")
def _date_from_date(date: Date) -> Date:
    return date


@built_in("date(from: date and time)")
def _date_from_date_time(moment: DateTime) -> Date:
    return moment.date


@built_in("date(year: number, month: number, day: number)")
def _date_from_parts(year: Decimal, month: Decimal, day: Decimal) -> Date:
    return Date.of(_whole(year), _whole(month), _whole(day))


@built_in("time(from: string)")
def _time_from_text(text: str) -> Time:
    return parse_time(text)


@built_in("time(from: time)")
def _time_from_time(time: Time) -> Time:
    return time


@built_in("time(from: date)")
def _time_from_date(date: Date) -> Time:  # noqa: ARG001 - every date begins at midnight
    return Time(0, 0, 0, zone=UTC)


@built_in("time(from: date and time)")
def _time_from_date_time(moment: DateTime) -> Time:
    return moment.time


@built_in(
    "time(hour: number, minute: number, second: number, offset?: days and time duration|null)"
)
def _time_from_parts(
    hour: Decimal, minute: Decimal, second: Decimal, offset: DaysDuration | None = None
) -> Time:
    whole = int(second)
    nanoseconds = int(NUMBERS.multiply(NUMBERS.remainder(second, Decimal(1)), Decimal(NANOSECONDS)))
    zone = None if offset is None else fixed(offset.nanoseconds // NANOSECONDS)
    return Time.of(_whole(hour), _whole(minute), whole, nanoseconds, zone)


@built_in("date and time(from: string)")
def _date_time_from_text(text: str) -> DateTime:
    return parse_date_time(text)


@built_in("date and time(date: date, time: time)")
def _date_time_from_parts(date: Date, time: Time) -> DateTime:
    return DateTime(date, time)


@built_in("date and time(date: date and time, time: time)")
def _date_time_with_time(date: DateTime, time: Time) -> DateTime:
    return DateTime(date.date, time)


@built_in("duration(from: string)")
def _duration(text: str) -> DaysDuration | MonthsDuration:
    return parse_duration(text)


@built_in("years and months duration(from: date, to: date)")
def _months_between(start: Date, end: Date) -> MonthsDuration:
    return _between(start, end)


@built_in("years and months duration(from: date and time, to: date and time)")
def _months_between_moments(start: DateTime, end: DateTime) -> MonthsDuration:
    return _between(start.date, end.date)


@built_in("day of year(date: date)")
def _day_of_year(date: Date) -> Decimal:
    return Decimal(date.number - day_number(date.year, 1, 1) + 1)


@built_in("day of week(date: date)")
def _day_of_week(date: Date) -> str:
    return DAY_NAMES[date.weekday - 1]


@built_in("month of year(date: date)")
def _month_of_year(date: Date) -> str:
    return MONTH_NAMES[date.month - 1]


@built_in("week of year(date: date)")
def _week_of_year(date: Date) -> Decimal:
    # ISO 8601: a week belongs to the year that its Thursday lies in.
    thursday = Date.from_number(date.number - date.weekday + THURSDAY)
    return Decimal((thursday.number - day_number(thursday.year, 1, 1)) // 7 + 1)


@built_in("day of year(date: date and time)")
def _day_of_year_of_moment(moment: DateTime) -> Decimal:
    return _day_of_year(moment.date)


@built_in("day of week(date: date and time)")
def _day_of_week_of_moment(moment: DateTime) -> str:
    return _day_of_week(moment.date)


@built_in("month of year(date: date and time)")
def _month_of_year_of_moment(moment: DateTime) -> str:
    return _month_of_year(moment.date)


@built_in("week of year(date: date and time)")
def _week_of_year_of_moment(moment: DateTime) -> Decimal:
    return _week_of_year(moment.date)


@built_in("now()", with_run=True)
def _now(run: Run) -> DateTime:
    if run.now is None:
        raise FeelError("the caller gave no time")
    return run.now


@built_in("today()", with_run=True)
def _today(run: Run) -> Date:
    return _now(run).date


def _between(start: Date, end: Date) -> MonthsDuration:
    if end < start:
        return -_between(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return MonthsDuration(months - (end.day < start.day))


def _whole(number: Decimal) -> int:
    if number != int(number):
        raise FeelError("a part of a date or time is a whole number")
    return int(number)
