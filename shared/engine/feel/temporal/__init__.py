"""Dates, times and durations as FEEL has them.

Python's own types end at the year 9999, know one kind of duration and stop at microseconds, so
these stand beside them: years of up to nine digits, nanoseconds, zones by offset or by name.
"""

from shared.engine.feel.temporal.calendar import days_in_month
from shared.engine.feel.temporal.duration import DaysDuration, MonthsDuration
from shared.engine.feel.temporal.moment import Date, DateTime, Time
from shared.engine.feel.temporal.text import (
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
    parse_zone,
)
from shared.engine.feel.temporal.zone import Zone

__all__ = [
    "Date",
    "DateTime",
    "DaysDuration",
    "MonthsDuration",
    "Time",
    "Zone",
    "days_in_month",
    "parse_date",
    "parse_date_time",
    "parse_duration",
    "parse_time",
    "parse_zone",
]
