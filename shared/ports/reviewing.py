"""Reviewing: what a reviewer says of a task becomes one commit of its case.

The API and the console both come through here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from shared.contracts import tasks as messages
from shared.domain.prior_authorization import appealing, review
from shared.domain.prior_authorization.appealing import AppealDecision
from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.case import Case, InformationRequest
from shared.domain.prior_authorization.change import Change
from shared.domain.prior_authorization.codes import Level
from shared.domain.prior_authorization.deadlines import DecisionClock
from shared.domain.prior_authorization.decision import ItemDecision
from shared.domain.prior_authorization.information import WaitTerms
from shared.domain.prior_authorization.notice_matrix import Notice, NoticeEvent
from shared.domain.prior_authorization.request import Coding
from shared.domain.prior_authorization.reviewers import Reviewer
from shared.domain.prior_authorization.tasks import appeal_number, case_of
from shared.errors import ComplianceError, RuleViolation
from shared.ports.case_store import CaseStore
from shared.ports.clock import Clock
from shared.ports.commits import commit_act, load_case
from shared.ports.decision_log import gathering
from shared.ports.directories import ReviewerDirectory
from shared.ports.noticing import owed
from shared.ports.rule_book import RuleBook

type Rule = Callable[[Case], Change[None]]

APPEAL_ACTIONS = frozenset({"decide-appeal", "withdraw-appeal"})


@dataclass(frozen=True, slots=True)
class Desk:
    """What reviewing needs."""

    cases: CaseStore
    reviewers: ReviewerDirectory
    rules: RuleBook
    clock: Clock


async def act_on_task(desk: Desk, task_id: str, action: str, body: object, *, user_id: str) -> Case:
    """Do what a reviewer says, and return the case as it then stands.

    Raises:
        ContractError: the action is unknown, or its message malformed.
        UnknownCaseError: there is no such task.
        TaskClosedError: the task is done, or someone else has it.
        RuleViolation, ComplianceError: a rule forbids it, or forbids it to this reviewer.
    """
    message = messages.read_task_message(action, body)
    case_id = case_of(task_id)
    case = (await load_case(desk.cases, case_id)).case
    reviewer = await _reviewer(desk, user_id)
    key, now = f"{task_id}/{action}/{uuid4().hex}", desk.clock.now()
    with gathering():
        rule = await _rule(desk, case, task_id, reviewer, message, action)
        await commit_act(desk.cases, case_id, key, rule, type(None), at=now)
    return (await load_case(desk.cases, case_id)).case


async def _reviewer(desk: Desk, user_id: str) -> Reviewer:
    reviewer = await desk.reviewers.find_reviewer(user_id)
    if reviewer is None:
        raise ComplianceError(f"user {user_id} is no reviewer")
    return reviewer


async def holder_of(directory: ReviewerDirectory, case: Case, *, by: Reviewer) -> Reviewer | None:
    """Who has claimed the case's review; he who acts is above whoever has left the register."""
    claimed_by = case.review.claimed_by if case.review else ""
    if not claimed_by:
        return None
    known = await directory.find_reviewer(claimed_by)
    return known or Reviewer(reviewer_id=claimed_by, level=Level.NURSE, managers=(by.reviewer_id,))


async def _rule(
    desk: Desk, case: Case, task_id: str, reviewer: Reviewer, message: object, action: str
) -> Rule:
    """The domain's rule for an action."""
    now = desk.clock.now()
    if appeal_number(task_id) or action in APPEAL_ACTIONS:
        return await _appeal_rule(desk, case, task_id, reviewer, message, now)
    match message:
        case messages.Complete():
            made = tuple(_decision(answer, case, reviewer, now) for answer in message.decisions)
            return lambda case: review.decide_items(case, task_id, reviewer, made, now)
        case messages.Reassign():
            to = await _reviewer(desk, message.to)
            holder = await holder_of(desk.reviewers, case, by=reviewer)
            return lambda case: review.reassign(case, task_id, reviewer, to, now, holder=holder)
        case messages.AskForInformation():
            asked = await _question(desk, case, message, reviewer, now)
            return lambda case: review.request_information(case, task_id, reviewer, asked)
        case messages.Extend():
            told, why = await _owed(desk, case, NoticeEvent.EXTENDED), message.reason
            return lambda case: review.extend_clock(case, task_id, reviewer, why, told, now)
        case messages.EndTalk():
            held = message.held
            return lambda case: review.close_talk(case, task_id, reviewer, held=held, at=now)
    if action == "offer-peer-to-peer":
        terms = await _terms(desk, case, "Peer to peer wait")
        until = terms.ends_at(now, clock=_clock(case))
        told = await _owed(desk, case, NoticeEvent.PEER_TO_PEER_OFFERED)
        return lambda case: review.offer_peer_to_peer(case, task_id, reviewer, until, told, now)
    plain = {"claim": review.claim, "release": review.release, "escalate": review.escalate}
    return lambda case: plain[action](case, task_id, reviewer, now)


