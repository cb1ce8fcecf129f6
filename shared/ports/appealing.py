"""Appeals: filed by a door, with the terms of the level that the rules name."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from shared.contracts.prior_authorization import AppealRef
from shared.contracts.tasks import FileAppeal
from shared.domain.prior_authorization.appeal_grounds import Ground, ground_of
from shared.domain.prior_authorization.appeal_levels import AppealRule
from shared.domain.prior_authorization.appealing import file
from shared.domain.prior_authorization.appeals import Appeal, AppealFiling
from shared.domain.prior_authorization.business_calendar import HolidayRule, observed_holidays
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.deadlines import TimeUnit
from shared.errors import RuleViolation
from shared.ports.case_store import CaseStore
from shared.ports.clock import Clock
from shared.ports.commits import commit_act, load_case
from shared.ports.decision_log import gathering
from shared.ports.rule_book import RuleBook


@dataclass(frozen=True, slots=True)
class Filed:
    """An appeal that was taken in, and its case as it then stands."""

    ref: AppealRef
    case: Case

    @property
    def appeal(self) -> Appeal:
        """The appeal itself."""
        return self.case.appeals[self.ref.number - 1]


async def file_appeal(
    cases: CaseStore, rules: RuleBook, clock: Clock, case_id: str, asked: FileAppeal
) -> Filed:
    """Take in an appeal; its story is the caller's to start.

    Raises:
        UnknownCaseError: there is no such case.
        RuleViolation: the case cannot be appealed, or no longer.
    """
    now = clock.now()
    with gathering():
        case = (await load_case(cases, case_id)).case
        ground = ground_of(case, asked.items, now)
        rule = await _rule_to_file(rules, case, ground, expedited=asked.expedited, at=now)
        filing = AppealFiling(
            items=asked.items,
            filed_by=asked.filed_by,
            filed_at=now,
            expedited=asked.expedited,
            reason=asked.reason,
            amount=asked.amount,
            aid_asked=asked.aid_asked,
        )
        days_off = await _days_off(rules, rule, now)
        number = await commit_act(
            cases,
            case_id,
            f"{case_id}.appeal/file/{uuid4().hex}",
            lambda case: file(case, rule, filing, holidays=days_off),
            int,
            at=now,
        )
    return Filed(AppealRef(case_id, number), (await load_case(cases, case_id)).case)


async def _rule_to_file(
    rules: RuleBook, case: Case, ground: Ground, *, expedited: bool, at: datetime
) -> AppealRule:
    """The terms of the level to file at: that of the ground, or the first beyond the plan."""
    rule = await appeal_rule(rules, case, ground.level, expedited=expedited, at=at)
    while ground.skips_plan and not ground.fits(rule) and rule.next_level:
        rule = await appeal_rule(rules, case, rule.next_level, expedited=expedited, at=at)
    return rule


async def appeal_rule(
    rules: RuleBook, case: Case, level: int, *, expedited: bool, at: datetime
) -> AppealRule:
    """The terms of a level of appeal, by the table in force at a time.

    The table goes by the day of filing, which may be a year after the request: it is asked as it
    then stands, not as the case pinned it.

    Raises:
        RuleViolation: the payer knows no plan of the case.
    """
    if case.membership is None:
        raise RuleViolation(f"case {case.case_id} has no plan whose appeals it could use")
    given = {
        "line of business": case.membership.line_of_business,
        "level": level,
        "expedited": expedited,
        "filed on": case.day_of(at),
    }
    answer = await rules.ask("appeal-levels", "Appeal level", given, at=at)
    return AppealRule.from_row(
        answer.value, level=level, time_zone=case.membership.time_zone, rule_id=answer.rule
    )


async def _days_off(rules: RuleBook, rule: AppealRule, filed_at: datetime) -> tuple[date, ...]:
    """The holidays that a clock of business days leaves out; none for any other."""
    if rule.clock is None or rule.clock.unit is not TimeUnit.BUSINESS_DAYS:
        return ()
    days: list[date] = []
    for year in (filed_at.year, filed_at.year + 1):
        given = {"year": year}
        answer = await rules.ask("federal-holidays", "Federal holidays", given, at=filed_at)
        days += observed_holidays(map(HolidayRule.from_row, answer.value or ()), year)
    return tuple(days)
