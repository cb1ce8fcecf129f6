"""Schedules of timer functions: NCRONTAB expressions and time spans.

Source: https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
Six fields: second, minute, hour, day, month, day of the week (0 to 6, Sunday is 0); five fields
mean second 0. All fields must match, the two kinds of day as well. Names of months and days may be
shortened to three letters. A time span such as `00:05:00` means that often.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from localhost.functions_host.host_json import seconds_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


@dataclass(frozen=True)
class _Field:
    name: str
    least: int
    most: int
    names: dict[str, int]


def _numbered(names: tuple[str, ...], first: int) -> dict[str, int]:
    """Names in full and in three letters, with their numbers."""
    return {form: number for number, name in enumerate(names, first) for form in (name, name[:3])}


_FIELDS = (
    _Field("second", 0, 59, {}),
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day", 1, 31, {}),
    _Field("month", 1, 12, _numbered(_MONTHS, 1)),
    _Field("day of the week", 0, 6, _numbered(_DAYS, 0)),
)

YEARS_AHEAD_MAX = 9
"""29 February can be eight years away, around a century that is no leap year."""


class Schedule(Protocol):
    """When a timer function runs."""

    @property
    def adjusts_for_daylight_saving(self) -> bool:
        """Whether occurrences are times of the clock on the wall."""

    def next_after(self, moment: datetime) -> datetime:
        """The first occurrence after the moment; both in UTC."""


@dataclass(frozen=True)
class Every:
    """Runs again and again after a constant time."""

    interval: timedelta
    adjusts_for_daylight_saving: bool = False

    def next_after(self, moment: datetime) -> datetime:
        """The moment plus the interval."""
        return moment + self.interval


@dataclass(frozen=True)
class Cron:
    """Runs at the moments that six fields describe, on the clock of a time zone."""

    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    zone: ZoneInfo | None = None
    adjusts_for_daylight_saving: bool = True

    def next_after(self, moment: datetime) -> datetime:
        """The first moment after the given one at which all fields match.

        A time that the clock skips in spring runs at the moment of the change; one that it shows
        twice in autumn runs the first time.

        Raises:
            ValueError: if no such moment comes within nine years, such as for 30 February.
        """
        zone = self.zone or UTC
        local = moment.astimezone(zone).replace(tzinfo=None)
        while True:
            local = self._next_on_the_wall(local)
            found = local.replace(tzinfo=zone).astimezone(UTC)
            if found > moment:
                return found

    def _next_on_the_wall(self, after: datetime) -> datetime:
        moment = after.replace(microsecond=0) + timedelta(seconds=1)
        end = moment.replace(year=min(moment.year + YEARS_AHEAD_MAX, 9999), day=1)
        while moment < end:
            midnight = moment.replace(hour=0, minute=0, second=0)
            if moment.month not in self.months:
                moment = (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
            elif moment.day not in self.days or moment.isoweekday() % 7 not in self.weekdays:
                moment = midnight + timedelta(days=1)
            elif moment.hour not in self.hours:
                moment = moment.replace(minute=0, second=0) + timedelta(hours=1)
            elif moment.minute not in self.minutes:
                moment = moment.replace(second=0) + timedelta(minutes=1)
            elif moment.second not in self.seconds:
                moment += timedelta(seconds=1)
            else:
                return moment
        msg = "the schedule has no next occurrence"
        raise ValueError(msg)


def parse_schedule(text: str, zone: ZoneInfo | None = None) -> Schedule:
    """Read a schedule.

    Args:
        zone: the time zone of the setting WEBSITE_TIME_ZONE; UTC where there is none.

    Raises:
        ValueError: naming the field that cannot be read.
    """
    if ":" in text and " " not in text.strip():
        interval = timedelta(seconds=seconds_of(text))
        if interval <= timedelta(0):
            msg = f"the schedule '{text}' never passes any time"
            raise ValueError(msg)
        return Every(interval)
    parts = text.split()
    if len(parts) == len(_FIELDS) - 1:
        parts.insert(0, "0")
    if len(parts) != len(_FIELDS):
        msg = f"the schedule '{text}' has {len(parts)} fields where NCRONTAB has six"
        raise ValueError(msg)
    sets = [_read_field(part, field) for part, field in zip(parts, _FIELDS, strict=True)]
    seconds, minutes, hours, days, months, weekdays = sets
    cron = Cron(seconds, minutes, hours, days, months, weekdays, zone)
    cron.next_after(datetime(2024, 1, 1, tzinfo=UTC))
    return cron


def _read_field(text: str, field: _Field) -> frozenset[int]:
    numbers: set[int] = set()
    for part in text.split(","):
        numbers.update(_read_part(part, field))
    return frozenset(numbers)


def _read_part(part: str, field: _Field) -> range:
    span, slash, step_text = part.partition("/")
    step = _number(step_text, field, named=False) if slash else 1
    if span == "*":
        first, last = field.least, field.most
    elif "-" in span:
        low, _, high = span.partition("-")
        first, last = _number(low, field), _number(high, field)
    else:
        first = _number(span, field)
        last = field.most if slash else first
    if step < 1 or not field.least <= first <= last <= field.most:
        msg = f"'{part}' is no {field.name} from {field.least} to {field.most}"
        raise ValueError(msg)
    return range(first, last + 1, step)


def _number(text: str, field: _Field, *, named: bool = True) -> int:
    if named and text.lower() in field.names:
        return field.names[text.lower()]
    if text.isascii() and text.isdigit():
        return int(text)
    msg = f"'{text}' is no {field.name}"
    raise ValueError(msg)
