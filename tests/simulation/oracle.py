"""When a decision is late: counted anew, day by day, from a row of the rules and the diary.

Nothing here is taken from the domain: local midnights are searched for, holidays are written out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from tests.simulation.plan import Asked

ONE_DAY = timedelta(days=1)
STEP = timedelta(minutes=15)
# Days off of federal offices, as the Office of Personnel Management lists them.
HOLIDAYS = frozenset(
    {
        *(date(2026, 1, 1), date(2026, 1, 19), date(2026, 2, 16), date(2026, 5, 25)),
        *(date(2026, 6, 19), date(2026, 7, 3), date(2026, 9, 7), date(2026, 10, 12)),
        *(date(2026, 11, 11), date(2026, 11, 26), date(2026, 12, 25)),
        *(date(2027, 1, 1), date(2027, 1, 18), date(2027, 2, 15), date(2027, 5, 31)),
        *(date(2027, 6, 18), date(2027, 7, 5), date(2027, 9, 6), date(2027, 10, 11)),
        *(date(2027, 11, 11), date(2027, 11, 25), date(2027, 12, 24), date(2027, 12, 31)),
    }
)
NOT_REQUIRED = frozenset({"emergency", "office visit"})
APPROVED_UP_TO = {
    "advanced imaging": 1,
    "home health": 60,
    "therapy": 12,
    "behavioural health": 12,
    "medical equipment": 1,
}
GOLD_CARD_STATES = {"commercial": {"TX"}, "marketplace": {"TX"}}
GOLD_CARD_CLASSES = frozenset({"advanced imaging", "home health", "therapy", "medical equipment"})


@dataclass(slots=True)
class Stand:
    """A clock, as the law's row has it.

    Attributes:
        row: of decision-deadlines or appeal-levels.
        pauses: from and until when it stood still.
    """

    row: Mapping[str, Any]
    start: datetime
    zone: str
    extensions: int = 0
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)

    @property
    def due_at(self) -> datetime:
        """The first instant at which a decision is late."""
        allowed, more = int(self.row["allowed"]), int(self.row["extension days"]) * self.extensions
        if self.row["unit"] == "hours":
            stood = sum((until - since for since, until in self.pauses), timedelta())
            due_at = self.start + timedelta(hours=allowed) + timedelta(days=more) + stood
            after = timedelta(hours=int(self.row.get("hours after information", 0)))
            return min([due_at, *(until + after for _, until in self.pauses if after)])
        return first_instant_of(self._last_day(allowed + more) + ONE_DAY, self.zone)

    @property
    def warn_at(self) -> datetime:
        """When somebody is to be warned."""
        alert_at = self.due_at
        if self.row["unit"] == "calendar days":
            more = int(self.row["extension days"]) * self.extensions
            last = self._last_day(int(self.row["allowed"]) + more)
            days = (last - local_day(self.start, self.zone)).days
            alert_at = min(alert_at, self.start + days * ONE_DAY)
        return max(self.start, alert_at - timedelta(hours=int(self.row["warn before hours"])))

    def _last_day(self, left: int) -> date:
        day = local_day(self.start, self.zone)
        still = [
            (local_day(since, self.zone), local_day(until, self.zone))
            for since, until in self.pauses
        ]
        if self.row["unit"] == "calendar days":
            return day + ONE_DAY * left + sum((last - first for first, last in still), timedelta())
        while left:
            day += ONE_DAY
            if any(first < day <= last for first, last in still):
                continue
            if day.weekday() < 5 and day not in HOLIDAYS:
                left -= 1
        return day


@cache
def first_instant_of(day: date, zone: str) -> datetime:
    """When a local day begins, found by walking up to it."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - ONE_DAY
    while local_day(at, zone) < day:
        at += STEP
    return at


def local_day(at: datetime, zone: str) -> date:
    """The day that a calendar on the wall shows."""
    return at.astimezone(ZoneInfo(zone)).date()


def ruled(asked: Asked, *, has_documents: bool) -> str:
    """What the rules say of an item: "A1", "NA", or "review"."""
    service = asked.service.service_class
    if service in NOT_REQUIRED:
        return "NA"
    if service == "consultation":
        return "A1"
    if asked.service.documents and not has_documents:
        return "review"
    return "A1" if asked.quantity <= APPROVED_UP_TO.get(service, 0) else "review"


def may_be_gold_carded(line: str, state: str, service: str, *, is_self_funded: bool) -> bool:
    """Whether a provider's record could free him from asking."""
    if is_self_funded:
        return False
    if line == "medicare_advantage":
        return service in GOLD_CARD_CLASSES
    return state in GOLD_CARD_STATES.get(line, set())


def roll_up(actions: Mapping[int, str]) -> str:
    """What the items add up to, in the word of the notice matrix."""
    standing = {action for action in actions.values() if action != "C"}
    if not standing:
        return "cancelled"
    if standing == {"NA"}:
        return "not required"
    weighed = standing - {"NA"}
    if weighed == {"A3"}:
        return "denied"
    if weighed & {"A3", "A2"}:
        return "partial"
    return "modified" if "A6" in weighed else "approved"
