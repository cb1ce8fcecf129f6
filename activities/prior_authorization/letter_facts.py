"""What a letter's template may say of a case, its days told as the plan counts them."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import Message

AN_INSTANT = timedelta(microseconds=1)


def letter_facts(case: Case, message: Message) -> dict[str, Any]:
    """The facts, by the names that a template uses; day and deadline write a time in words."""
    told_of = message.detail.get("appeal")
    zone = ZoneInfo(case.membership.time_zone) if case.membership else UTC
    return {
        "case": case,
        "clock": case.clock,
        "question": case.information[-1] if case.information else None,
        "appeal": case.appeals[int(told_of) - 1] if told_of else None,
        "event": message.event,
        "items": [(item, case.decision_on(item.sequence)) for item in case.request.items],
        "day": partial(_day, zone=zone),
        "deadline": partial(_deadline, zone=zone),
    }


def _day(at: date, *, zone: tzinfo) -> str:
    """A day, or the plan's day of a moment: "March 23, 2026"."""
    there = at.astimezone(zone) if isinstance(at, datetime) else at
    return f"{there:%B} {there.day}, {there.year}"


def _deadline(late_at: datetime, *, zone: tzinfo) -> str:
    """The last day in time; where it does not end with a day, its hour too.

    Args:
        late_at: the first instant that is too late.
    """
    there = late_at.astimezone(zone)
    if there.hour == there.minute == there.second == 0:
        return _day(late_at - AN_INSTANT, zone=zone)
    half = "am" if there.hour < 12 else "pm"  # noqa: PLR2004 - noon
    return f"{_day(late_at, zone=zone)}, {there.hour % 12 or 12}:{there:%M} {half} {there:%Z}"
