from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from shared.domain.prior_authorization.case import Stage
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.deadlines import Tolling
from shared.domain.prior_authorization.decision import Actor
from shared.domain.prior_authorization.notice_matrix import Channel, Notice, Recipient
from shared.domain.prior_authorization.request import NPI, Identifier, Party
from shared.domain.prior_authorization.review import (
    TaskClosedError,
    claim,
    close_talk,
    decide_items,
    escalate,
    extend_clock,
    matter_of,
    offer_peer_to_peer,
    open_review,
    reassign,
    release,
    request_information,
)
from shared.domain.prior_authorization.reviewers import Objection, Reviewer
from shared.domain.prior_authorization.watching import attend_review
from shared.domain.prior_authorization.withdrawing import update
from shared.errors import ComplianceError, RuleViolation
from tests.shared.domain.prior_authorization.cases import (
    DOCTOR,
    HOUR,
    NOON,
    NURSE,
    OTHER_DOCTOR,
    ROUTING,
    asking,
    certify,
    deny,
    in_review,
    task_of,
)

REQUESTOR = str(in_review().request.requestor.identifier)


def test_a_claimed_task_is_taken_once() -> None:
    case = in_review()
    claimed = claim(case, task_of(case), NURSE, NOON).case
    assert claim(claimed, task_of(case), NURSE, NOON).audit == ()
    with pytest.raises(TaskClosedError):
        claim(claimed, task_of(case), DOCTOR, NOON)


def test_a_released_task_is_free_again() -> None:
    case = in_review()
    claimed = claim(case, task_of(case), NURSE, NOON).case
    with pytest.raises(TaskClosedError):
        release(claimed, task_of(case), DOCTOR, NOON)
    free = release(claimed, task_of(case), NURSE, NOON).case
    assert claim(free, task_of(case), DOCTOR, NOON).case.review is not None


def test_nobody_reviews_without_a_licence_where_the_member_lives() -> None:
    case = in_review()
    stranger = replace(NURSE, licensed_states=("OH",))
    with pytest.raises(ComplianceError, match="licence"):
        claim(case, task_of(case), stranger, NOON)


def test_nobody_decides_what_he_submitted() -> None:
    case = replace(in_review(), submitted_by=DOCTOR.reviewer_id)
    with pytest.raises(ComplianceError, match="submitted"):
        decide_items(case, task_of(case), DOCTOR, (certify(),), NOON)


def test_nobody_decides_what_he_updated() -> None:
    case = in_review()
    by = Actor(DOCTOR.reviewer_id)
    updated = update(case, case.request, revision=2, by=by, at=NOON).case
    again = open_review(updated, ROUTING, NOON).case
    with pytest.raises(ComplianceError, match="submitted"):
        decide_items(again, task_of(again), DOCTOR, (certify(),), NOON)


def test_requestor_provider_and_member_are_parties_to_the_request() -> None:
    case = in_review(items=2)
    first, second = case.request.items
    surgeon = Party(Identifier(NPI, "1245319599"))
    items = (first, replace(second, provider=surgeon))
    case = replace(case, request=replace(case.request, items=items))
    matter = matter_of(case)
    assert matter.parties == (REQUESTOR, str(case.request.member), f"{NPI}|1245319599")
    himself = replace(DOCTOR, identifiers=(f"{NPI}|1245319599",))
    with pytest.raises(ComplianceError, match="party"):
        claim(case, task_of(case), himself, NOON)


def test_whoever_had_a_part_in_a_review_is_kept_in_mind() -> None:
    case = in_review(items=2)
    task = task_of(case)
    case = release(claim(case, task, OTHER_DOCTOR, NOON).case, task, OTHER_DOCTOR, NOON).case
    case = escalate(claim(case, task, NURSE, NOON).case, task, NURSE, NOON).case
    case = decide_items(case, task, DOCTOR, (certify(1),), NOON).case
    case = reassign(case, task, DOCTOR, replace(DOCTOR, reviewer_id="last"), NOON).case
    assert case.review is not None
    assert case.review.reviewers == ("other-doctor", "nurse", "doctor", "last")
    updated = update(case, case.request, revision=2, by=Actor("clinic"), at=NOON).case
    again = open_review(updated, ROUTING, NOON).case
    assert again.review is not None
    assert again.review.reviewers == case.review.reviewers


def test_an_escalated_task_is_a_physicians() -> None:
    case = in_review()
    claimed = claim(case, task_of(case), NURSE, NOON).case
    passed = escalate(claimed, task_of(case), NURSE, NOON).case
    with pytest.raises(ComplianceError):
        claim(passed, task_of(case), NURSE, NOON)
    assert claim(passed, task_of(case), DOCTOR, NOON).audit[0].event == "review_claimed"


