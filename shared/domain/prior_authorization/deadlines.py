"""When the payer must have decided, when it is warned, and what its silence means.

Hour clocks run day and night from receipt. Day clocks count local days: the day of receipt is day
0, weekends count, and a last day that falls on a holiday is not moved. Which rule holds is a row
of models/decisions/decision-deadlines.dmn.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Self
from zoneinfo import ZoneInfo

from shared.domain.prior_authorization.business_calendar import is_business_day
from shared.errors import RuleViolation

ONE_DAY = timedelta(days=1)


class TimeUnit(StrEnum):
    """What a clock counts."""

    HOURS = "hours"
    CALENDAR_DAYS = "calendar days"
    BUSINESS_DAYS = "business days"


class Tolling(StrEnum):
    """What stops the clock."""

    NONE = "none"
    INFORMATION = "information"


class BreachConsequence(StrEnum):
    """What the law makes of a decision that did not come in time."""

    ADVERSE = "adverse"  # Counts as an adverse decision, which the member may appeal.
    DENIAL_NOTICE = "denial notice"  # The notice of an adverse decision is due that day.
    DEEMED_APPROVED = "deemed approved"  # The request counts as approved.
    EXHAUSTED = "exhausted"  # The member may go straight to review outside the plan.
    FORWARDED = "forwarded"  # An appeal goes to the next level by itself.
    STATE_RULE = "state rule"  # The state says; a person looks it up.
    NONE = "none"  # No consequence for the case; the breach is reported.


class MomentKind(StrEnum):
    """What a moment on the clock asks for."""

    WARN = "warn"
    INFORMATION_LAPSES = "information lapses"
    ALERT = "alert"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time at which somebody, or the story, must act."""

    kind: MomentKind
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """One row of law: how long the payer has, and what follows if it is late.

    Attributes:
        extension_days: what one extension adds; business days where the clock counts those.
        toll_days_min: days the provider is given for information while the clock stands still.
        hours_after_information: in a clock of hours, within so many after it stood still the
            decision is due; 0 where the rest of its time is left.
        warn_before_hours: how long before the alert the reviewer is warned.
        valid_days: how long holds what silence approves, where the request names no last day; 0
            without end.
        time_zone: IANA name of the zone in which the plan's days begin and end.
        rule_id: "table@version#row"; the row's annotation names the law.
    """

    allowed: int
    unit: TimeUnit
    time_zone: str
    extension_days: int = 0
    extensions_max: int = 0
    tolls: Tolling = Tolling.NONE
    toll_days_min: int = 0
    hours_after_information: int = 0
    warn_before_hours: int = 0
    on_breach: BreachConsequence = BreachConsequence.NONE
    valid_days: int = 0
    rule_id: str = ""

    @classmethod
    def from_row(cls, row: Mapping[str, Any], *, time_zone: str, rule_id: str = "") -> Self:
        """Read a row of decision-deadlines.dmn; the time zone is the member's plan's."""
        return cls(
            allowed=int(row["allowed"]),
            unit=TimeUnit(row["unit"]),
            time_zone=time_zone,
            extension_days=int(row["extension days"]),
            extensions_max=int(row["extensions max"]),
            tolls=Tolling(row["tolls"]),
            toll_days_min=int(row["toll days min"]),
            hours_after_information=int(row.get("hours after information", 0)),
            warn_before_hours=int(row["warn before hours"]),
            on_breach=BreachConsequence(row["on breach"]),
            valid_days=int(row.get("valid days", 0)),
            rule_id=rule_id,
        )


