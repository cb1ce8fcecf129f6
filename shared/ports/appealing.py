"""Appeals: filed by a door, with the terms of the level that the rules name."""

from datetime import date, datetime
from uuid import uuid4

from shared.contracts.prior_authorization import AppealRef
from shared.contracts.tasks import FileAppeal
from shared.domain.prior_authorization.appeal_levels import AppealRule
from shared.domain.prior_authorization.appealing import file, level_to_file
from shared.domain.prior_authorization.appeals import AppealFiling
from shared.domain.prior_authorization.business_calendar import HolidayRule, observed_holidays
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.deadlines import TimeUnit
from shared.errors import RuleViolation
from shared.ports.case_store import CaseStore
from shared.ports.clock import Clock
from shared.ports.commits import commit_act, load_case
from shared.ports.decision_log import gathering
from shared.ports.rule_book import RuleBook


async def file_appeal(
    cases: CaseStore, rules: RuleBook, clock: Clock, case_id: str, asked: FileAppeal
) -> AppealRef:
    """Take in an appeal, and answer its number; its story is the caller's to start.

    Raises:
        UnknownCaseError: there is no such case.
        RuleViolation: the case cannot be appealed, or no longer.
    """
    with gathering():
        return await _file(cases, rules, clock, case_id, asked)


async def _file(
    cases: CaseStore, rules: RuleBook, clock: Clock, case_id: str, asked: FileAppeal
) -> AppealRef:
    now = clock.now()
    case = (await load_case(cases, case_id)).case
    level = level_to_file(case)
    rule = await appeal_rule(rules, case, level, expedited=asked.expedited, at=now)
    filing = AppealFiling(
        appeal_id=f"{case_id}.appeal{len(case.appeals) + 1}",
        items=asked.items,
        filed_by=asked.filed_by,
        filed_at=now,
        notice_at=_notice_at(case),
        expedited=asked.expedited,
        reason=asked.reason,
        amount=asked.amount,
        aid_asked=asked.aid_asked,
    )
    days_off = await _days_off(rules, case, rule, now)
    key = f"{filing.appeal_id}/file/{uuid4().hex}"
    number = await commit_act(
        cases, case_id, key, lambda case: file(case, rule, filing, holidays=days_off), int, at=now
    )
    return AppealRef(case_id, number)


async def appeal_rule(
    rules: RuleBook, case: Case, level: int, *, expedited: bool, at: datetime
) -> AppealRule:
    """The terms of a level of appeal.

    Raises:
        RuleViolation: the payer knows no plan of the case.
    """
    if case.membership is None:
        raise RuleViolation(f"case {case.case_id} has no plan whose appeals it could use")
    given = {
        "line of business": case.membership.line_of_business,
        "level": level,
        "expedited": expedited,
        "filed on": at.date(),
    }
    version = (case.rule_versions or {}).get("appeal-levels")
    answer = await rules.ask("appeal-levels", "Appeal level", given, at=at, version=version)
    return AppealRule.from_row(
        answer.value, level=level, time_zone=case.membership.time_zone, rule_id=answer.rule
    )


async def _days_off(
    rules: RuleBook, case: Case, rule: AppealRule, filed_at: datetime
) -> tuple[date, ...]:
    """The holidays that a clock of business days leaves out; none for any other."""
    if rule.clock is None or rule.clock.unit is not TimeUnit.BUSINESS_DAYS:
        return ()
    days: list[date] = []
    version = (case.rule_versions or {}).get("federal-holidays")
    for year in (filed_at.year, filed_at.year + 1):
        answer = await rules.ask(
            "federal-holidays", "Federal holidays", {"year": year}, at=filed_at, version=version
        )
        days += observed_holidays(map(HolidayRule.from_row, answer.value or ()), year)
    return tuple(days)


def _notice_at(case: Case) -> datetime:
    """The date of the notice appealed against: of the decision, or of the last appeal's."""
    reviewed = case.appeals[-1].reviewed_at if case.appeals else None
    notified = reviewed or case.notified_at
    if notified is None:
        raise RuleViolation(f"case {case.case_id} has not been notified, so nothing is appealed")
    return notified