async def _appeal_rule(
    desk: Desk, case: Case, task_id: str, reviewer: Reviewer, message: object, at: datetime
) -> Rule:
    """The domain's rule for an action on an appeal.

    Raises:
        RuleViolation: the action is none of an appeal's.
    """
    match message:
        case messages.Extend():
            told, why = await _owed(desk, case, NoticeEvent.APPEAL_EXTENDED), message.reason
            return lambda case: appealing.extend(case, task_id, reviewer, why, told, at)
        case messages.DecideAppeal():
            decided = AppealDecision(
                AppealOutcome(message.outcome),
                message.resolution,
                message.reason_code,
                message.items,
            )
            return lambda case: appealing.decide(case, task_id, reviewer, decided, at)
        case messages.WithdrawAppeal():
            told, by = await _owed(desk, case, NoticeEvent.APPEAL_WITHDRAWN), message.withdrawn_by
            return lambda case: appealing.withdraw(case, task_id, by, reviewer, told, at)
    raise RuleViolation(f"task {task_id} is an appeal: decide it, extend it, or withdraw it")


def _decision(
    answer: messages.ItemAnswer, case: Case, reviewer: Reviewer, at: datetime
) -> ItemDecision:
    """What the reviewer said of an item, from and to the days of service unless he says otherwise.

    Where the request names no first day either, it is the plan's day of the decision; the last
    one he must say then.
    """
    asked = next((one for one in case.request.items if one.sequence == answer.sequence), None)
    if asked is None:
        raise RuleViolation(f"case {case.case_id} has no item {answer.sequence}")
    instead = answer.service
    authorizes = answer.review_action.authorizes
    starts = answer.effective_from or asked.served_from or case.day_of(at)
    ends = answer.effective_to or asked.served_to
    return ItemDecision(
        sequence=answer.sequence,
        action=answer.review_action,
        decided_by=review.actor_of(reviewer),
        decided_at=at,
        reason_code=answer.reason_code,
        reason_text=answer.reason,
        quantity=answer.quantity,
        service=Coding(instead.system, instead.code, instead.display) if instead else None,
        effective_from=starts if authorizes else None,
        effective_to=ends if authorizes else None,
    )


async def _question(
    desk: Desk, case: Case, message: messages.AskForInformation, reviewer: Reviewer, at: datetime
) -> InformationRequest:
    terms = await _terms(desk, case, "Information wait")
    return InformationRequest(
        number=len(case.information) + 1,
        kinds=message.kinds,
        questionnaire=message.questionnaire,
        asked_by=reviewer.reviewer_id,
        asked_at=at,
        due_at=terms.ends_at(at, clock=_clock(case).pause(at)),
        remind_at=terms.remind_at(at),
    )


async def _owed(desk: Desk, case: Case, event: NoticeEvent) -> tuple[Notice, ...]:
    """The notices of what a reviewer does; the sweep sends them."""
    return (await owed(desk.rules, case, (event,), at=desk.clock.now()))[event]


async def _terms(desk: Desk, case: Case, decision: str) -> WaitTerms:
    if case.membership is None:
        raise RuleViolation(f"case {case.case_id} has no plan yet")
    given: dict[str, object] = {"urgency": case.request.urgency}
    if decision == "Information wait":
        given["line of business"] = case.membership.line_of_business
    version = (case.rule_versions or {}).get("review-waits")
    answer = await desk.rules.ask(
        "review-waits", decision, given, at=case.received_at, version=version
    )
    return WaitTerms.from_row(answer.value)


def _clock(case: Case) -> DecisionClock:
    if case.clock is None:
        raise RuleViolation(f"case {case.case_id} has no clock yet")
    return case.clock