def test_a_task_is_handed_only_to_one_who_may_review_it() -> None:
    case = in_review()
    unfit = replace(NURSE, specialties=("oncology",))
    with pytest.raises(ComplianceError):
        reassign(case, task_of(case), DOCTOR, unfit, NOON)
    handed = reassign(case, task_of(case), DOCTOR, NURSE, NOON).case
    assert handed.review is not None
    assert handed.review.claimed_by == "nurse"


def test_a_claimed_task_is_handed_over_by_its_holder_or_who_is_above_him() -> None:
    case = in_review()
    task, manager = task_of(case), replace(DOCTOR, reviewer_id="manager")
    holder = replace(NURSE, managers=("manager",))
    claimed = claim(case, task, holder, NOON).case
    for by, known in ((OTHER_DOCTOR, holder), (manager, None), (manager, DOCTOR)):
        with pytest.raises(TaskClosedError, match="claimed"):
            reassign(claimed, task, by, DOCTOR, NOON, holder=known)
    for by in (holder, manager):
        handed = reassign(claimed, task, by, DOCTOR, NOON, holder=holder).case
        assert handed.review is not None
        assert handed.review.claimed_by == "doctor"


def test_nobody_goes_on_with_a_task_that_another_has_claimed() -> None:
    case = in_review()
    claimed = claim(case, task_of(case), DOCTOR, NOON).case
    with pytest.raises(TaskClosedError, match="claimed"):
        request_information(claimed, task_of(case), OTHER_DOCTOR, asking())
    with pytest.raises(TaskClosedError, match="claimed"):
        offer_peer_to_peer(claimed, task_of(case), OTHER_DOCTOR, NOON + HOUR, (), NOON)


@pytest.mark.parametrize(
    ("unfit", "why"),
    [
        (replace(DOCTOR, licence_ends=date(2024, 12, 31)), Objection.LICENCE_ENDED),
        (replace(DOCTOR, licensed_states=("OH",)), Objection.NO_LICENCE),
        (replace(DOCTOR, organisations=(REQUESTOR,)), Objection.IS_PARTY),
    ],
)
def test_who_may_not_touch_a_matter_moves_neither_its_task_nor_its_clock(
    unfit: Reviewer, why: Objection
) -> None:
    case = in_review()
    task = task_of(case)
    talking = offer_peer_to_peer(case, task, DOCTOR, NOON + HOUR, (), NOON).case
    acts: tuple[Callable[[], object], ...] = (
        lambda: reassign(case, task, unfit, DOCTOR, NOON),
        lambda: extend_clock(case, task, unfit, "more records", (), NOON),
        lambda: close_talk(talking, task, unfit, held=True, at=NOON),
    )
    for act in acts:
        with pytest.raises(ComplianceError, match=why):
            act()


def test_neither_clock_nor_talk_is_moved_by_the_task_of_an_earlier_review() -> None:
    case = in_review()
    talking = offer_peer_to_peer(case, task_of(case), DOCTOR, NOON + HOUR, (), NOON).case
    with pytest.raises(TaskClosedError):
        extend_clock(case, "case-1.review0", DOCTOR, "more records", (), NOON)
    with pytest.raises(TaskClosedError):
        close_talk(talking, "case-1.review0", DOCTOR, held=True, at=NOON)


def test_the_case_is_decided_with_its_last_item() -> None:
    case = in_review(items=2)
    half = decide_items(case, task_of(case), DOCTOR, (certify(1),), NOON).case
    assert half.stage is Stage.CLINICAL_REVIEW
    whole = decide_items(half, task_of(case), DOCTOR, (deny(2),), NOON).case
    assert (whole.stage, whole.outcome) == (Stage.DECIDED, "partial")
    with pytest.raises(TaskClosedError):
        decide_items(whole, task_of(case), DOCTOR, (deny(2),), NOON)


def test_a_nurse_certifies_and_never_denies() -> None:
    case = in_review()
    assert decide_items(case, task_of(case), NURSE, (certify(),), NOON).case.is_settled
    for adverse in (
        deny(),
        replace(deny(), action=ReviewAction.CERTIFIED_PARTIAL, quantity=Decimal(1)),
    ):
        with pytest.raises(ComplianceError, match="physician"):
            decide_items(case, task_of(case), NURSE, (adverse,), NOON)


@pytest.mark.parametrize("missing", ["reason_code", "reason_text"])
def test_a_denial_says_why_in_code_and_words(missing: str) -> None:
    case = in_review()
    bare = (
        replace(deny(), reason_code="")
        if missing == "reason_code"
        else replace(deny(), reason_text=" ")
    )
    with pytest.raises(ComplianceError, match="reason"):
        decide_items(case, task_of(case), DOCTOR, (bare,), NOON)


