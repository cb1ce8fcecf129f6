from dataclasses import replace

import pytest

from shared.domain.prior_authorization.appeal_levels import AppealBody, AppealRule
from shared.domain.prior_authorization.appealing import (
    AppealDecision,
    attend,
    decide,
    file,
    level_to_file,
)
from shared.domain.prior_authorization.appeals import AppealFiling, AppealOutcome
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.deadlines import BreachConsequence, ClockRule, TimeUnit
from shared.errors import ComplianceError, RuleViolation
from tests.shared.domain.prior_authorization.cases import (
    DOCTOR,
    HOUR,
    NOON,
    OTHER_DOCTOR,
    certify,
    deny,
    notified,
)

CLOCK = ClockRule(
    allowed=30,
    unit=TimeUnit.CALENDAR_DAYS,
    time_zone="UTC",
    warn_before_hours=120,
    on_breach=BreachConsequence.FORWARDED,
)
PLAN = AppealRule(
    level=1,
    name="reconsideration",
    decided_by=AppealBody.PLAN,
    file_within_days=65,
    time_zone="UTC",
    clock=CLOCK,
    forwards_on_uphold=True,
    effectuate_within_hours=72,
    next_level=2,
)
ENTITY = replace(
    PLAN,
    level=2,
    name="independent review",
    decided_by=AppealBody.INDEPENDENT_ENTITY,
    forwards_on_uphold=False,
    next_level=0,
    clock=replace(CLOCK, on_breach=BreachConsequence.NONE),
)
LEVELS = {2: ENTITY}
DAY = 24 * HOUR


def _filing(*items: int) -> AppealFiling:
    return AppealFiling(
        appeal_id="case-1.appeal1",
        items=items or (1,),
        filed_by="M-1001",
        filed_at=NOON + DAY,
        notice_at=NOON,
    )


def _filed() -> Case:
    return file(notified(deny()), PLAN, _filing()).case


def _decided(case: Case, outcome: AppealOutcome) -> Case:
    return decide(case, OTHER_DOCTOR, AppealDecision(outcome, "Records show it"), NOON + DAY).case


def test_only_what_was_decided_against_the_member_is_appealed() -> None:
    with pytest.raises(RuleViolation):
        file(notified(certify()), PLAN, _filing())
    with pytest.raises(RuleViolation):
        file(notified(deny()), ENTITY, _filing())
    assert _filed().stage is Stage.APPEALED


def test_an_appeal_is_open_once_at_a_time() -> None:
    with pytest.raises(RuleViolation):
        level_to_file(_filed())


def test_whoever_denied_does_not_decide_the_appeal_nor_does_his_subordinate() -> None:
    case = _filed()
    decision = AppealDecision(AppealOutcome.UPHELD, "No")
    with pytest.raises(ComplianceError):
        decide(case, DOCTOR, decision, NOON + DAY)
    with pytest.raises(ComplianceError):
        decide(case, replace(OTHER_DOCTOR, managers=("doctor",)), decision, NOON + DAY)
    assert decide(case, OTHER_DOCTOR, decision, NOON + DAY).audit[0].event == "appeal_decided"


def test_an_overturned_denial_is_put_right_with_a_number() -> None:
    right = attend(_decided(_filed(), AppealOutcome.OVERTURNED), {}, LEVELS, NOON + 2 * DAY)
    assert not right.result.is_open
    assert right.case.stage is Stage.NOTIFIED
    assert right.case.action_of(1) is ReviewAction.CERTIFIED
    assert right.case.authorization_number
    assert right.case.appeals[-1].effectuated_at == NOON + 2 * DAY


def test_an_upheld_denial_goes_on_by_itself_where_the_row_says_so() -> None:
    onward = attend(_decided(_filed(), AppealOutcome.UPHELD), {}, LEVELS, NOON + 2 * DAY)
    assert onward.result.is_open
    assert [appeal.rule.level for appeal in onward.case.appeals] == [1, 2]
    last = _decided(onward.case, AppealOutcome.UPHELD)
    closed = attend(last, {}, {}, NOON + 3 * DAY)
    assert closed.case.stage is Stage.NOTIFIED
    with pytest.raises(RuleViolation):
        level_to_file(closed.case)


def test_an_appeal_that_the_plan_let_lie_is_forwarded() -> None:
    told = attend(_filed(), {}, LEVELS, NOON + DAY).case
    late = attend(told, {}, LEVELS, NOON + 40 * DAY)
    assert late.audit[0].event == "appeal_forwarded"
    assert late.case.appeals[-1].rule.decided_by is AppealBody.INDEPENDENT_ENTITY


def test_the_member_hears_that_his_appeal_is_here_and_its_reviewers_that_its_time_is_near() -> None:
    told = attend(_filed(), {}, LEVELS, NOON + DAY)
    assert [entry.event for entry in told.audit] == ["appeal_received"]
    near = attend(told.case, {}, LEVELS, NOON + 27 * DAY)
    assert [entry.event for entry in near.audit] == ["deadline_near"]
    assert attend(near.case, {}, LEVELS, NOON + 27 * DAY).audit == ()


def test_a_withdrawn_appeal_is_closed() -> None:
    closed = attend(_decided(_filed(), AppealOutcome.WITHDRAWN), {}, LEVELS, NOON + 2 * DAY)
    assert closed.case.stage is Stage.NOTIFIED
    assert closed.audit[0].event == "appeal_closed"
