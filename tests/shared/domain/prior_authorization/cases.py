"""Cases in the states that the rules meet them in."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from shared.domain.prior_authorization.case import Case, InformationRequest, Routing, Stage
from shared.domain.prior_authorization.codes import Level, LineOfBusiness, ReviewAction
from shared.domain.prior_authorization.coverage import Membership
from shared.domain.prior_authorization.deadlines import (
    BreachConsequence,
    ClockRule,
    TimeUnit,
    start_clock,
)
from shared.domain.prior_authorization.decision import Actor, ItemDecision
from shared.domain.prior_authorization.request import Coding, ServiceItem
from shared.domain.prior_authorization.review import open_review
from shared.domain.prior_authorization.reviewers import Reviewer
from shared.domain.prior_authorization.tasks import review_task_id
from tests.shared.ports.samples import a_case

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CPT = "http://www.ama-assn.org/go/cpt"
ROUTING = Routing(queue="surgery", level=Level.NURSE, rank=3)
NURSE = Reviewer(
    reviewer_id="nurse", level=Level.NURSE, specialties=("surgery",), licensed_states=("FL",)
)
DOCTOR = replace(NURSE, reviewer_id="doctor", level=Level.PHYSICIAN)
OTHER_DOCTOR = replace(DOCTOR, reviewer_id="other-doctor")
MEMBER = Membership(
    member_id="M-1001",
    plan_id="plan",
    line_of_business=LineOfBusiness.MEDICARE_ADVANTAGE,
    state="FL",
    starts_on=date(2024, 1, 1),
)
HOUR = timedelta(hours=1)
LAST_DAY = date(2026, 5, 31)


def opened(*, items: int = 1) -> Case:
    """A case just opened, with so many items."""
    case = a_case()
    asked = tuple(
        ServiceItem(sequence=number, service=Coding(CPT, f"2744{number}"))
        for number in range(1, items + 1)
    )
    return replace(case, membership=MEMBER, request=replace(case.request, items=asked))


def in_review(
    *, items: int = 1, on_breach: BreachConsequence = BreachConsequence.ADVERSE, extensions: int = 1
) -> Case:
    """A case in review, its clock of 72 hours started at noon, warning at 48."""
    rule = ClockRule(
        allowed=72,
        unit=TimeUnit.HOURS,
        time_zone="UTC",
        extension_days=14,
        extensions_max=extensions,
        warn_before_hours=24,
        on_breach=on_breach,
        rule_id="deadlines#row",
    )
    ready = replace(opened(items=items), clock=start_clock(rule, NOON))
    return open_review(ready, ROUTING, NOON).case


def task_of(case: Case) -> str:
    """The id of the case's review task."""
    return review_task_id(case)


def certify(sequence: int = 1, *, until: date | None = LAST_DAY) -> ItemDecision:
    """A reviewer's approval, for three months."""
    return ItemDecision(
        sequence=sequence,
        action=ReviewAction.CERTIFIED,
        decided_by=Actor("doctor", Level.PHYSICIAN),
        decided_at=NOON,
        effective_from=NOON.date(),
        effective_to=until,
    )


def deny(sequence: int = 1) -> ItemDecision:
    """A physician's denial, with its reason."""
    return replace(
        certify(sequence),
        action=ReviewAction.NOT_CERTIFIED,
        reason_code="0K",
        reason_text="Not tried before",
    )


def asking(*, hours: int = 24) -> InformationRequest:
    """A question that is due after so many hours, with a reminder half way."""
    return InformationRequest(
        number=1,
        kinds=("18748-4",),
        asked_by="nurse",
        asked_at=NOON,
        due_at=NOON + timedelta(hours=hours),
        remind_at=NOON + timedelta(hours=hours / 2),
    )


def notified(*made: ItemDecision) -> Case:
    """A case decided so and told."""
    case = in_review(items=len(made))
    decided = replace(case.deciding(made).to(Stage.DECIDED), decided_at=NOON)
    return replace(decided.to(Stage.NOTIFIED), notified_at=NOON)
