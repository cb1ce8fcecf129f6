"""Documents still missing, and how long an answer is waited for."""

from datetime import UTC, datetime, timedelta

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


def test_whoever_was_asked_is_reminded_before_the_wait_ends() -> None:
    assert TERMS.remind_at(ASKED) == ASKED + timedelta(hours=48)
    assert WaitTerms(answer_within_hours=96).remind_at(ASKED) is None
    assert WaitTerms(answer_within_hours=8, remind_after_hours=8).remind_at(ASKED) is None


def test_the_wait_ends_with_its_hours() -> None:
    late = ASKED + timedelta(days=9)
    assert TERMS.ends_at(ASKED, decide_by=late) == ASKED + timedelta(hours=96)


def test_the_decisions_own_clock_ends_the_wait_sooner() -> None:
    soon = ASKED + timedelta(hours=5)
    assert TERMS.ends_at(ASKED, decide_by=soon) == soon


def test_a_wait_never_ends_before_it_begins() -> None:
    assert TERMS.ends_at(ASKED, decide_by=ASKED - timedelta(hours=1)) == ASKED
