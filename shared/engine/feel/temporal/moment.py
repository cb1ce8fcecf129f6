"""Dates, times of day, and both together, with or without a zone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import total_ordering
from typing import TYPE_CHECKING

from shared.engine.feel.running import FeelError
from shared.engine.feel.temporal.calendar import (
    MONTHS_IN_YEAR,
    YEAR_MAX,
    civil_date,
    day_number,
    days_in_month,
    weekday,
)
from shared.engine.feel.temporal.duration import DAY_NANOSECONDS, NANOSECONDS

if TYPE_CHECKING:
    from shared.engine.feel.temporal.zone import Zone

HOURS = 24
SIXTY = 60
REFERENCE_YEAR = 1970  # Fixes the offset of a named zone where a time has no date.


@dataclass(frozen=True, slots=True, order=True)
class Date:
    """A calendar date. Build it with Date.of where the parts are not yet known to be valid."""

    year: int
    month: int
    day: int

    @classmethod
    def of(cls, year: int, month: int, day: int) -> Date:
        """The date of these parts.

        Raises:
            FeelError: there is no such date.
        """
        if (
            abs(year) > YEAR_MAX
            or not 1 <= month <= MONTHS_IN_YEAR
            or not 1 <= day <= days_in_month(year, month)
        ):
            raise FeelError("there is no such date")
        return cls(year, month, day)

    @classmethod
    def from_number(cls, number: int) -> Date:
        """The date so many days after 1970-01-01."""
        return cls.of(*civil_date(number))

    @property
    def number(self) -> int:
        """Days since 1970-01-01."""
        return day_number(self.year, self.month, self.day)

    @property
    def weekday(self) -> int:
        """1 for Monday to 7 for Sunday."""
        return weekday(self.number)

    def plus_months(self, months: int) -> Date:
        """The same day so many months on, or the last day of a shorter month."""
        years, month_index = divmod(self.month - 1 + months, MONTHS_IN_YEAR)
        year, month = self.year + years, month_index + 1
        return Date.of(year, month, min(self.day, days_in_month(year, month)))

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04}-{self.month:02}-{self.day:02}"


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Time:
    """A time of day. With zones, two times are equal when they are the same second of UTC's day.

    Source:
        DMN 1.5, 10.3.2.3.4: the value of a time is a number of seconds; the TCK (0068, time_005)
        holds times that differ in milliseconds equal. Order still tells them apart.
    """

    hour: int
    minute: int
    second: int
    nanosecond: int = 0
    zone: Zone | None = None

    @classmethod
    def of(
        cls, hour: int, minute: int, second: int, nanosecond: int = 0, zone: Zone | None = None
    ) -> Time:
        """The time of these parts.

        Raises:
            FeelError: there is no such time.
        """
        if not (0 <= hour < HOURS and 0 <= minute < SIXTY and 0 <= second < SIXTY):
            raise FeelError("there is no such time")
        return cls(hour, minute, second, nanosecond, zone)

    @classmethod
    def from_nanoseconds(cls, nanoseconds: int, zone: Zone | None = None) -> Time:
        """The time so long after midnight, within the day."""
        seconds, nanosecond = divmod(nanoseconds % DAY_NANOSECONDS, NANOSECONDS)
        return cls(seconds // 3600, seconds // SIXTY % SIXTY, seconds % SIXTY, nanosecond, zone)

    @property
    def seconds(self) -> int:
        """Whole seconds since midnight."""
        return self.hour * 3600 + self.minute * SIXTY + self.second

    @property
    def nanoseconds(self) -> int:
        """Nanoseconds since midnight, on this clock."""
        return self.seconds * NANOSECONDS + self.nanosecond

    @property
    def offset(self) -> int | None:
        """Seconds east of UTC; None for a local time."""
        return None if self.zone is None else self.zone.offset_at(REFERENCE_YEAR, self.seconds)

    @property
    def instant(self) -> int:
        """Nanoseconds since midnight UTC, or since midnight where the time is local."""
        return self.nanoseconds - (self.offset or 0) * NANOSECONDS

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Time):
            return NotImplemented
        return (self.zone is None) == (other.zone is None) and (
            self.instant // NANOSECONDS == other.instant // NANOSECONDS
        )

    def __lt__(self, other: Time) -> bool:
        return self.instant < other.instant

    def __hash__(self) -> int:
        return hash((self.zone is None, self.instant // NANOSECONDS))

    def __str__(self) -> str:
        fraction = f"{self.nanosecond:09}".rstrip("0")
        text = f"{self.hour:02}:{self.minute:02}:{self.second:02}"
        return text + (f".{fraction}" if fraction else "") + str(self.zone or "")


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class DateTime:
    """A date with a time of day. With zones, two are equal in the same second of UTC."""

    date: Date
    time: Time

    @classmethod
    def from_nanoseconds(cls, nanoseconds: int, zone: Zone | None = None) -> DateTime:
        """The local date and time so long after 1970-01-01T00:00:00."""
        days, rest = divmod(nanoseconds, DAY_NANOSECONDS)
        return cls(Date.from_number(days), Time.from_nanoseconds(rest, zone))

    @classmethod
    def from_instant(cls, instant: int, zone: Zone) -> DateTime:
        """The clock of that zone at an instant, nanoseconds since 1970-01-01T00:00:00Z."""
        guess = cls.from_nanoseconds(instant, zone)
        for _ in range(2):  # Near a change of offset the first guess may use the wrong one.
            offset = guess.offset or 0
            guess = cls.from_nanoseconds(instant + offset * NANOSECONDS, zone)
        return guess

    @property
    def zone(self) -> Zone | None:
        """The zone; None for a local date and time."""
        return self.time.zone

    @property
    def nanoseconds(self) -> int:
        """Nanoseconds from 1970-01-01T00:00:00 on this clock."""
        return self.date.number * DAY_NANOSECONDS + self.time.nanoseconds

    @property
    def offset(self) -> int | None:
        """Seconds east of UTC; None for a local date and time."""
        if self.time.zone is None:
            return None
        first = day_number(self.date.year, 1, 1)
        seconds = (self.date.number - first) * 86_400 + self.time.seconds
        return self.time.zone.offset_at(self.date.year, seconds)

    @property
    def instant(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z, or on this clock where it is local."""
        return self.nanoseconds - (self.offset or 0) * NANOSECONDS

    def plus_nanoseconds(self, nanoseconds: int) -> DateTime:
        """So much later; across a change of offset, the clock follows its zone."""
        if self.zone is None or not self.zone.name:
            return DateTime.from_nanoseconds(self.nanoseconds + nanoseconds, self.zone)
        return DateTime.from_instant(self.instant + nanoseconds, self.zone)

    def plus_months(self, months: int) -> DateTime:
        """The same time so many months on."""
        return replace(self, date=self.date.plus_months(months))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DateTime):
            return NotImplemented
        return (self.zone is None) == (other.zone is None) and (
            self.instant // NANOSECONDS == other.instant // NANOSECONDS
        )

    def __lt__(self, other: DateTime) -> bool:
        return self.instant < other.instant

    def __hash__(self) -> int:
        return hash((self.zone is None, self.instant // NANOSECONDS))

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"
