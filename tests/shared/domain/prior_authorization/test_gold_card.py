"""Gold carding: the threshold, the least requests, the window, and who is counted."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from shared.domain.prior_authorization.gold_card import (
    GoldCardFinding,
    GoldCardRule,
    PastDecision,
    judge_gold_card,
    months_before,
)

TODAY = date(2026, 7, 1)
TEXAS = GoldCardRule(
    offered=True, approved_percent_min=Decimal(90), requests_min=5, look_back_months=6
)
ONE = PastDecision(
    provider="npi|1",
    state="TX",
    service_class="therapy",
    decided_on=date(2026, 3, 1),
    approved=True,
)


def judged(past: list[PastDecision], rule: GoldCardRule = TEXAS) -> GoldCardFinding:
    return judge_gold_card(
        rule, past, provider="npi|1", state="TX", service_class="therapy", today=TODAY
    )


def record(approved: int, denied: int) -> list[PastDecision]:
    return [ONE] * approved + [replace(ONE, approved=False)] * denied


def test_terms_are_read_from_their_row() -> None:
    row = {
        "offered": True,
        "approved percent min": 90,
        "requests min": 5,
        "look back months": 6,
    }
    assert GoldCardRule.from_row(row) == TEXAS


@pytest.mark.parametrize(
    ("approved", "denied", "exempt"),
    [(9, 1, True), (8, 1, False), (5, 0, True), (4, 0, False), (0, 0, False), (90, 10, True)],
)
def test_ninety_percent_of_at_least_five_is_exempt(
    approved: int, denied: int, *, exempt: bool
) -> None:
    finding = judged(record(approved, denied))
    assert finding == GoldCardFinding(
        exempt=exempt, approved=approved, requests=approved + denied, since=date(2026, 1, 1)
    )


def test_a_plan_without_a_programme_exempts_nobody() -> None:
    assert not judged(record(100, 0), GoldCardRule(offered=False)).exempt


def test_nobody_is_exempt_without_a_single_request() -> None:
    assert not judged([], GoldCardRule(offered=True)).exempt


@pytest.mark.parametrize(
    "other",
    [
        replace(ONE, provider="npi|2"),
        replace(ONE, state="OK"),
        replace(ONE, service_class="oncology"),
        replace(ONE, decided_on=date(2025, 12, 31)),
        replace(ONE, decided_on=TODAY),
    ],
)
def test_what_concerns_another_question_is_not_counted(other: PastDecision) -> None:
    assert judged([other, *record(5, 0)]).requests == 5


def test_the_first_day_of_the_window_counts() -> None:
    assert judged([replace(ONE, decided_on=date(2026, 1, 1))]).requests == 1


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 8, 31), 6, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 1), 12, date(2025, 12, 1)),
        (date(2026, 3, 5), 0, date(2026, 3, 5)),
    ],
)
def test_months_are_counted_back_to_a_day_that_exists(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before
