"""Clinical review: what a reviewer may do with the case before him.

Whatever a person does is one change of the case; the story is only nudged to look at it.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from shared.domain.prior_authorization.answers import check_answers
from shared.domain.prior_authorization.case import (
    Case,
    InformationRequest,
    Review,
    Routing,
    Stage,
)
from shared.domain.prior_authorization.change import AuditEntry, Change
from shared.domain.prior_authorization.codes import Level
from shared.domain.prior_authorization.decision import RULES, Actor, ItemDecision
from shared.domain.prior_authorization.issuing import numbered
from shared.domain.prior_authorization.notice_matrix import Notice, NoticeEvent
from shared.domain.prior_authorization.outgoing import messages_for
from shared.domain.prior_authorization.request import AuthorizationRequest
from shared.domain.prior_authorization.reviewers import (
    Matter,
    Objection,
    Reviewer,
    objections_to_act,
    objections_to_decide,
    objections_to_review,
)
from shared.domain.prior_authorization.tasks import review_task_id
from shared.errors import ComplianceError, RuleViolation


class TaskClosedError(RuleViolation):
    """The task is done, or another person's: somebody was quicker."""


def open_review(case: Case, routing: Routing, at: datetime) -> Change[None]:
    """Put the case into a queue."""
    before = case.review
    number, held_by = (before.number + 1, before.reviewers) if before else (1, ())
    review = Review(number=number, routing=routing, opened_at=at, held_by=held_by)
    opened = replace(case.to(Stage.CLINICAL_REVIEW), review=review)
    detail = {"queue": routing.queue, "level": routing.level, "rule": routing.rule}
    entry = AuditEntry(event="review_opened", actor=RULES, at=at, detail=detail)
    return Change(case=opened, result=None, audit=(entry,))


def claim(case: Case, task_id: str, reviewer: Reviewer, at: datetime) -> Change[None]:
    """Take the task; taking what one has already changes nothing.

    Raises:
        TaskClosedError: it is done, or someone else has it.
        ComplianceError: he may not review it.
    """
    if _open_review(case, task_id).claimed_by == reviewer.reviewer_id:
        return Change(case=case, result=None)
    review = _review_for(case, task_id, reviewer, at)
    claimed = replace(review, claimed_by=reviewer.reviewer_id, claimed_at=at)
    return _changed(case, claimed, "review_claimed", actor_of(reviewer), at)


def release(case: Case, task_id: str, reviewer: Reviewer, at: datetime) -> Change[None]:
    """Put the task back into its queue."""
    review = _claimed_review(case, task_id, reviewer)
    return _changed(case, _given_up(review), "review_released", actor_of(reviewer), at)


def reassign(
    case: Case,
    task_id: str,
    by: Reviewer,
    to: Reviewer,
    at: datetime,
    *,
    holder: Reviewer | None = None,
) -> Change[None]:
    """Hand the task to another reviewer, who must be one that may review it.

    Args:
        holder: who has claimed it, as the register knows him.

    Raises:
        TaskClosedError: it is done, or someone else has it, whom he is not above.
        ComplianceError: he may not touch it, or the other may not review it.
    """
    review = _review_touched(case, task_id, by, at)
    if not may_hand_over(review, by, holder):
        raise TaskClosedError(f"task {task_id} is claimed by another reviewer")
    _refuse(objections_to_review(to, matter_of(case), today=case.day_of(at)), task_id)
    handed = replace(_given_up(review), claimed_by=to.reviewer_id, claimed_at=at)
    detail = {"to": to.reviewer_id}
    return _changed(case, handed, "review_reassigned", actor_of(by), at, detail=detail)


def may_hand_over(review: Review, by: Reviewer, holder: Reviewer | None) -> bool:
    """Whether a task is his to hand over: unclaimed, his own, or that of somebody below him."""
    if review.claimed_by in {"", by.reviewer_id}:
        return True
    if holder is None or holder.reviewer_id != review.claimed_by:
        return False
    return by.reviewer_id in holder.managers


def escalate(case: Case, task_id: str, reviewer: Reviewer, at: datetime) -> Change[None]:
    """Pass the task on to a physician: what a nurse may not decide, or will not."""
    review = _claimed_review(case, task_id, reviewer)
    routing = replace(review.routing, level=Level.PHYSICIAN)
    passed = replace(_given_up(review), routing=routing, escalated_by=reviewer.reviewer_id)
    return _changed(case, passed, "review_escalated", actor_of(reviewer), at)


