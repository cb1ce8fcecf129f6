"""Which days are business days: neither a weekend nor a federal holiday."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

SATURDAY = 5
SUNDAY = 6
ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayRule:
    """One federal holiday: a fixed date, or a weekday of a month.

    Attributes:
        day: day of the month of a fixed holiday; 0 where the weekday decides.
        weekday: 0 Monday to 6 Sunday, for a moving holiday; -1 for a fixed one.
        nth: which such weekday of the month; -1 is the last.
    Source:
        5 U.S.C. 6103(a); which holidays a year has is in models/decisions/federal-holidays.dmn.
    """

    name: str
    month: int
    day: int = 0
    weekday: int = -1
    nth: int = 0

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Read a row of federal-holidays.dmn, which numbers Monday 1 to Sunday 7."""
        return cls(
            name=row["name"],
            month=int(row["month"]),
            day=int(row["day"]),
            weekday=int(row["weekday"]) - 1,
            nth=int(row["nth"]),
        )

    def falls_on(self, year: int) -> date:
        """The day of the holiday itself, before a weekend moves it."""
        if self.day:
            return date(year, self.month, self.day)
        if self.nth < 0:
            after = date(year + self.month // 12, self.month % 12 + 1, 1)
            back = (after.weekday() - self.weekday - 1) % 7 + 1
            return after - timedelta(days=back)
        first = date(year, self.month, 1)
        ahead = (self.weekday - first.weekday()) % 7
        return first + timedelta(days=ahead) + ONE_WEEK * (self.nth - 1)


def observed_holidays(rules: Iterable[HolidayRule], year: int) -> tuple[date, ...]:
    """The days off that the holidays of a year give, in order.

    A holiday on a Saturday is observed on the Friday before, even into the year before; one on a
    Sunday on the Monday after.

    Source:
        5 U.S.C. 6103(b) and Executive Order 11582.
    """
    return tuple(sorted({_observed(rule.falls_on(year)) for rule in rules}))


def is_business_day(day: date, holidays: Collection[date]) -> bool:
    """Whether offices work on this day."""
    return day.weekday() < SATURDAY and day not in holidays


def _observed(day: date) -> date:
    if day.weekday() == SATURDAY:
        return day - ONE_DAY
    if day.weekday() == SUNDAY:
        return day + ONE_DAY
    return day
