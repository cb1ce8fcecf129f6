"""Appealing: what people do with an appeal, from the filing to the decision or the withdrawal.

An item has one appeal before a body at a time; each filing and each level leaves its own record
in `Case.appeals`. What the clock does with one is in attending_appeals.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from shared.domain.prior_authorization.appeal_grounds import ground_of
from shared.domain.prior_authorization.appeal_levels import AppealBody, AppealRule
from shared.domain.prior_authorization.appeals import (
    Appeal,
    AppealFiling,
    AppealOutcome,
    file_appeal,
)
from shared.domain.prior_authorization.appeals_under_way import under_way
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.change import AuditEntry, Change, Message, listed
from shared.domain.prior_authorization.codes import Level, ReviewAction
from shared.domain.prior_authorization.decision import Actor, ItemDecision
from shared.domain.prior_authorization.issuing import numbered
from shared.domain.prior_authorization.notice_matrix import Notice, NoticeEvent
from shared.domain.prior_authorization.outgoing import messages_for
from shared.domain.prior_authorization.overturning import overturned
from shared.domain.prior_authorization.review import TaskClosedError, actor_of, open_review
from shared.domain.prior_authorization.review import matter_of as review_matter_of
from shared.domain.prior_authorization.reviewers import (
    ANY_SPECIALTY,
    Matter,
    Objection,
    Reviewer,
    objections_to_act,
    objections_to_adverse,
    objections_to_review,
)
from shared.domain.prior_authorization.tasks import appeal_number, appeal_task_id
from shared.errors import ComplianceError, RuleViolation


@dataclass(frozen=True, slots=True)
class AppealDecision:
    """What a body decided, and in which words.

    Attributes:
        reason_code: X12 886; compulsory where upholding is the first decision on an item.
        items: that are overturned, where others are upheld; all where none is named.
    """

    outcome: AppealOutcome
    resolution: str
    reason_code: str = ""
    items: tuple[int, ...] = ()


def file(
    case: Case, rule: AppealRule, filing: AppealFiling, *, holidays: Iterable[date] = ()
) -> Change[int]:
    """Take in an appeal against the decisions on some items, or against the silence about them.

    It ends the review that is open, and takes over the appeal about the same items that is open at
    the level below. Appeals about other items go on beside it.

    Args:
        holidays: of the year of filing and the next, where the rule counts business days.

    Returns:
        The number of the appeal, from 1.

    Raises:
        RuleViolation: there is nothing to appeal against, the level is not the one to file at, or
            the window has closed.
    Source:
        42 CFR 422.582, 438.402(c); 29 CFR 2560.503-1(h) and (l).
    """
    ground = ground_of(case, filing.items, filing.filed_at)
    if not ground.fits(rule):
        raise RuleViolation(f"case {case.case_id} is appealed at another level")
    number = len(case.appeals) + 1
    filed = file_appeal(
        rule,
        filing,
        appeal_id=appeal_task_id(case, number),
        notice_at=ground.notice_at,
        was_authorized=any(case.was_authorized(sequence) for sequence in filing.items),
        holidays=holidays,
    )
    others = set(under_way(case)) - set(under_way(case, *filed.items))
    filed = replace(filed, is_beside=bool(others))
    actor, at = Actor(filing.filed_by), filing.filed_at
    freed, ended = _freed(case, filed, actor, at)
    detail = {"items": listed(filed.items), "rule": rule.rule_id}
    if filing.aid_asked:
        detail["aid"] = "continues" if filed.aid_continues else str(filed.aid_refusal)
    entry = entry_of(filed, "appeal_filed", actor, at, **detail)
    appealed = replace(freed, appeals=(*freed.appeals, filed))
    return Change(case=appealed, result=number, audit=(*ended, entry))


def decide(
    case: Case, task_id: str, reviewer: Reviewer, made: AppealDecision, at: datetime
) -> Change[None]:
    """Decide an open appeal, and with it the items that nobody has decided yet.

    At the plan's own level the reviewer must be independent of who decided before; the decision
    of an outside body is only recorded by him, who must have no part in the matter.

    Raises:
        TaskClosedError: the task is not that of an open appeal.
        RuleViolation: the decision has no words, or names items that it cannot be about.
        ComplianceError: the reviewer is not independent, not qualified, or may not touch it.
    """
    appeal = _open_task(case, task_id)
    if not made.resolution.strip():
        raise RuleViolation(f"appeal {appeal.appeal_id}: say why, in words")
    actor = actor_of(reviewer)
    decided = appeal.decide(
        made.outcome, by=actor, now=at, resolution=made.resolution, items=made.items
    )
    first = tuple(
        _first_decision(case, decided, sequence, made, actor, at)
        for sequence in appeal.items
        if not case.action_of(sequence).is_final
    )
    _refuse(appeal, _objections(case, appeal, reviewer, first, at))
    settled = with_appeal(case, decided)
    if first:
        settled = replace(numbered(settled.deciding(first)), decided_at=at)
    detail = {"outcome": made.outcome, "overturned": listed(decided.overturned_items)}
    entry = entry_of(decided, "appeal_decided", actor, at, **detail)
    items = tuple(_item_entry(decided, each, actor, at) for each in first)
    return Change(case=settled, result=None, audit=(entry, *items))


def extend(
    case: Case,
    task_id: str,
    reviewer: Reviewer,
    reason: str,
    notices: Iterable[Notice],
    at: datetime,
) -> Change[None]:
    """Take the extension that the level allows, once, and tell the member why.

    Raises:
        TaskClosedError: the task is not that of an open appeal.
        RuleViolation: the level allows none, or its time is over.
        ComplianceError: he may not touch it.
    Source:
        42 CFR 422.590(f) and 438.408(c): up to 14 days, with written notice of the reason.
    """
    appeal = _open_task(case, task_id)
    _refuse(appeal, objections_to_act(reviewer, matter_of(case, appeal), today=case.day_of(at)))
    longer = appeal.extend(at, reason=reason)
    extended = with_appeal(case, longer)
    due = longer.clock.due_at.isoformat() if longer.clock else ""
    entry = entry_of(longer, "appeal_extended", actor_of(reviewer), at, due=due)
    number = appeal_number(task_id)
    messages = appeal_messages(extended, number, NoticeEvent.APPEAL_EXTENDED, notices, at)
    return Change(case=extended, result=None, audit=(entry,), messages=messages)


def withdraw(
    case: Case,
    task_id: str,
    withdrawn_by: str,
    recorded_by: Reviewer,
    notices: Iterable[Notice],
    at: datetime,
) -> Change[None]:
    """Take an open appeal back; where nobody has decided yet, the review opens again.

    Raises:
        TaskClosedError: the task is not that of an open appeal.
        RuleViolation: it is another person's appeal.
        ComplianceError: who records it may not touch it.
    Source:
        42 CFR 422.582(e) and 438.420(c)(1): by whoever filed it; the aid ends with it.
    """
    appeal = _open_task(case, task_id)
    _refuse(appeal, objections_to_act(recorded_by, matter_of(case, appeal), today=case.day_of(at)))
    if withdrawn_by != appeal.filed_by:
        raise RuleViolation(f"appeal {appeal.appeal_id} is withdrawn by who filed it only")
    withdrawn = appeal.withdraw(at)
    detail = {"recorded_by": recorded_by.reviewer_id}
    entry = entry_of(withdrawn, "appeal_withdrawn", Actor(withdrawn_by), at, **detail)
    before = with_appeal(case, withdrawn)
    number = appeal_number(task_id)
    messages = appeal_messages(before, number, NoticeEvent.APPEAL_WITHDRAWN, notices, at)
    if case.review is None or not case.open_items:  # The appeal's story closes it.
        return Change(case=before, result=None, audit=(entry,), messages=messages)
    back = open_review(before, case.review.routing, at)
    return Change(case=back.case, result=None, audit=(entry, *back.audit), messages=messages)


def matter_of(case: Case, appeal: Appeal) -> Matter:
    """The appeal as the rules on reviewers see it; who had a part in the review decided before.

    Source: 42 CFR 422.590(h)(2) and 29 CFR 2560.503-1(h)(3)(iii): a physician looks.
    """
    deciders = {made.decided_by.actor_id for made in case.decisions}
    deciders |= {earlier.decided_by.actor_id for earlier in case.appeals if earlier.decided_by}
    deciders |= set(case.review.reviewers) if case.review else set()
    first_level = review_matter_of(case)
    return replace(
        first_level,
        specialty=first_level.specialty or ANY_SPECIALTY,
        level=Level.PHYSICIAN,
        submitted_by=(*first_level.submitted_by, appeal.filed_by),
        earlier_reviewers=tuple(sorted(deciders)),
    )


def objections_to_take(
    case: Case, appeal: Appeal, reviewer: Reviewer, *, today: date
) -> tuple[Objection, ...]:
    """Why he may not decide the appeal, or record what an outside body decided of it.

    Who was there before is no matter at the outside body, which has reviewers of its own.
    """
    asked = objections_to_act
    if appeal.rule.decided_by is AppealBody.PLAN:
        asked = objections_to_review
    return asked(reviewer, matter_of(case, appeal), today=today)


def with_appeal(case: Case, appeal: Appeal) -> Case:
    """The case with one of its appeals as it now is."""
    appeals = (appeal if each.appeal_id == appeal.appeal_id else each for each in case.appeals)
    return replace(case, appeals=tuple(appeals))


def appeal_messages(
    case: Case, number: int, event: NoticeEvent, notices: Iterable[Notice], at: datetime
) -> tuple[Message, ...]:
    """The messages that an event of one of the case's appeals owes."""
    clock = case.appeals[number - 1].clock
    occasion = f"a{number}"
    if clock is not None and clock.extensions:
        occasion += f".e{len(clock.extensions)}"
    return messages_for(case, event, notices, occasion=occasion, at=at, appeal=number)


