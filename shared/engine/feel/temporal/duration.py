"""The two durations of FEEL, which never mix: a month has no fixed number of days."""

from __future__ import annotations

from dataclasses import dataclass

NANOSECONDS = 1_000_000_000
DAY_SECONDS = 86_400
DAY_NANOSECONDS = DAY_SECONDS * NANOSECONDS


@dataclass(frozen=True, slots=True, order=True)
class DaysDuration:
    """A days and time duration, in nanoseconds."""

    nanoseconds: int

    @property
    def parts(self) -> tuple[int, int, int, int, int]:
        """Days, hours, minutes, seconds and nanoseconds, each with the duration's sign."""
        sign = -1 if self.nanoseconds < 0 else 1
        seconds, nanos = divmod(abs(self.nanoseconds), NANOSECONDS)
        days, seconds = divmod(seconds, DAY_SECONDS)
        hours, seconds = divmod(seconds, 3600)
        minutes, seconds = divmod(seconds, 60)
        return sign * days, sign * hours, sign * minutes, sign * seconds, sign * nanos

    def __neg__(self) -> DaysDuration:
        return DaysDuration(-self.nanoseconds)

    def __str__(self) -> str:
        days, hours, minutes, seconds, nanos = map(abs, self.parts)
        fraction = f"{nanos:09}".rstrip("0")
        second_text = f"{seconds}.{fraction}S" if fraction else f"{seconds}S" if seconds else ""
        clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + second_text
        date = f"{days}D" if days else ""
        if not date and not clock:
            return "PT0S"
        sign = "-" if self.nanoseconds < 0 else ""
        return f"{sign}P{date}T{clock}" if clock else f"{sign}P{date}"


@dataclass(frozen=True, slots=True, order=True)
class MonthsDuration:
    """A years and months duration, in months."""

    months: int

    @property
    def parts(self) -> tuple[int, int]:
        """Years and months, each with the duration's sign."""
        sign = -1 if self.months < 0 else 1
        years, months = divmod(abs(self.months), 12)
        return sign * years, sign * months

    def __neg__(self) -> MonthsDuration:
        return MonthsDuration(-self.months)

    def __str__(self) -> str:
        years, months = map(abs, self.parts)
        if not years and not months:
            return "P0M"
        sign = "-" if self.months < 0 else ""
        return sign + "P" + (f"{years}Y" if years else "") + (f"{months}M" if months else "")
