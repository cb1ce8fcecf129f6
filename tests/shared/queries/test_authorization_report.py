from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.adapters.rules.file_rule_book import FileRuleBook
from shared.domain.prior_authorization.appealing import file
from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.codes import InfoChange, ReviewAction, Urgency
from shared.domain.prior_authorization.deadlines import Extension
from shared.domain.prior_authorization.decision import RULES, Actor, CaseOutcome, ItemDecision
from shared.domain.prior_authorization.issuing import follow_up, issue, issued_decisions
from shared.domain.prior_authorization.public_report import CaseFacts, PublicReport, Share
from shared.domain.prior_authorization.withdrawing import cancel, update
from shared.queries.authorization_report import (
    PAGE,
    ReportOf,
    authorization_report,
    facts_of,
    report_json,
)
from tests.shared.domain.prior_authorization.appeal_cases import PLAN, breached, filing
from tests.shared.domain.prior_authorization.appeal_cases import decided as appeal_decided
from tests.shared.domain.prior_authorization.cases import HOUR, MEMBER
from tests.shared.ports.samples import NOON, a_case, following, opening, under_review

CLINIC = Actor("clinic")
YEAR = NOON.year


def _received(number: int, at: datetime) -> Case:
    case = under_review(a_case(number, received_at=at), queue="surgery")
    return replace(case, membership=MEMBER, rule_versions=None)


def _told(case: Case, action: ReviewAction, at: datetime) -> Case:
    """The case, decided so, issued and followed up."""
    made = ItemDecision(sequence=1, action=action, decided_by=RULES, decided_at=at)
    decided = replace(case.deciding((made,)), stage=Stage.DECIDED, decided_at=at)
    return follow_up(issue(decided, (), at).case, {}, at).case


def _decided(
    number: int, action: ReviewAction = ReviewAction.CERTIFIED, *, at: datetime = NOON
) -> Case:
    return _told(_received(number, at - timedelta(hours=number % 5)), action, at)


@pytest.fixture
def cases() -> MemoryCaseStore:
    return MemoryCaseStore(SettableClock(NOON))


async def test_every_page_of_the_store_is_counted(cases: MemoryCaseStore) -> None:
    many = PAGE * 2 + 7
    for number in range(many):
        await cases.save(opening(_decided(number)))
    await cases.save(opening(_decided(many, ReviewAction.NOT_CERTIFIED)))
    report = await authorization_report(cases, FileRuleBook(), ReportOf(YEAR), at=NOON)
    assert (report.standard.approved.count, report.standard.approved.total) == (many, many + 1)
    assert report.standard.denied.count == 1
    assert {"therapy", "surgery"} <= {each.name for each in report.services}
    shown = report_json(report)
    assert shown["standard"]["denied"] == {
        "count": 1,
        "total": many + 1,
        "percent": float(report.standard.denied.percent or -1),
    }


async def test_the_year_is_that_of_the_plans_own_clock(cases: MemoryCaseStore) -> None:
    in_utc = datetime(YEAR + 1, 1, 1, 3, tzinfo=UTC)  # Still the old year in New York.
    await cases.save(opening(_decided(1, at=in_utc)))
    rules = FileRuleBook()
    this, following = [
        await authorization_report(cases, rules, ReportOf(year), at=NOON)
        for year in (YEAR, YEAR + 1)
    ]
    assert this.standard.approved.total == 1
    assert following.standard.approved.total == 0


async def test_another_line_of_business_and_what_is_no_decision_are_left_out(
    cases: MemoryCaseStore,
) -> None:
    await cases.save(opening(_decided(1)))
    await cases.save(opening(_decided(2, ReviewAction.NOT_REQUIRED)))
    withdrawn = cancel(_received(3, NOON), revision=2, by=CLINIC, at=NOON).case
    await cases.save(opening(issue(withdrawn, (), NOON).case))
    await cases.save(opening(a_case(4)))
    rules = FileRuleBook()
    whole = await authorization_report(cases, rules, ReportOf(YEAR), at=NOON)
    assert whole.standard.approved.total == 1
    other = await authorization_report(cases, rules, ReportOf(YEAR, "erisa"), at=NOON)
    assert other.standard.approved.total == 0


