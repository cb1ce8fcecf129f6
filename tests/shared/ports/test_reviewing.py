"""What a reviewer says of a task, with the registers and the rules behind it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.adapters.memory.directories import MemoryReviewerDirectory
from shared.adapters.rules.file_rule_book import FileRuleBook
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.review import TaskClosedError
from shared.errors import RuleViolation
from shared.ports.reviewing import Desk, act_on_task
from tests.shared.domain.prior_authorization.cases import (
    DOCTOR,
    MEMBER,
    NURSE,
    OTHER_DOCTOR,
    in_review,
    task_of,
)
from tests.shared.ports.samples import NOON, opening

EVENING = datetime(2026, 3, 3, 2, tzinfo=UTC)  # The evening of the second in New York.


@pytest.fixture
def desk() -> Desk:
    clock, managed = SettableClock(NOON), replace(NURSE, managers=("doctor",))
    reviewers = MemoryReviewerDirectory([managed, DOCTOR, OTHER_DOCTOR])
    return Desk(MemoryCaseStore(clock), reviewers, FileRuleBook(), clock)


async def _kept(desk: Desk, case: Case | None = None) -> str:
    """A case before the reviewers; its task."""
    pended = case or replace(in_review(), rule_versions=None)
    await desk.cases.save(opening(pended))
    return task_of(pended)


async def test_a_certification_of_no_days_begins_on_the_plans_day_of_the_decision(
    desk: Desk,
) -> None:
    in_new_york = replace(MEMBER, time_zone="America/New_York")
    task = await _kept(desk, replace(in_review(), membership=in_new_york))
    desk = replace(desk, clock=SettableClock(EVENING))
    answer = {"sequence": 1, "action": "A1", "effectiveTo": "2026-04-30"}
    case = await act_on_task(desk, task, "complete", {"decisions": [answer]}, user_id="nurse")
    [made] = case.decisions
    assert (made.effective_from, made.effective_to) == (date(2026, 3, 2), date(2026, 4, 30))


async def test_a_certification_of_no_days_needs_its_last_one(desk: Desk) -> None:
    task = await _kept(desk)
    body = {"decisions": [{"sequence": 1, "action": "A1"}]}
    with pytest.raises(RuleViolation, match="until which day"):
        await act_on_task(desk, task, "complete", body, user_id="nurse")


async def test_the_requestor_is_told_of_the_talk_that_is_offered(desk: Desk) -> None:
    task = await _kept(desk)
    case = await act_on_task(desk, task, "offer-peer-to-peer", {}, user_id="doctor")
    [row] = await desk.cases.outbox(case.case_id)
    told = (row.message.recipient, row.message.channel, row.message.template)
    assert told == ("requestor", "email", "peer-to-peer")


async def test_a_claimed_task_is_handed_over_by_who_is_above_its_holder(desk: Desk) -> None:
    task = await _kept(desk)
    await act_on_task(desk, task, "claim", {}, user_id="nurse")
    with pytest.raises(TaskClosedError):
        await act_on_task(desk, task, "reassign", {"to": "other-doctor"}, user_id="other-doctor")
    case = await act_on_task(desk, task, "reassign", {"to": "other-doctor"}, user_id="doctor")
    assert case.review is not None
    assert case.review.claimed_by == "other-doctor"


async def test_what_somebody_holds_who_left_the_register_is_anybodys_to_hand_over(
    desk: Desk,
) -> None:
    task = await _kept(desk)
    await act_on_task(desk, task, "claim", {}, user_id="nurse")
    desk = replace(desk, reviewers=MemoryReviewerDirectory([DOCTOR, OTHER_DOCTOR]))
    body = {"to": "other-doctor"}
    case = await act_on_task(desk, task, "reassign", body, user_id="other-doctor")
    assert case.review is not None
    assert case.review.claimed_by == "other-doctor"
