"""The public report, on a year small enough to count by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from shared.domain.prior_authorization.codes import Urgency
from shared.domain.prior_authorization.decision import CaseOutcome
from shared.domain.prior_authorization.public_report import (
    CaseFacts,
    ListedService,
    Share,
    public_report,
)

RECEIVED = datetime(2026, 3, 2, 9, tzinfo=UTC)


def case(
    outcome: CaseOutcome,
    hours: float = 24,
    *,
    urgency: Urgency = Urgency.STANDARD,
    extended: bool = False,
    approved_after_appeal: bool = False,
) -> CaseFacts:
    return CaseFacts(
        urgency=urgency,
        outcome=outcome,
        received_at=RECEIVED,
        decided_at=RECEIVED + timedelta(hours=hours),
        extended=extended,
        approved_after_appeal=approved_after_appeal,
    )


YEAR = [
    case(CaseOutcome.APPROVED, 1),
    case(CaseOutcome.APPROVED, 400, extended=True),
    case(CaseOutcome.PARTIAL, 30),
    case(CaseOutcome.MODIFIED, 50, extended=True),
    case(CaseOutcome.DENIED, 100, extended=True),
    case(CaseOutcome.DENIED, 120, approved_after_appeal=True),
    case(CaseOutcome.APPROVED, 10, urgency=Urgency.URGENT),
    case(CaseOutcome.DENIED, 71.5, urgency=Urgency.URGENT),
    case(CaseOutcome.APPROVED, 20, urgency=Urgency.URGENT),
]


def test_the_standard_requests_are_counted() -> None:
    standard = public_report(YEAR, year=2026, services=[]).standard
    assert standard.approved == Share(2, 6)
    assert standard.approved.percent == Decimal("33.3")
    assert standard.partly == Share(2, 6)
    assert standard.denied == Share(2, 6)
    assert standard.approved_after_appeal.percent == Decimal("16.7")
    assert standard.mean_hours == Decimal("116.8")
    assert standard.median_hours == Decimal("75.0")


def test_the_urgent_requests_are_counted_apart() -> None:
    urgent = public_report(YEAR, year=2026, services=[]).urgent
    assert urgent.approved == Share(2, 3)
    assert urgent.denied.percent == Decimal("33.3")
    assert urgent.mean_hours == Decimal("33.8")
    assert urgent.median_hours == Decimal("20.0")


def test_an_extended_denial_is_not_extended_and_approved() -> None:
    report = public_report(YEAR, year=2026, services=[])
    assert report.extended_and_approved == Share(2, 9)
    assert report.extended_and_approved.percent == Decimal("22.2")


def test_another_year_is_left_out() -> None:
    assert public_report(YEAR, year=2025, services=[]).standard.approved == Share(0, 0)


def test_a_share_of_nothing_has_no_percent() -> None:
    empty = public_report([], year=2026, services=[])
    assert empty.standard.approved.percent is None
    assert empty.urgent.mean_hours is None
    assert empty.urgent.median_hours is None


def test_half_a_tenth_rounds_up() -> None:
    assert Share(1, 16).percent == Decimal("6.3")


LISTED = [
    ListedService("therapy", "97010 to 97799", ("Plan of care",)),
    ListedService("other", "every other service"),
]


def test_the_lines_of_the_report() -> None:
    rows = public_report(YEAR, year=2026, services=LISTED).csv_rows()
    assert rows == (
        ("metric", "count", "total", "value"),
        ("service needing authorization", "", "", "therapy: 97010 to 97799"),
        ("service needing authorization", "", "", "other: every other service"),
        ("standard requests approved, %", "2", "6", "33.3"),
        ("standard requests approved in part or modified, %", "2", "6", "33.3"),
        ("standard requests denied, %", "2", "6", "33.3"),
        ("standard requests approved after appeal, %", "1", "6", "16.7"),
        ("standard mean time to decision, hours", "", "", "116.8"),
        ("standard median time to decision, hours", "", "", "75.0"),
        ("urgent requests approved, %", "2", "3", "66.7"),
        ("urgent requests approved in part or modified, %", "0", "3", "0.0"),
        ("urgent requests denied, %", "1", "3", "33.3"),
        ("urgent requests approved after appeal, %", "0", "3", "0.0"),
        ("urgent mean time to decision, hours", "", "", "33.8"),
        ("urgent median time to decision, hours", "", "", "20.0"),
        ("requests extended and approved, %", "2", "9", "22.2"),
    )


def test_an_empty_report_has_empty_values() -> None:
    rows = public_report([], year=2026, services=[]).csv_rows()
    assert rows[1] == ("standard requests approved, %", "0", "0", "")