def decide_items(
    case: Case, task_id: str, reviewer: Reviewer, made: tuple[ItemDecision, ...], at: datetime
) -> Change[None]:
    """Decide items; the case is decided with its last one, and stays in review until then.

    Raises:
        TaskClosedError: the task is done, or someone else has it.
        RuleViolation: an item is unknown or decided, or its answer is none, or another one than
            its amounts and days say.
        ComplianceError: he may not decide so.
    """
    review = _review_unless_anothers(case, task_id, reviewer)
    check_answers(case, made)
    for decision in made:
        _refuse(
            objections_to_decide(reviewer, matter_of(case), decision, today=case.day_of(at)),
            task_id,
        )
    had_part = dict.fromkeys((*review.reviewers, reviewer.reviewer_id))
    part = replace(review, held_by=tuple(had_part))
    decided = numbered(replace(case, review=part).deciding(made))
    if not decided.open_items:
        decided = replace(
            decided.closing_question(at).to(Stage.DECIDED),
            review=replace(part, claimed_by=reviewer.reviewer_id, closed_at=at),
            decided_at=at,
        )
    entries = tuple(_decided_entry(decision, reviewer, at) for decision in made)
    return Change(case=decided, result=None, audit=entries)


def request_information(
    case: Case, task_id: str, reviewer: Reviewer, asked: InformationRequest
) -> Change[None]:
    """Ask the provider; the case is on hold until he answers or the question lapses.

    Raises:
        TaskClosedError: the task is done, or someone else has it.
        RuleViolation: nothing is asked for, or another question is still open.
        ComplianceError: he may not review it.
    """
    review = _review_for(case, task_id, reviewer, asked.asked_at)
    if case.open_information is not None:
        raise RuleViolation(f"task {task_id}: another question is still open")
    if not asked.kinds:
        raise RuleViolation(f"task {task_id}: say which documents are asked for")
    held = replace(
        case.to(Stage.INFORMATION_REQUESTED),
        review=replace(review, claimed_by=reviewer.reviewer_id),
        information=(*case.information, asked),
        clock=case.clock.pause(asked.asked_at) if case.clock else None,
    )
    detail = {"number": str(asked.number), "kinds": ",".join(asked.kinds)}
    entry = AuditEntry(
        event="information_requested", actor=actor_of(reviewer), at=asked.asked_at, detail=detail
    )
    return Change(case=held, result=None, audit=(entry,))


def offer_peer_to_peer(
    case: Case,
    task_id: str,
    reviewer: Reviewer,
    until: datetime,
    notices: Iterable[Notice],
    at: datetime,
) -> Change[None]:
    """Offer the requestor a talk with a physician before an adverse decision, and tell him so.

    Args:
        notices: what is owed for it.

    Raises:
        TaskClosedError: the task is done, or someone else has it.
        ComplianceError: he may not review it.
    """
    review = _review_for(case, task_id, reviewer, at)
    held = replace(
        case.to(Stage.PEER_TO_PEER),
        review=replace(review, claimed_by=reviewer.reviewer_id, peer_to_peer_until=until),
    )
    detail = {"until": until.isoformat()}
    entry = AuditEntry(event="peer_to_peer_offered", actor=actor_of(reviewer), at=at, detail=detail)
    occasion = f"r{case.revision}.{at:%Y%m%dT%H%M%S}"
    offered = NoticeEvent.PEER_TO_PEER_OFFERED
    messages = messages_for(held, offered, notices, occasion=occasion, at=at)
    return Change(case=held, result=None, audit=(entry,), messages=messages)


def close_talk(
    case: Case, task_id: str, reviewer: Reviewer, *, held: bool, at: datetime
) -> Change[None]:
    """Say that the talk was held, or will not be.

    Raises:
        TaskClosedError: the task is done.
        RuleViolation: no talk is awaited.
        ComplianceError: he may not touch it.
    """
    _review_touched(case, task_id, reviewer, at)
    return end_peer_to_peer(case, actor_of(reviewer), held=held, at=at)


def end_peer_to_peer(case: Case, by: Actor, *, held: bool, at: datetime) -> Change[None]:
    """Return to the review, the talk held or its time over."""
    if case.stage is not Stage.PEER_TO_PEER or case.review is None:
        raise RuleViolation(f"case {case.case_id} awaits no peer-to-peer talk")
    back = replace(
        case.to(Stage.CLINICAL_REVIEW), review=replace(case.review, peer_to_peer_until=None)
    )
    event = "peer_to_peer_held" if held else "peer_to_peer_lapsed"
    return Change(case=back, result=None, audit=(AuditEntry(event=event, actor=by, at=at),))