def entry_of(appeal: Appeal, event: str, actor: Actor, at: datetime, **detail: str) -> AuditEntry:
    """What the trail says of an appeal, and of the aid that ended with it."""
    named = {"appeal": appeal.appeal_id, "level": appeal.rule.name}
    if appeal.aid_ended_at == at:
        detail["aid"] = "ended"
    return AuditEntry(event=event, actor=actor, at=at, detail=named | detail)


def _open_task(case: Case, task_id: str) -> Appeal:
    """The appeal that a task is about, while it waits for a decision."""
    for number, appeal in enumerate(case.appeals, start=1):
        if number == appeal_number(task_id) and appeal.outcome is AppealOutcome.OPEN:
            return appeal
    raise TaskClosedError(f"task {task_id} is closed")


def _freed(
    case: Case, filed: Appeal, actor: Actor, at: datetime
) -> tuple[Case, tuple[AuditEntry, ...]]:
    """The case, its review or its lower appeal given up for the one that is filed."""
    for number in under_way(case, *filed.items):
        passed = case.appeals[number - 1].pass_on(at)
        entry = entry_of(passed, "appeal_superseded", actor, at, by=filed.appeal_id)
        return with_appeal(case, passed), (entry,)
    if case.stage is Stage.APPEALED:
        return case, ()
    if not case.is_pended:
        return case.to(Stage.APPEALED), ()
    closed = replace(case.review, closed_at=at) if case.review else None
    freed = replace(case.closing_question(at).to(Stage.APPEALED), review=closed)
    return freed, (entry_of(filed, "review_superseded", actor, at),)


