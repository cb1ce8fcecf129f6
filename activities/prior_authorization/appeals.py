"""Appeals: look at an open one, and do what its level asks for."""

from activities.prior_authorization.review import as_waiting
from shared.contracts.prior_authorization import AppealRef, WaitingFor
from shared.domain.prior_authorization.appeal_levels import AppealRule
from shared.domain.prior_authorization.appeals_under_way import present_of
from shared.domain.prior_authorization.attending_appeals import attend
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import Change
from shared.domain.prior_authorization.notice_matrix import NoticeEvent
from shared.ports.appealing import appeal_rule
from shared.ports.case_store import CaseStore
from shared.ports.clock import Clock
from shared.ports.commits import commit_step, load_case
from shared.ports.noticing import owed
from shared.ports.rule_book import RuleBook

APPEAL_EVENTS = (
    NoticeEvent.APPEAL_RECEIVED,
    NoticeEvent.APPEAL_FORWARDED,
    NoticeEvent.APPEAL_UPHELD,
    NoticeEvent.APPEAL_OVERTURNED,
    NoticeEvent.APPEAL_DEADLINE_NEAR,
    NoticeEvent.APPEAL_DEADLINE_MISSED,
    NoticeEvent.APPEAL_EXHAUSTED,
)


async def attend_appeal(
    ref: AppealRef, *, cases: CaseStore, rules: RuleBook, clock: Clock, key: str
) -> WaitingFor:
    """Acknowledge, warn, forward, put right or close an appeal of the case."""
    now = clock.now()
    case = (await load_case(cases, ref.case_id)).case
    matrix = await owed(rules, case, APPEAL_EVENTS, at=now)
    levels = await _next_level(case, ref.number, rules)

    def rule(case: Case) -> Change[WaitingFor]:
        return as_waiting(attend(case, ref.number, matrix, levels, now))

    return await commit_step(cases, ref.case_id, key, rule, WaitingFor)


async def _next_level(case: Case, story: int, rules: RuleBook) -> dict[int, AppealRule]:
    """The terms of the level to which the appeal of a story may be forwarded."""
    present = present_of(case, story)
    if not present:
        return {}
    appeal = case.appeals[present - 1]
    level = appeal.rule.next_level
    if not level:
        return {}
    rule = await appeal_rule(rules, case, level, expedited=appeal.expedited, at=appeal.filed_at)
    return {level: rule}