def extend_clock(
    case: Case,
    task_id: str,
    reviewer: Reviewer,
    reason: str,
    notices: Iterable[Notice],
    at: datetime,
) -> Change[None]:
    """Take the extension that the law allows, once; before the new deadline we warn anew.

    Args:
        notices: what is owed for it.

    Raises:
        TaskClosedError: the task is done.
        RuleViolation: no extension is left, or the deadline has passed.
        ComplianceError: he may not touch it.
    """
    review = _review_touched(case, task_id, reviewer, at)
    if case.clock is None:
        raise RuleViolation(f"case {case.case_id} has no clock that could be extended")
    longer = case.clock.extend(at, reason=reason)
    entry = AuditEntry(
        event="deadline_extended",
        actor=actor_of(reviewer),
        at=at,
        detail={"due": longer.due_at.isoformat()},
    )
    extended = replace(case, clock=longer, review=replace(review, warned_at=None))
    occasion = f"r{case.revision}.e{len(longer.extensions)}"
    messages = messages_for(extended, NoticeEvent.EXTENDED, notices, occasion=occasion, at=at)
    return Change(case=extended, result=None, audit=(entry,), messages=messages)


def matter_of(case: Case) -> Matter:
    """The case as the rules on reviewers see it."""
    routing = case.review.routing if case.review else None
    return Matter(
        specialty=routing.queue if routing else "",
        level=Level(routing.level) if routing else Level.NURSE,
        state=case.membership.state if case.membership else "",
        submitted_by=(case.submitted_by, *case.updated_by),
        parties=_parties(case.request),
    )


def actor_of(reviewer: Reviewer) -> Actor:
    """The reviewer as the audit trail names him."""
    return Actor(reviewer.reviewer_id, reviewer.level)


def _open_review(case: Case, task_id: str) -> Review:
    if case.review is None or task_id != review_task_id(case) or not case.is_pended:
        raise TaskClosedError(f"task {task_id} is closed")
    return case.review


def _review_touched(case: Case, task_id: str, reviewer: Reviewer, at: datetime) -> Review:
    """The open review, for somebody who moves it or its clock."""
    review = _open_review(case, task_id)
    _refuse(objections_to_act(reviewer, matter_of(case), today=case.day_of(at)), task_id)
    return review


def _review_for(case: Case, task_id: str, reviewer: Reviewer, at: datetime) -> Review:
    """The open review, for somebody who takes it or goes on with it."""
    review = _review_unless_anothers(case, task_id, reviewer)
    _refuse(objections_to_review(reviewer, matter_of(case), today=case.day_of(at)), task_id)
    return review


def _review_unless_anothers(case: Case, task_id: str, reviewer: Reviewer) -> Review:
    review = _open_review(case, task_id)
    if review.claimed_by not in {"", reviewer.reviewer_id}:
        raise TaskClosedError(f"task {task_id} is claimed by another reviewer")
    return review


def _claimed_review(case: Case, task_id: str, reviewer: Reviewer) -> Review:
    review = _open_review(case, task_id)
    if review.claimed_by != reviewer.reviewer_id:
        raise TaskClosedError(f"task {task_id} is not claimed by {reviewer.reviewer_id}")
    return review


def _given_up(review: Review) -> Review:
    """The review, nobody's, who had it kept in mind."""
    return replace(review, held_by=review.reviewers, claimed_by="", claimed_at=None)


def _parties(request: AuthorizationRequest) -> tuple[str, ...]:
    providers = (item.provider.identifier for item in request.items if item.provider)
    every = (request.requestor.identifier, request.member, *providers)
    return tuple(dict.fromkeys(map(str, every)))


def _refuse(objections: tuple[Objection, ...], task_id: str) -> None:
    if objections:
        raise ComplianceError(f"task {task_id}: {'; '.join(objections)}")


def _decided_entry(decision: ItemDecision, reviewer: Reviewer, at: datetime) -> AuditEntry:
    return AuditEntry(
        event="item_decided",
        actor=actor_of(reviewer),
        at=at,
        detail={
            "item": str(decision.sequence),
            "action": decision.action,
            "reason": decision.reason_code,
        },
    )


def _changed(
    case: Case,
    review: Review,
    event: str,
    actor: Actor,
    at: datetime,
    *,
    detail: dict[str, str] | None = None,
) -> Change[None]:
    entry = AuditEntry(event=event, actor=actor, at=at, detail=detail or {})
    return Change(case=replace(case, review=review), result=None, audit=(entry,))
