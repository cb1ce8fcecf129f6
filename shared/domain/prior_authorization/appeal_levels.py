"""The levels of appeal: who decides, until when one may file, and how long it takes.

What each level allows is a row of models/decisions/appeal-levels.dmn.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self
from zoneinfo import ZoneInfo

from shared.domain.prior_authorization.deadlines import BreachConsequence, ClockRule, TimeUnit


class AppealBody(StrEnum):
    """Who decides at a level."""

    PLAN = "plan"
    INDEPENDENT_ENTITY = "independent entity"
    JUDGE = "administrative law judge"
    COUNCIL = "appeals council"
    COURT = "federal court"
    STATE_HEARING = "state hearing"
    EXTERNAL_REVIEWER = "external reviewer"


class FilingRefusal(StrEnum):
    """Why an appeal cannot be filed."""

    TOO_LATE = "the filing window has closed"
    AMOUNT_TOO_LOW = "the amount in controversy is too low"
    NO_WINDOW = "this level is reached by forwarding only"


class AidRefusal(StrEnum):
    """Why care does not go on while an appeal is decided."""

    NOT_OFFERED = "at this level the law keeps no care going"
    NOT_AUTHORIZED = "no care was authorized before that could go on"
    TOO_LATE = "it was asked for too late"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealRule:
    """One level of appeal in one line of business.

    Attributes:
        file_within_days: from the date of the notice; 0 where only forwarding leads here.
        clock: how long the body has; None where no law says (a court).
        forwards_on_uphold: an upheld denial goes to the next level by itself.
        aid_asked_within_days: ask so soon, and the care goes on meanwhile; 0 where it never does.
        effectuate_within_hours: from the overturning decision to the authorization.
        amount_min: least amount in controversy, in dollars; 0 for none.
        next_level: 0 where this is the last.
        rule_id: "table@version#row" of the row.
    """

    level: int
    name: str
    decided_by: AppealBody
    file_within_days: int
    time_zone: str
    clock: ClockRule | None
    forwards_on_uphold: bool = False
    aid_asked_within_days: int = 0
    effectuate_within_hours: int = 0
    amount_min: Decimal = Decimal()
    next_level: int = 0
    rule_id: str = ""

    @classmethod
    def from_row(
        cls, row: Mapping[str, Any], *, level: int, time_zone: str, rule_id: str = ""
    ) -> Self:
        """Read a row of appeal-levels.dmn; a row that allows 0 has no clock."""
        extension_days = int(row["extension days"])
        clock = ClockRule(
            allowed=int(row["allowed"]),
            unit=TimeUnit(row["unit"]),
            time_zone=time_zone,
            extension_days=extension_days,
            extensions_max=1 if extension_days else 0,
            warn_before_hours=int(row["warn before hours"]),
            on_breach=BreachConsequence(row["on breach"]),
            rule_id=rule_id,
        )
        return cls(
            level=level,
            name=row["name"],
            decided_by=AppealBody(row["decided by"]),
            file_within_days=int(row["file within days"]),
            time_zone=time_zone,
            clock=clock if clock.allowed else None,
            forwards_on_uphold=bool(row["forwards on uphold"]),
            aid_asked_within_days=int(row["aid asked within days"]),
            effectuate_within_hours=int(row["effectuate within hours"]),
            amount_min=Decimal(row["amount at least"]),
            next_level=int(row["next level"]),
            rule_id=rule_id,
        )

    def closes_at(self, notice_at: datetime) -> datetime:
        """The first instant at which filing is too late: midnight after the last local day."""
        return self._end_of_day(notice_at, self.file_within_days)

    def may_file(
        self, now: datetime, *, notice_at: datetime, amount: Decimal | None = None
    ) -> FilingRefusal | None:
        """Why an appeal against the notice cannot be filed now; None if it can.

        Args:
            now: when the appeal reaches the payer.
            notice_at: the date of the notice appealed against.
            amount: the amount in controversy in dollars; None where it is not known, which
                refuses nobody.
        """
        if not self.file_within_days:
            return FilingRefusal.NO_WINDOW
        if now >= self.closes_at(notice_at):
            return FilingRefusal.TOO_LATE
        if amount is not None and amount < self.amount_min:
            return FilingRefusal.AMOUNT_TOO_LOW
        return None

    def may_continue_aid(
        self, asked_at: datetime, *, notice_at: datetime, was_authorized: bool
    ) -> AidRefusal | None:
        """Why care already authorized does not go on while the appeal is decided; None if it does.

        Args:
            was_authorized: whether the appeal is about care that was authorized before.

        Source:
            42 CFR 438.420(b), 431.230 and 431.231: the appeal involves the termination, suspension
            or reduction of previously authorized services; the days are the row's.
        """
        days = self.aid_asked_within_days
        if not days:
            return AidRefusal.NOT_OFFERED
        if not was_authorized:
            return AidRefusal.NOT_AUTHORIZED
        is_late = asked_at >= self._end_of_day(notice_at, days)
        return AidRefusal.TOO_LATE if is_late else None

    def _end_of_day(self, start: datetime, days: int) -> datetime:
        zone = ZoneInfo(self.time_zone)
        last = start.astimezone(zone).date() + timedelta(days=days)
        return datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
