"""Appealing: how an appeal moves its case, from the filing to what is put right.

A case has one appeal before a body at a time, the last of `Case.appeals`; each level leaves its
own record there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from shared.domain.prior_authorization.appeal_levels import AppealBody, AppealRule
from shared.domain.prior_authorization.appeals import (
    Appeal,
    AppealFiling,
    AppealOutcome,
    NextStep,
    file_appeal,
    forward_appeal,
)
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.change import AuditEntry, Change
from shared.domain.prior_authorization.codes import Level, ReviewAction
from shared.domain.prior_authorization.decision import CLOCK, Actor, ItemDecision
from shared.domain.prior_authorization.issuing import authorization_number
from shared.domain.prior_authorization.notice_matrix import NoticeEvent
from shared.domain.prior_authorization.outgoing import messages_for
from shared.domain.prior_authorization.reviewers import Matter, Reviewer, objections_to_review
from shared.domain.prior_authorization.watching import Matrix, Watch
from shared.errors import ComplianceError, RuleViolation

FIRST_LEVEL = 1
APPEALABLE = frozenset({Stage.NOTIFIED, Stage.EXPIRED})


@dataclass(frozen=True, slots=True)
class AppealDecision:
    """What a body decided, and in which words."""

    outcome: AppealOutcome
    resolution: str


def level_to_file(case: Case) -> int:
    """The level at which the case may be appealed next.

    Raises:
        RuleViolation: an appeal is open, or the last level has decided.
    """
    if not case.appeals:
        return FIRST_LEVEL
    last = case.appeals[-1]
    if last.outcome is AppealOutcome.OPEN:
        raise RuleViolation(f"case {case.case_id} has an open appeal already")
    if last.outcome is AppealOutcome.UPHELD and last.rule.next_level:
        return last.rule.next_level
    if last.outcome is AppealOutcome.UPHELD:
        raise RuleViolation(f"case {case.case_id} has been decided at the last level of appeal")
    return FIRST_LEVEL


def file(
    case: Case, rule: AppealRule, filing: AppealFiling, *, holidays: Iterable[date] = ()
) -> Change[int]:
    """Take in an appeal against the decisions on some items.

    Args:
        holidays: of the year of filing and the next, where the rule counts business days.

    Returns:
        The number of the appeal, from 1.

    Raises:
        RuleViolation: the case is not decided and notified, an item was not decided against the
            member, the level is not the one to file at, or the window has closed.
    Source:
        42 CFR 422.582, 438.402(c); 29 CFR 2560.503-1(h).
    """
    if case.stage not in APPEALABLE:
        raise RuleViolation(f"case {case.case_id} is {case.stage} and cannot be appealed")
    if level_to_file(case) != rule.level:
        raise RuleViolation(f"case {case.case_id} is appealed at another level")
    for sequence in filing.items:
        if not case.action_of(sequence).is_adverse:
            raise RuleViolation(f"item {sequence} was not decided against the member")
    if not filing.items:
        raise RuleViolation("an appeal names the items it is about")
    filed = file_appeal(rule, filing, holidays=holidays)
    appealed = replace(case.to(Stage.APPEALED), appeals=(*case.appeals, filed))
    detail = {
        "appeal": filed.appeal_id,
        "level": filed.rule.name,
        "items": ",".join(str(sequence) for sequence in filed.items),
    }
    entry = AuditEntry(
        event="appeal_filed", actor=Actor(filing.filed_by), at=filing.filed_at, detail=detail
    )
    return Change(case=appealed, result=len(appealed.appeals), audit=(entry,))


def decide(case: Case, reviewer: Reviewer, made: AppealDecision, at: datetime) -> Change[None]:
    """Decide the open appeal.

    At the plan's own level the reviewer must be independent of who decided before; the decision
    of an outside body is only recorded by him.

    Raises:
        RuleViolation: no appeal is open, or the decision has no words.
        ComplianceError: the reviewer is not independent, or not qualified.
    """
    appeal = open_appeal(case)
    if not made.resolution.strip():
        raise RuleViolation(f"appeal {appeal.appeal_id}: say why, in words")
    if appeal.rule.decided_by is AppealBody.PLAN:
        objections = objections_to_review(reviewer, matter_of(case), today=at.date())
        if objections:
            raise ComplianceError(f"appeal {appeal.appeal_id}: {'; '.join(objections)}")
    actor = Actor(reviewer.reviewer_id, reviewer.level)
    decided = appeal.decide(made.outcome, by=actor, now=at, resolution=made.resolution)
    detail = {"appeal": appeal.appeal_id, "outcome": made.outcome, "level": appeal.rule.name}
    entry = AuditEntry(event="appeal_decided", actor=actor, at=at, detail=detail)
    return Change(case=_with(case, decided), result=None, audit=(entry,))


def attend(
    case: Case, matrix: Matrix, levels: Mapping[int, AppealRule], at: datetime
) -> Change[Watch]:
    """Look at the case's appeal: acknowledge, warn, forward, put right, or close it.

    Args:
        levels: the rule of the next level, by its number, for what is forwarded.

    Source:
        42 CFR 422.590, 422.618, 438.408, 438.424.
    """
    if case.stage is not Stage.APPEALED or not case.appeals:
        return Change(case=case, result=Watch(is_open=False))
    appeal = case.appeals[-1]
    match appeal.next_step(at):
        case NextStep.FORWARD:
            return _forward(case, appeal, matrix, levels, at)
        case NextStep.EFFECTUATE:
            return _put_right(case, appeal, matrix, at)
        case NextStep.CLOSE:
            return _close(case, appeal, matrix, at)
        case NextStep.MAY_APPEAL if appeal.outcome is not AppealOutcome.OPEN:
            return _close(case, appeal, matrix, at)
        case _:
            return _keep_open(case, appeal, matrix, at)


def open_appeal(case: Case) -> Appeal:
    """The appeal that waits for a decision.

    Raises:
        RuleViolation: there is none.
    """
    if not case.appeals or case.appeals[-1].outcome is not AppealOutcome.OPEN:
        raise RuleViolation(f"case {case.case_id} has no open appeal")
    return case.appeals[-1]


def matter_of(case: Case) -> Matter:
    """The appeal as the rules on reviewers see it."""
    deciders = {made.decided_by.actor_id for made in case.decisions}
    deciders |= {earlier.decided_by.actor_id for earlier in case.appeals if earlier.decided_by}
    return Matter(
        specialty=case.review.routing.queue if case.review else "general",
        level=Level.PHYSICIAN,
        state=case.membership.state if case.membership else "",
        submitted_by=open_appeal(case).filed_by,
        organisation=str(case.request.requestor.identifier),
        earlier_reviewers=tuple(sorted(deciders)),
    )


def _keep_open(case: Case, appeal: Appeal, matrix: Matrix, at: datetime) -> Change[Watch]:
    """Tell whom it concerns that it is here, that its time is near, or that it has passed."""
    clock = appeal.clock
    if appeal.acknowledged_at is None:
        told = replace(appeal, acknowledged_at=at)
        return _tell(case, told, NoticeEvent.APPEAL_RECEIVED, matrix, at)
    if appeal.is_breached(at) and appeal.breached_at is None:
        late = replace(appeal, breached_at=at)
        return _tell(case, late, NoticeEvent.DEADLINE_MISSED, matrix, at)
    if clock is not None and clock.warn_at <= at and appeal.warned_at is None:
        warned = replace(appeal, warned_at=at)
        return _tell(case, warned, NoticeEvent.DEADLINE_NEAR, matrix, at)
    return Change(case=case, result=_watch(appeal, at))


def _forward(
    case: Case, appeal: Appeal, matrix: Matrix, levels: Mapping[int, AppealRule], at: datetime
) -> Change[Watch]:
    number = len(case.appeals) + 1
    rule = levels[appeal.rule.next_level]
    onward = forward_appeal(appeal, rule, appeal_id=f"{case.case_id}.appeal{number}", now=at)
    onward = replace(onward, acknowledged_at=at)
    moved = replace(case, appeals=(*case.appeals, onward))
    return _tell(moved, onward, NoticeEvent.APPEAL_FORWARDED, matrix, at)


def _put_right(case: Case, appeal: Appeal, matrix: Matrix, at: datetime) -> Change[Watch]:
    """Authorise what was denied: an overturned decision is no decision any more."""
    actor = appeal.decided_by or CLOCK
    number = case.authorization_number or authorization_number(case)
    made = tuple(
        ItemDecision(
            sequence=item.sequence,
            action=ReviewAction.CERTIFIED,
            decided_by=actor,
            decided_at=at,
            reason_text=f"Overturned on appeal {appeal.appeal_id}",
            effective_from=item.served_from or at.date(),
            effective_to=item.served_to,
            authorization_number=number,
        )
        for item in case.request.items
        if item.sequence in appeal.items
    )
    right = _with(case, appeal.effectuate(at)).deciding(made).to(Stage.NOTIFIED)
    right = replace(right, authorization_number=number)
    return _tell(right, right.appeals[-1], NoticeEvent.APPEAL_OVERTURNED, matrix, at)


def _close(case: Case, appeal: Appeal, matrix: Matrix, at: datetime) -> Change[Watch]:
    closed = case.to(Stage.NOTIFIED)
    if appeal.outcome is AppealOutcome.UPHELD:
        return _tell(closed, appeal, NoticeEvent.APPEAL_UPHELD, matrix, at)
    entry = _entry(appeal, "appeal_closed", at)
    return Change(case=closed, result=Watch(is_open=False), audit=(entry,))


def _tell(
    case: Case, appeal: Appeal, event: NoticeEvent, matrix: Matrix, at: datetime
) -> Change[Watch]:
    occasion = f"a{len(case.appeals)}"
    messages = messages_for(case, event, matrix.get(event, ()), occasion=occasion, at=at)
    watched = _watch(appeal, at) if case.stage is Stage.APPEALED else Watch(is_open=False)
    return Change(
        case=_with(case, appeal),
        result=replace(watched, notices=tuple(message.message_id for message in messages)),
        audit=(_entry(appeal, event.replace(" ", "_"), at),),
        messages=messages,
    )


def _watch(appeal: Appeal, at: datetime) -> Watch:
    coming = appeal.clock.next_moment_after(at) if appeal.clock else None
    return Watch(is_open=True, until=coming.at if coming else None)


def _with(case: Case, appeal: Appeal) -> Case:
    return replace(case, appeals=(*case.appeals[:-1], appeal))


def _entry(appeal: Appeal, event: str, at: datetime) -> AuditEntry:
    detail = {"appeal": appeal.appeal_id, "level": appeal.rule.name}
    if appeal.effectuate_by:
        detail["effectuate_by"] = appeal.effectuate_by.isoformat()
    return AuditEntry(event=event, actor=CLOCK, at=at, detail=detail)
