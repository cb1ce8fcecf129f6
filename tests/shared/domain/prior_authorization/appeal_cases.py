"""Cases under appeal, at the levels of two lines of business."""

from dataclasses import replace
from datetime import datetime

from shared.domain.prior_authorization.appeal_levels import AppealBody, AppealRule
from shared.domain.prior_authorization.appealing import AppealDecision, decide, file
from shared.domain.prior_authorization.appeals import AppealFiling, AppealOutcome
from shared.domain.prior_authorization.attending_appeals import attend
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.codes import CertificationType
from shared.domain.prior_authorization.deadlines import BreachConsequence, ClockRule, TimeUnit
from shared.domain.prior_authorization.decision import ItemDecision
from shared.domain.prior_authorization.watching import attend_review
from tests.shared.domain.prior_authorization.cases import (
    HOUR,
    NOON,
    OTHER_DOCTOR,
    deny,
    in_review,
    notified,
)

DAY = 24 * HOUR
CLOCK = ClockRule(
    allowed=30,
    unit=TimeUnit.CALENDAR_DAYS,
    time_zone="UTC",
    extension_days=14,
    extensions_max=1,
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
    file_within_days=0,
    forwards_on_uphold=False,
    next_level=0,
    clock=replace(CLOCK, on_breach=BreachConsequence.NONE, extension_days=0, extensions_max=0),
)
LEVELS = {2: ENTITY}
PRIVATE = replace(
    PLAN,
    name="plan appeal",
    forwards_on_uphold=False,
    clock=replace(CLOCK, on_breach=BreachConsequence.EXHAUSTED, extension_days=0, extensions_max=0),
)
EXTERNAL = replace(
    PRIVATE,
    level=2,
    name="external review",
    decided_by=AppealBody.EXTERNAL_REVIEWER,
    file_within_days=123,
    next_level=0,
    clock=replace(CLOCK, on_breach=BreachConsequence.NONE, extension_days=0, extensions_max=0),
)


def filing(*items: int, at: datetime = NOON + DAY) -> AppealFiling:
    """What the member asks for who appeals."""
    return AppealFiling(items=items or (1,), filed_by="M-1001", filed_at=at)


def filed(rule: AppealRule = PLAN) -> Case:
    """A denial that is appealed."""
    return file(notified(deny()), rule, filing()).case


def decided(
    case: Case, outcome: AppealOutcome, *, at: datetime = NOON + DAY, items: tuple[int, ...] = ()
) -> Case:
    """The case, its last appeal decided, perhaps for some items only."""
    made = AppealDecision(outcome, "Records show it", "0K", items)
    task = f"{case.case_id}.appeal{len(case.appeals)}"
    return decide(case, task, OTHER_DOCTOR, made, at).case


def extending(*made: ItemDecision) -> Case:
    """A case whose items ask for more of what was authorized before, decided so and told."""
    case = notified(*made)
    items = tuple(
        replace(item, certification_type=CertificationType.EXTENSION) for item in case.request.items
    )
    return replace(case, request=replace(case.request, items=items))


def exhausted() -> Case:
    """A case whose plan let an appeal pass its time, as its story saw on the fortieth day."""
    told = attend(filed(PRIVATE), 1, {}, {}, NOON + DAY).case
    return attend(told, 1, {}, {}, NOON + 40 * DAY).case


def breached(*, items: int = 1, on_breach: BreachConsequence = BreachConsequence.ADVERSE) -> Case:
    """A case whose reviewers let its 72 hours pass."""
    return attend_review(in_review(items=items, on_breach=on_breach), 1, {}, NOON + 3 * DAY).case
