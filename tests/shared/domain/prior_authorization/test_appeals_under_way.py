"""Appeals about different items of one case, side by side."""

from dataclasses import replace

import pytest

from shared.domain.prior_authorization.appealing import AppealDecision, decide, file, withdraw
from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.appeals_under_way import present_of, story_of, under_way
from shared.domain.prior_authorization.attending_appeals import attend
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.tasks import TaskStatus, tasks_of
from shared.errors import RuleViolation
from tests.shared.domain.prior_authorization.appeal_cases import (
    DAY,
    EXTERNAL,
    LEVELS,
    PLAN,
    PRIVATE,
    filing,
)
from tests.shared.domain.prior_authorization.cases import NOON, NURSE, OTHER_DOCTOR, deny, notified

UPHELD = AppealDecision(AppealOutcome.UPHELD, "Records do not show it", "0K")
OVERTURNED = AppealDecision(AppealOutcome.OVERTURNED, "Records show it")


def _side_by_side() -> Case:
    """Two denied items, each appealed in its own time."""
    first = file(notified(deny(1), deny(2)), PLAN, filing(1, at=NOON + 40 * DAY)).case
    return file(first, PLAN, filing(2, at=NOON + 60 * DAY)).case


def _decided(case: Case, number: int, made: AppealDecision) -> Case:
    reviewer = replace(OTHER_DOCTOR, reviewer_id=f"doctor-of-appeal{number}")
    return decide(case, f"case-1.appeal{number}", reviewer, made, NOON + 61 * DAY).case


def test_an_item_is_appealed_while_another_is_with_its_body() -> None:
    case = _side_by_side()
    assert under_way(case) == (1, 2)
    assert (under_way(case, 1), under_way(case, 2)) == ((1,), (2,))
    onward = attend(_decided(case, 1, UPHELD), 1, {}, LEVELS, NOON + 61 * DAY).case
    assert under_way(onward) == (2, 3)
    statuses = [task.status for task in tasks_of(onward)[1:]]
    assert statuses == [TaskStatus.COMPLETED, TaskStatus.REQUESTED, TaskStatus.ON_HOLD]
    with pytest.raises(RuleViolation, match="one at a time"):
        file(onward, PLAN, filing(1, 2, at=NOON + 62 * DAY))


def test_each_story_works_on_its_own_appeal_and_what_was_forwarded_from_it() -> None:
    onward = attend(_decided(_side_by_side(), 1, UPHELD), 1, {}, LEVELS, NOON + 61 * DAY).case
    assert [story_of(onward, number) for number in (1, 2, 3)] == [1, 2, 1]
    assert [present_of(onward, story) for story in (1, 2, 3)] == [3, 2, 0]
    told = attend(onward, 2, {}, LEVELS, NOON + 61 * DAY)
    assert [entry.detail["appeal"] for entry in told.audit] == ["case-1.appeal2"]


def test_what_is_put_right_leaves_the_other_appeal_open() -> None:
    right = attend(_decided(_side_by_side(), 1, OVERTURNED), 1, {}, LEVELS, NOON + 61 * DAY)
    assert not right.result.is_open
    assert right.case.stage is Stage.APPEALED
    assert right.case.action_of(1) is ReviewAction.CERTIFIED
    assert right.case.action_of(2) is ReviewAction.NOT_CERTIFIED
    assert not attend(right.case, 1, {}, LEVELS, NOON + 62 * DAY).audit
    both = attend(_decided(right.case, 2, OVERTURNED), 2, {}, LEVELS, NOON + 62 * DAY)
    assert both.case.stage is Stage.NOTIFIED
    assert both.case.action_of(2) is ReviewAction.CERTIFIED


def test_an_appeal_that_ended_is_told_once_whichever_story_looks_first() -> None:
    first = file(notified(deny(1), deny(2)), PRIVATE, filing(1)).case
    case = _decided(file(first, PRIVATE, filing(2)).case, 1, UPHELD)
    back = withdraw(case, "case-1.appeal2", "M-1001", NURSE, (), NOON + 61 * DAY).case
    other = attend(back, 2, {}, {}, NOON + 61 * DAY)
    assert other.case.stage is Stage.APPEALED
    told = attend(other.case, 1, {}, {}, NOON + 61 * DAY)
    assert [entry.event for entry in told.audit] == ["appeal_upheld"]
    assert told.case.stage is Stage.NOTIFIED
    assert not attend(told.case, 1, {}, {}, NOON + 61 * DAY).audit


def test_the_next_level_takes_over_its_own_items_only() -> None:
    first = file(notified(deny(1), deny(2)), PRIVATE, filing(1)).case
    late = file(first, PRIVATE, filing(2, at=NOON + 20 * DAY)).case
    onward = file(late, EXTERNAL, filing(1, at=NOON + 40 * DAY)).case
    assert [appeal.outcome for appeal in onward.appeals] == ["superseded", "open", "open"]
    assert under_way(onward) == (2, 3)
    assert not attend(onward, 1, {}, {}, NOON + 40 * DAY).result.is_open


def test_an_item_is_appealed_again_after_another_story_has_ended() -> None:
    case = _side_by_side()
    back = withdraw(case, "case-1.appeal1", "M-1001", NURSE, (), NOON + 61 * DAY).case
    with pytest.raises(RuleViolation, match="one at a time"):  # Its story has not closed it yet.
        file(back, PLAN, filing(1, at=NOON + 61 * DAY))
    closed = attend(back, 1, {}, LEVELS, NOON + 61 * DAY).case
    again = file(closed, PLAN, filing(1, at=NOON + 62 * DAY)).case
    assert under_way(again) == (2, 3)


def test_appeals_kept_by_the_version_before_are_closed_by_the_next_filing() -> None:
    first = file(notified(deny(1), deny(2)), PRIVATE, filing(1)).case
    closed = attend(_decided(first, 1, UPHELD), 1, {}, {}, NOON + 61 * DAY).case
    [ended] = closed.appeals
    kept = replace(closed, appeals=(replace(ended, closed_at=None),))
    case = file(kept, PRIVATE, filing(2, at=NOON + 62 * DAY)).case
    assert under_way(case) == (2,)
    done = attend(_decided(case, 2, UPHELD), 2, {}, {}, NOON + 62 * DAY).case
    assert done.stage is Stage.NOTIFIED