@dataclass(frozen=True, slots=True)
class Extension:
    """The payer took more time, and owes a written notice of it."""

    taken_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands still for information.

    Attributes:
        lapses_at: from here on the clock runs again even without an answer.
        ended_at: when the information came; None while it is awaited.
    """

    started_at: datetime
    lapses_at: datetime
    ended_at: datetime | None = None

    @property
    def over_at(self) -> datetime:
        """When the clock runs again, as far as is known now."""
        return self.lapses_at if self.ended_at is None else min(self.ended_at, self.lapses_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionClock:
    """The clock of one request, from its receipt to the decision's deadline.

    Attributes:
        holidays: days that a clock of business days skips; empty for the others.
    """

    rule: ClockRule
    received_at: datetime
    extensions: tuple[Extension, ...] = ()
    pauses: tuple[Pause, ...] = ()
    holidays: tuple[date, ...] = ()

    @property
    def due_at(self) -> datetime:
        """The first instant at which a decision is late, in UTC.

        For a day clock that is local midnight after the last day; the local day may have 23 or 25
        hours.

        Source:
            42 CFR 422.568(b), 422.572(a), 438.210(d); 29 CFR 2560.503-1(f).
        """
        if self.rule.unit is TimeUnit.HOURS:
            tolled = sum((pause.over_at - pause.started_at for pause in self.pauses), timedelta())
            due_at = self.received_at + timedelta(hours=self.rule.allowed) + self._extra() + tolled
            after = timedelta(hours=self.rule.hours_after_information)
            return min(due_at, self.pauses[-1].over_at + after) if self.pauses and after else due_at
        midnight = datetime.combine(self._last_day() + ONE_DAY, time(), self._zone())
        return midnight.astimezone(UTC)

    @property
    def alert_at(self) -> datetime:
        """The deadline in its strictest reading, by which the payer means to have decided.

        A calendar day clock may be read as whole days or as N times 24 hours; the alert is at the
        earlier of the two. That is our inference; no regulation says it.
        """
        if self.rule.unit is not TimeUnit.CALENDAR_DAYS:
            return self.due_at
        days = (self._last_day() - self._local_day(self.received_at)).days
        return min(self.due_at, self.received_at + timedelta(days=days))

    @property
    def warn_at(self) -> datetime:
        """When the reviewer is told that the alert is near; never before the receipt."""
        early = self.alert_at - timedelta(hours=self.rule.warn_before_hours)
        return max(self.received_at, early)

    @property
    def open_pause(self) -> Pause | None:
        """The pause that waits for information now."""
        last = self.pauses[-1] if self.pauses else None
        return last if last is not None and last.ended_at is None else None

    @property
    def may_extend(self) -> bool:
        """Whether the rule leaves an extension to take, if taken in time."""
        return self.rule.extension_days > 0 and len(self.extensions) < self.rule.extensions_max

    def is_breached(self, now: datetime) -> bool:
        """Whether a decision given now would be late; at the deadline itself it is."""
        return now >= self.due_at

    def next_moment_after(self, now: datetime) -> Moment | None:
        """The next time at which something must happen; None once the deadline has passed."""
        due_at, alert_at = self.due_at, self.alert_at
        moments = [Moment(MomentKind.WARN, self.warn_at), Moment(MomentKind.DUE, due_at)]
        if alert_at < due_at:
            moments.append(Moment(MomentKind.ALERT, alert_at))
        if self.open_pause is not None:
            moments.append(Moment(MomentKind.INFORMATION_LAPSES, self.open_pause.lapses_at))
        later = [moment for moment in moments if moment.at > now]
        return min(later, key=lambda moment: moment.at, default=None)

    def extend(self, now: datetime, *, reason: str = "") -> Self:
        """Take an extension.

        Raises:
            RuleViolation: the rule has none left, or the deadline has passed.
        Source:
            42 CFR 422.568(b)(1)(i), 438.210(d)(1)(ii): once, by up to 14 days, with written notice.
        """
        if not self.may_extend:
            raise RuleViolation("the rule leaves no further extension of this deadline")
        if self.is_breached(now):
            raise RuleViolation("the deadline has passed and can no longer be extended")
        taken = Extension(now.astimezone(UTC), reason)
        return replace(self, extensions=(*self.extensions, taken))

    def may_ask(self, now: datetime) -> bool:
        """Whether the time is left that an answer, and the decision after it, must be given."""
        after = timedelta(hours=self.rule.hours_after_information)
        return self.open_pause is not None or self.is_breached(now) or now + after <= self.due_at

    def pause(self, now: datetime) -> Self:
        """Stand still for information, where the rule tolls; else run on unchanged.

        Pausing a paused clock changes nothing, so that a repeated request is harmless; nor does
        pausing one whose deadline has passed.

        Raises:
            RuleViolation: it is too late to ask.
        Source:
            29 CFR 2560.503-1(f)(4) with (f)(2)(iii)(A): at least 45 days for the information.
            Urgent, (f)(2)(i): asked for within 24 of the 72 hours, at least 48 hours for the
            answer, and the decision within 48 hours after it.
        """
        idle = self.rule.tolls is Tolling.NONE or self.open_pause is not None
        if idle or self.is_breached(now):
            return self
        if not self.may_ask(now):
            hours = self.rule.hours_after_information
            raise RuleViolation(f"information is asked for while {hours} hours are left, not later")
        start = now.astimezone(UTC)
        pause = Pause(start, start + timedelta(days=self.rule.toll_days_min))
        return replace(self, pauses=(*self.pauses, pause))

    def resume(self, now: datetime) -> Self:
        """Run again, the information having come; a running clock runs on unchanged."""
        pause = self.open_pause
        if pause is None:
            return self
        ended = replace(pause, ended_at=max(pause.started_at, now.astimezone(UTC)))
        return replace(self, pauses=(*self.pauses[:-1], ended))

    def _extra(self) -> timedelta:
        return timedelta(days=self.rule.extension_days * len(self.extensions))

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.rule.time_zone)

    def _local_day(self, at: datetime) -> date:
        return at.astimezone(self._zone()).date()

    def _last_day(self) -> date:
        """The last local day on which a decision is in time."""
        tolled = [
            (self._local_day(pause.started_at), self._local_day(pause.over_at))
            for pause in self.pauses
        ]
        day = self._local_day(self.received_at)
        left = self.rule.allowed + self.rule.extension_days * len(self.extensions)
        if self.rule.unit is TimeUnit.CALENDAR_DAYS and not tolled:
            return day + left * ONE_DAY
        while left > 0 or any(first <= day < last for first, last in tolled):
            day += ONE_DAY
            stands_still = any(first < day <= last for first, last in tolled)
            if not stands_still and self._counts(day):
                left -= 1
        return day

    def _counts(self, day: date) -> bool:
        every_day = self.rule.unit is TimeUnit.CALENDAR_DAYS
        return every_day or is_business_day(day, self.holidays)


def start_clock(
    rule: ClockRule, received_at: datetime, *, holidays: Iterable[date] = ()
) -> DecisionClock:
    """Start the clock at the receipt of the request.

    Args:
        rule: the row in force at the receipt.
        received_at: when the request reached the payer, with its time zone.
        holidays: of the year of receipt and the next; only a clock of business days asks.
    """
    if received_at.tzinfo is None:
        raise ValueError("the time of receipt needs a time zone")
    kept = tuple(holidays) if rule.unit is TimeUnit.BUSINESS_DAYS else ()
    return DecisionClock(rule=rule, received_at=received_at.astimezone(UTC), holidays=kept)
