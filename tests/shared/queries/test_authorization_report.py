from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.adapters.rules.file_rule_book import FileRuleBook
from shared.domain.prior_authorization.appeals import Appeal, AppealOutcome
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.codes import ReviewAction, Urgency
from shared.domain.prior_authorization.decision import RULES, CaseOutcome, ItemDecision
from shared.queries.authorization_report import (
    PAGE,
    ReportOf,
    authorization_report,
    facts_of,
    report_json,
)
from tests.shared.domain.prior_authorization.cases import MEMBER
from tests.shared.ports.samples import NOON, a_case, opening

YEAR = NOON.year


def _decided(
    number: int, action: ReviewAction = ReviewAction.CERTIFIED, *, at: datetime = NOON
) -> Case:
    case = a_case(number, received_at=at - timedelta(hours=number % 5))
    made = ItemDecision(sequence=1, action=action, decided_by=RULES, decided_at=at)
    decided = replace(case, membership=MEMBER, decided_at=at, rule_versions=None)
    return replace(decided.deciding((made,)), stage=Stage.NOTIFIED)


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
    await cases.save(opening(replace(_decided(3), stage=Stage.CANCELLED)))
    await cases.save(opening(a_case(4)))
    rules = FileRuleBook()
    whole = await authorization_report(cases, rules, ReportOf(YEAR), at=NOON)
    assert whole.standard.approved.total == 1
    other = await authorization_report(cases, rules, ReportOf(YEAR, "erisa"), at=NOON)
    assert other.standard.approved.total == 0


def test_an_overturned_denial_counts_as_denied_and_as_approved_after_appeal() -> None:
    urgent = _decided(1)
    urgent = replace(urgent, request=replace(urgent.request, urgency=Urgency.URGENT))
    appeal = Appeal(
        appeal_id="case-1.appeal1",
        rule=None,  # type: ignore[arg-type]  # the report looks at the outcome only
        items=(1,),
        expedited=False,
        filed_at=NOON,
        clock=None,
        outcome=AppealOutcome.OVERTURNED,
    )
    facts = facts_of(replace(urgent, appeals=(appeal,)))
    assert facts is not None
    assert facts.outcome is CaseOutcome.DENIED
    assert facts.approved_after_appeal
    assert facts.urgency is Urgency.URGENT
