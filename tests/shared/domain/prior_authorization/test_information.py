"""Documents still missing, and how long an answer is waited for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.prior_authorization.deadlines import ClockRule, TimeUnit, Tolling, start_clock
from shared.domain.prior_authorization.information import (
    NeededDocument,
    WaitTerms,
    missing_documents,
)
from shared.domain.prior_authorization.request import AttachedDocument

ORDER = NeededDocument("57832-8", "B3", "Order for the study")
NOTE = NeededDocument("11506-3", "09", "Progress note")
ASKED = datetime(2026, 6, 1, 9, tzinfo=UTC)
TERMS = WaitTerms(answer_within_hours=96, remind_after_hours=48)
STANDARD = ClockRule(allowed=7, unit=TimeUnit.CALENDAR_DAYS, time_zone="UTC", warn_before_hours=48)
URGENT = ClockRule(
    allowed=72,
    unit=TimeUnit.HOURS,
    time_zone="UTC",
    tolls=Tolling.INFORMATION,
    toll_days_min=2,
    hours_after_information=48,
    warn_before_hours=24,
)


def test_a_needed_document_is_read_from_its_row() -> None:
    row = {"kind": "57832-8", "report type": "B3", "title": "Order for the study"}
    assert NeededDocument.from_row(row) == ORDER


def test_nothing_attached_leaves_everything_missing_once() -> None:
    assert missing_documents([ORDER, NOTE, ORDER], []) == (ORDER, NOTE)


def test_a_document_is_known_by_either_of_its_codes() -> None:
    attached = [AttachedDocument(kind="11506-3"), AttachedDocument(kind="B3")]
    assert missing_documents([ORDER, NOTE], attached) == ()


def test_another_document_does_not_help() -> None:
    assert missing_documents([ORDER], [AttachedDocument(kind="09")]) == (ORDER,)


def test_terms_are_read_from_their_row() -> None:
    assert WaitTerms.from_row({"answer within hours": 96, "remind after hours": 48}) == TERMS
    assert WaitTerms.from_row({"answer within hours": 96}) == replace(TERMS, remind_after_hours=0)


def test_whoever_was_asked_is_reminded_before_the_wait_ends() -> None:
    assert TERMS.remind_at(ASKED) == ASKED + timedelta(hours=48)
    assert WaitTerms(answer_within_hours=96).remind_at(ASKED) is None
    assert WaitTerms(answer_within_hours=8, remind_after_hours=8).remind_at(ASKED) is None


def test_the_wait_ends_with_its_hours() -> None:
    clock = start_clock(STANDARD, ASKED)
    assert TERMS.ends_at(ASKED, clock=clock) == ASKED + timedelta(hours=96)


@pytest.mark.parametrize(
    ("asked", "ends"),
    [(4, "warning"), (5, "deadline"), (6.5, "deadline"), (7.7, "own hours"), (9, "own hours")],
)
def test_the_decisions_own_clock_ends_the_wait_sooner(asked: float, ends: str) -> None:
    clock = start_clock(STANDARD, ASKED)
    asked_at = ASKED + timedelta(days=asked)
    assert (
        TERMS.ends_at(asked_at, clock=clock)
        == {
            "warning": ASKED + timedelta(days=5),
            "deadline": datetime(2026, 6, 9, tzinfo=UTC),
            "own hours": asked_at + timedelta(hours=96),
        }[ends]
    )


@pytest.mark.parametrize("day", [1, 11, 13, 14, 15])
def test_a_wait_for_which_the_clock_stands_still_has_its_45_days(day: int) -> None:
    rule = replace(STANDARD, allowed=15, tolls=Tolling.INFORMATION, toll_days_min=45)
    asked_at = ASKED + timedelta(days=day)
    clock = start_clock(rule, ASKED).pause(asked_at)
    ends_at = WaitTerms(answer_within_hours=1080).ends_at(asked_at, clock=clock)
    assert ends_at == asked_at + timedelta(days=45)
    assert ends_at < clock.due_at


def test_beyond_the_time_in_which_the_clock_stands_still_it_ends_the_wait() -> None:
    rule = replace(STANDARD, tolls=Tolling.INFORMATION, toll_days_min=2)
    clock = start_clock(rule, ASKED).pause(ASKED)
    ends_at = WaitTerms(answer_within_hours=400).ends_at(ASKED, clock=clock)
    assert ends_at == clock.warn_at == ASKED + timedelta(days=7)


@pytest.mark.parametrize("hour", [0, 20, 24])
def test_an_urgent_wait_has_its_48_hours_and_48_are_left_after_it(hour: int) -> None:
    asked_at = ASKED + timedelta(hours=hour)
    clock = start_clock(URGENT, ASKED).pause(asked_at)
    ends_at = WaitTerms(answer_within_hours=48).ends_at(asked_at, clock=clock)
    assert ends_at == asked_at + timedelta(hours=48)
    assert clock.due_at == ends_at + timedelta(hours=48)
