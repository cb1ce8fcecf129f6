"""Gold carding: a provider whose requests are nearly always approved need not ask.

The terms are a row of models/decisions/gold-card.dmn; the look-back is over past decisions of one
provider, in one state, for one class of service. Plans that fund themselves have no gold card.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldCardRule:
    """The terms on which a provider is exempt.

    Attributes:
        approved_percent_min: of the requests approved or denied, at least so many in full.
        requests_min: with fewer of them nobody is judged.
    """

    offered: bool
    approved_percent_min: Decimal = Decimal()
    requests_min: int = 0
    look_back_months: int = 0
    rule_id: str = ""

    @classmethod
    def from_row(cls, row: Mapping[str, Any], *, rule_id: str = "") -> Self:
        """Read a row of gold-card.dmn."""
        return cls(
            offered=bool(row["offered"]),
            approved_percent_min=Decimal(row["approved percent min"]),
            requests_min=int(row["requests min"]),
            look_back_months=int(row["look back months"]),
            rule_id=rule_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDecision:
    """An item that was approved or denied, as the look-back sees it.

    Attributes:
        provider: the requesting provider, as "system|value".
        approved: certified as asked; a decision overturned on appeal counts as approved.
    """

    provider: str
    state: str
    service_class: str
    decided_on: date
    approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldCardFinding:
    """Whether a provider is exempt, and the figures behind it."""

    exempt: bool
    approved: int
    requests: int
    since: date


def judge_gold_card(
    rule: GoldCardRule,
    past: Iterable[PastDecision],
    *,
    provider: str,
    state: str,
    service_class: str,
    today: date,
) -> GoldCardFinding:
    """Whether the provider is exempt today for this class of service in this state.

    Args:
        past: of anybody; only those that concern the question are counted.
        today: the last day of the look-back, which itself is not counted.
    Source:
        Texas Insurance Code 4201.653(a), HB 3812: at least 90 % in one year;
        28 TAC 19.1731(b): of at least 5 requests.
    """
    since = months_before(today, rule.look_back_months)
    counted = [
        decision
        for decision in past
        if (decision.provider, decision.state, decision.service_class)
        == (provider, state, service_class)
        and since <= decision.decided_on < today
    ]
    approved = sum(decision.approved for decision in counted)
    is_enough = len(counted) >= max(rule.requests_min, 1)
    is_good = approved * 100 >= rule.approved_percent_min * len(counted)
    return GoldCardFinding(
        exempt=rule.offered and is_enough and is_good,
        approved=approved,
        requests=len(counted),
        since=since,
    )


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
