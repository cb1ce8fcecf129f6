"""The terms of a level: its filing window, its amount, and aid that goes on."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from shared.domain.prior_authorization.appeal_levels import (
    AidRefusal,
    AppealBody,
    AppealRule,
    FilingRefusal,
)
from shared.domain.prior_authorization.deadlines import BreachConsequence, ClockRule, TimeUnit

NEW_YORK = ZoneInfo("America/New_York")
NOTICE = datetime(2026, 3, 2, 15, tzinfo=NEW_YORK)
ROW = {
    "name": "reconsideration",
    "decided by": "plan",
    "file within days": 65,
    "allowed": 30,
    "unit": "calendar days",
    "extension days": 14,
    "warn before hours": 120,
    "on breach": "forwarded",
    "forwards on uphold": True,
    "aid asked within days": 10,
    "effectuate within hours": 72,
    "amount at least": 0,
    "next level": 2,
}


def rule(**changes: object) -> AppealRule:
    return AppealRule.from_row(
        ROW | changes, level=1, time_zone="America/New_York", rule_id="appeal-levels@1#ma"
    )


def test_a_level_is_read_from_its_row() -> None:
    assert rule() == AppealRule(
        level=1,
        name="reconsideration",
        decided_by=AppealBody.PLAN,
        file_within_days=65,
        time_zone="America/New_York",
        clock=ClockRule(
            allowed=30,
            unit=TimeUnit.CALENDAR_DAYS,
            time_zone="America/New_York",
            extension_days=14,
            extensions_max=1,
            warn_before_hours=120,
            on_breach=BreachConsequence.FORWARDED,
            rule_id="appeal-levels@1#ma",
        ),
        forwards_on_uphold=True,
        aid_asked_within_days=10,
        effectuate_within_hours=72,
        next_level=2,
        rule_id="appeal-levels@1#ma",
    )


def test_a_level_without_extension_cannot_be_extended() -> None:
    clock = rule(**{"extension days": 0}).clock
    assert clock is not None
    assert clock.extensions_max == 0


def test_a_court_has_no_clock() -> None:
    assert rule(allowed=0).clock is None


def test_the_window_closes_with_the_last_local_day() -> None:
    closes_at = datetime(2026, 5, 7, tzinfo=NEW_YORK)
    assert rule().closes_at(NOTICE) == closes_at
    before = closes_at - timedelta(seconds=1)
    assert rule().may_file(before, notice_at=NOTICE) is None
    assert rule().may_file(closes_at, notice_at=NOTICE) is FilingRefusal.TOO_LATE


def test_a_level_that_is_reached_by_forwarding_cannot_be_asked_for() -> None:
    forwarded = rule(**{"file within days": 0})
    assert forwarded.may_file(NOTICE, notice_at=NOTICE) is FilingRefusal.NO_WINDOW


def test_the_amount_in_controversy_must_reach_the_least() -> None:
    hearing = replace(rule(), amount_min=Decimal(200))

    def asked(amount: Decimal | None) -> FilingRefusal | None:
        return hearing.may_file(NOTICE, notice_at=NOTICE, amount=amount)

    assert asked(Decimal("199.99")) is FilingRefusal.AMOUNT_TOO_LOW
    assert asked(Decimal(200)) is None
    assert asked(None) is None


def test_aid_goes_on_if_asked_in_time() -> None:
    last = datetime(2026, 3, 12, 23, 59, tzinfo=NEW_YORK)
    assert rule().may_continue_aid(last, notice_at=NOTICE, was_authorized=True) is None
    late = last + timedelta(minutes=1)
    refusal = rule().may_continue_aid(late, notice_at=NOTICE, was_authorized=True)
    assert refusal is AidRefusal.TOO_LATE


def test_aid_goes_on_only_for_care_that_was_authorized_before() -> None:
    refusal = rule().may_continue_aid(NOTICE, notice_at=NOTICE, was_authorized=False)
    assert refusal is AidRefusal.NOT_AUTHORIZED


def test_aid_never_goes_on_where_no_law_says_so() -> None:
    without = rule(**{"aid asked within days": 0})
    refusal = without.may_continue_aid(NOTICE, notice_at=NOTICE, was_authorized=True)
    assert refusal is AidRefusal.NOT_OFFERED