def test_a_limit_is_not_certified_in_total_by_anybody() -> None:
    case = in_review()
    limited = replace(certify(), quantity=Decimal(1))
    for reviewer in (NURSE, DOCTOR):
        with pytest.raises(RuleViolation, match="A2"):
            decide_items(case, task_of(case), reviewer, (limited,), NOON)


def test_an_item_is_decided_once() -> None:
    case = in_review(items=2)
    half = decide_items(case, task_of(case), DOCTOR, (certify(1),), NOON).case
    with pytest.raises(RuleViolation, match="decided already"):
        decide_items(half, task_of(case), DOCTOR, (deny(1),), NOON)


def test_a_question_holds_the_case_and_must_ask_for_something() -> None:
    case = in_review()
    held = request_information(case, task_of(case), NURSE, asking()).case
    assert held.stage is Stage.INFORMATION_REQUESTED
    assert held.open_information == asking()
    with pytest.raises(RuleViolation):
        request_information(case, task_of(case), NURSE, replace(asking(), kinds=()))
    with pytest.raises(RuleViolation, match="another question"):
        request_information(held, task_of(case), NURSE, replace(asking(), number=2))


def test_a_decision_closes_the_open_question_and_its_clock_runs_on() -> None:
    case = in_review()
    assert case.clock is not None
    tolling = replace(case.clock.rule, tolls=Tolling.INFORMATION, toll_days_min=45)
    case = replace(case, clock=replace(case.clock, rule=tolling))
    held = request_information(case, task_of(case), DOCTOR, asking()).case
    decided = decide_items(held, task_of(case), DOCTOR, (certify(),), NOON + HOUR).case
    assert decided.open_information is None
    assert decided.clock is not None
    assert decided.clock.due_at == NOON + 73 * HOUR


def test_a_talk_is_offered_and_ends_by_being_held() -> None:
    case = in_review()
    offered = offer_peer_to_peer(case, task_of(case), DOCTOR, NOON + HOUR, (), NOON).case
    assert offered.stage is Stage.PEER_TO_PEER
    ended = close_talk(offered, task_of(case), OTHER_DOCTOR, held=True, at=NOON)
    assert ended.case.stage is Stage.CLINICAL_REVIEW
    assert ended.audit[0].event == "peer_to_peer_held"
    with pytest.raises(RuleViolation):
        close_talk(ended.case, task_of(case), DOCTOR, held=True, at=NOON)


def test_every_offer_of_a_talk_is_told_to_the_requestor() -> None:
    case, notice = in_review(), Notice(Recipient.REQUESTOR, Channel.EMAIL, "peer-to-peer", 0)
    first = offer_peer_to_peer(case, task_of(case), DOCTOR, NOON + HOUR, (notice,), NOON)
    later = NOON + HOUR
    ended = close_talk(first.case, task_of(case), DOCTOR, held=False, at=later).case
    again = offer_peer_to_peer(ended, task_of(case), DOCTOR, later + HOUR, (notice,), later)
    assert [each.message_id for each in (*first.messages, *again.messages)] == [
        "peer-to-peer-offered.r1.20260302T120000.requestor.email",
        "peer-to-peer-offered.r1.20260302T130000.requestor.email",
    ]


def test_the_clock_is_extended_once_and_never_after_the_deadline() -> None:
    case = in_review()
    longer = extend_clock(case, task_of(case), DOCTOR, "more records", (), NOON).case
    assert longer.clock is not None
    assert case.clock is not None
    assert longer.clock.due_at > case.clock.due_at
    with pytest.raises(RuleViolation):
        extend_clock(longer, task_of(longer), DOCTOR, "again", (), NOON)
    with pytest.raises(RuleViolation):
        extend_clock(case, task_of(case), DOCTOR, "late", (), NOON + 73 * HOUR)


def test_an_extension_is_told_and_the_new_deadline_is_warned_of_anew() -> None:
    case = in_review()
    assert case.clock is not None
    near = case.clock.warn_at
    warned = attend_review(case, case.revision, {}, near).case
    notice = Notice(Recipient.MEMBER, Channel.MAIL, "extension", 0)
    change = extend_clock(warned, task_of(warned), DOCTOR, "more records", (notice,), near)
    assert [message.message_id for message in change.messages] == ["extended.r1.e1.member.mail"]
    assert change.case.clock is not None
    again = attend_review(change.case, 1, {}, change.case.clock.warn_at)
    assert [entry.event for entry in again.audit] == ["deadline_near"]


def test_a_stranger_cannot_take_a_claimed_task_by_deciding_it() -> None:
    case = in_review()
    claimed = claim(case, task_of(case), DOCTOR, NOON).case
    with pytest.raises(TaskClosedError):
        decide_items(claimed, task_of(case), OTHER_DOCTOR, (certify(),), NOON)