async def test_a_published_year_stays_as_it_was(cases: MemoryCaseStore) -> None:
    """Over the turn of a year in New York: a denial taken back, an approval asked anew."""
    old_year = datetime(YEAR, 12, 29, 15, tzinfo=UTC)
    new_year = datetime(YEAR + 1, 1, 1, 3, tzinfo=UTC)  # Still the old year in New York.
    denied = _told(_received(1, old_year), ReviewAction.NOT_CERTIFIED, new_year)
    approved = _told(_received(2, old_year), ReviewAction.CERTIFIED, old_year + 9 * HOUR)
    for case in (denied, approved):
        await cases.save(opening(case))
    rules = FileRuleBook()

    async def published(year: int) -> PublicReport:
        return await authorization_report(cases, rules, ReportOf(year), at=NOON)

    async def becomes(case: Case) -> None:
        stored = await cases.load(case.case_id)
        assert stored is not None
        await cases.save(following(stored, case))

    first = await published(YEAR)
    assert (first.standard.denied.count, first.standard.approved.count) == (1, 1)
    assert first.standard.median_hours == Decimal("34.5")  # Of 60 and 9.

    later = new_year + 10 * 24 * HOUR
    cancelled = cancel(denied, revision=2, by=CLINIC, at=later).case
    await becomes(issue(cancelled, (), later).case)
    asked_anew = replace(approved.request.items[0], change=InfoChange.CHANGED)
    request = replace(approved.request, items=(asked_anew,))
    reopened = update(approved, request, revision=2, by=CLINIC, at=later).case
    await becomes(reopened)
    assert await published(YEAR) == first
    assert (await published(YEAR + 1)).standard.approved.total == 0

    started = replace(reopened, clock=under_review(a_case(2, received_at=later)).clock)
    await becomes(_told(started, ReviewAction.CERTIFIED_PARTIAL, later + 48 * HOUR))
    assert await published(YEAR) == first
    following_year = await published(YEAR + 1)
    assert following_year.standard.partly == Share(1, 1)
    assert following_year.standard.mean_hours == Decimal("48.0")


async def test_the_hours_run_with_the_clock_through_an_update_of_an_open_request(
    cases: MemoryCaseStore,
) -> None:
    case = _received(1, NOON - 144 * HOUR)
    asked_anew = replace(case.request.items[0], change=InfoChange.CHANGED)
    request = replace(case.request, items=(asked_anew,))
    updated = update(case, request, revision=2, by=CLINIC, at=NOON - HOUR).case
    await cases.save(opening(_told(updated, ReviewAction.CERTIFIED, NOON)))
    report = await authorization_report(cases, FileRuleBook(), ReportOf(YEAR), at=NOON)
    assert report.standard.mean_hours == Decimal("144.0")


async def test_each_kind_of_request_is_a_whole_of_its_own(cases: MemoryCaseStore) -> None:
    for number, (urgency, action) in enumerate(
        [
            (Urgency.STANDARD, ReviewAction.CERTIFIED),
            (Urgency.STANDARD, ReviewAction.NOT_CERTIFIED),
            (Urgency.URGENT, ReviewAction.CERTIFIED),
        ],
        start=1,
    ):
        case = _received(number, NOON - number * HOUR)
        case = replace(case, request=replace(case.request, urgency=urgency))
        if urgency is Urgency.URGENT and case.clock is not None:
            extended = replace(case.clock, extensions=(Extension(NOON - HOUR),))
            case = replace(case, clock=extended)
        await cases.save(opening(_told(case, action, NOON)))
    report = await authorization_report(cases, FileRuleBook(), ReportOf(YEAR), at=NOON)
    assert report.standard.approved == report.standard.denied == Share(1, 2)
    assert report.urgent.approved == Share(1, 1)
    assert report.extended_and_approved == Share(1, 3)
    assert (report.standard.mean_hours, report.urgent.mean_hours) == (Decimal("1.5"), Decimal(3))


def _overturned(case: Case) -> CaseFacts:
    appealed = file(case, PLAN, filing(at=case.decided_at or NOON)).case
    case = appeal_decided(appealed, AppealOutcome.OVERTURNED)
    [issued] = issued_decisions(case)
    return facts_of(case, issued)


@pytest.mark.parametrize(
    ("action", "outcome"),
    [
        (ReviewAction.NOT_CERTIFIED, CaseOutcome.DENIED),
        (ReviewAction.CERTIFIED_PARTIAL, CaseOutcome.PARTIAL),
    ],
)
def test_an_overturned_decision_counts_as_issued_and_as_approved_after_appeal(
    action: ReviewAction, outcome: CaseOutcome
) -> None:
    facts = _overturned(_decided(1, action))
    assert facts.outcome is outcome
    assert facts.approved_after_appeal


def test_silence_that_an_appeal_overturned_counts_as_a_denial_first() -> None:
    silent = file(breached(), PLAN, filing(at=NOON + 96 * HOUR)).case
    right = appeal_decided(silent, AppealOutcome.OVERTURNED, at=NOON + 120 * HOUR)
    right = issue(right, (), NOON + 120 * HOUR).case
    facts = facts_of(right, right.issued[0])
    assert facts.outcome is CaseOutcome.DENIED
    assert facts.approved_after_appeal