def _first_decision(
    case: Case, appeal: Appeal, sequence: int, made: AppealDecision, actor: Actor, at: datetime
) -> ItemDecision:
    """What the outcome makes of an item that nobody decided before."""
    if sequence in appeal.overturned_items:
        return overturned(case, appeal, sequence, by=actor, reason=made.resolution, at=at)
    return ItemDecision(
        sequence=sequence,
        action=ReviewAction.NOT_CERTIFIED,
        decided_by=actor,
        decided_at=at,
        reason_code=made.reason_code,
        reason_text=made.resolution,
    )


def _objections(
    case: Case,
    appeal: Appeal,
    reviewer: Reviewer,
    first: tuple[ItemDecision, ...],
    at: datetime,
) -> tuple[str, ...]:
    """Why the reviewer may not decide so; a denial takes a physician whoever else decides."""
    found = [*objections_to_take(case, appeal, reviewer, today=case.day_of(at))]
    for each in first:
        found += objections_to_adverse(reviewer, each)
    return tuple(dict.fromkeys(found))


def _refuse(appeal: Appeal, objections: Iterable[str]) -> None:
    found = "; ".join(objections)
    if found:
        raise ComplianceError(f"appeal {appeal.appeal_id}: {found}")


def _item_entry(appeal: Appeal, made: ItemDecision, actor: Actor, at: datetime) -> AuditEntry:
    detail = {"item": str(made.sequence), "action": made.action, "reason": made.reason_code}
    return entry_of(appeal, "item_decided", actor, at, **detail)
