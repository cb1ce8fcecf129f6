"""How the console shows times: on the plan's own clock, and how much is left."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.deadlines import DecisionClock

UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))
PARTS_MAX = 2
SOON = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """How much time is left, in words that need no colour.

    Attributes:
        state: "overdue", "soon" or "ample".
    """

    state: str
    text: str


def zone_of(case: Case) -> str:
    """The time zone in which the case's days begin and end; UTC until the member is known."""
    return case.membership.time_zone if case.membership else "UTC"


def moment(at: datetime, zone: str = "UTC") -> str:
    """A time, such as "27 Nov 2026, 9:16 pm EST"."""
    there = at.astimezone(ZoneInfo(zone))
    hour = there.hour % 12 or 12
    half = "am" if there.hour < 12 else "pm"  # noqa: PLR2004 - noon
    return f"{there.day} {there:%b %Y}, {hour}:{there:%M} {half} {there:%Z}"


def clock_left(clock: DecisionClock, now: datetime) -> TimeLeft:
    """How much time a clock leaves: to its alert, by which the payer means to have decided."""
    if clock.is_breached(now):
        return time_left(clock.due_at, now)
    if now >= clock.alert_at:
        return TimeLeft("soon", f"Decide at once: {duration(clock.due_at - now)} to the deadline")
    return time_left(clock.alert_at, now, soon_at=clock.warn_at)


def time_left(due: datetime, now: datetime, *, soon_at: datetime | None = None) -> TimeLeft:
    """How much time is left until a deadline, or how late it is.

    Args:
        soon_at: from when the deadline counts as near; a day before it, where nothing says so.
    """
    if now >= due:
        return TimeLeft("overdue", f"Overdue by {duration(now - due)}")
    left = duration(due - now)
    if now >= (soon_at or due - SOON):
        return TimeLeft("soon", f"Due soon: {left} left")
    return TimeLeft("ample", f"{left} left")


def duration(length: timedelta) -> str:
    """A duration in its two largest units, such as "6 days 23 hours"."""
    seconds = int(length.total_seconds())
    parts = []
    for name, size in UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}{'s' if count != 1 else ''}")
        elif parts:
            break
    return " ".join(parts[:PARTS_MAX]) or "less than a minute"
