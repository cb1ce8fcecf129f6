"""Appeals about different items of one case, side by side."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import pytest

from shared.domain.prior_authorization.appeal_grounds import ground_of
from shared.domain.prior_authorization.appeal_levels import AppealRule
from shared.domain.prior_authorization.appealing import AppealDecision, decide, file, withdraw
from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.appeals_under_way import present_of, story_of, under_way
from shared.domain.prior_authorization.attending_appeals import attend
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.change import Change
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.tasks import TaskStatus, tasks_of
from shared.errors import RuleViolation
from tests.shared.domain.prior_authorization.appeal_cases import (
    DAY,
    ENTITY,
    EXTERNAL,
    LEVELS,
    PLAN,
    PRIVATE,
    filing,
)
from tests.shared.domain.prior_authorization.cases import NOON, NURSE, OTHER_DOCTOR, deny, notified

UPHELD = AppealDecision(AppealOutcome.UPHELD, "Records do not show it", "0K")
OVERTURNED = AppealDecision(AppealOutcome.OVERTURNED, "Records show it")
ENDS = ("appeal_upheld", "appeal_overturned")


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


@pytest.mark.parametrize("seed", range(100))
def test_in_whatever_order_it_goes_each_item_has_one_appeal_and_each_end_is_told_once(
    seed: int,
) -> None:
    rng, at, told = Random(seed), NOON, Counter[tuple[str, str]]()
    first, second = rng.choice([(PLAN, ENTITY), (PRIVATE, EXTERNAL)])
    case = notified(deny(1), deny(2), deny(3))
    for _ in range(40):
        at += rng.uniform(0, 8) * DAY
        change = _anything(case, (first, second), rng, at)
        told.update((each.event, each.detail["appeal"]) for each in change.audit)
        case = change.case
        _one_for_each_item(case)
    for number, appeal in enumerate(case.appeals, start=1):
        ends = sum(told[event, appeal.appeal_id] for event in ENDS)
        goes_on = appeal.outcome in {"open", "superseded"} or number in under_way(case)
        passed_on = appeal.rule.forwards_on_uphold and not appeal.overturned_items
        assert ends == (0 if goes_on or passed_on or appeal.outcome == "withdrawn" else 1)
    assert (case.stage is Stage.APPEALED) == bool(under_way(case))


def _anything(
    case: Case, rules: tuple[AppealRule, AppealRule], rng: Random, at: datetime
) -> Change[Any]:
    """Something that somebody does, as far as the rules let him; or a look of a story."""
    number = rng.randint(1, len(case.appeals)) if case.appeals else 0
    task = f"case-1.appeal{number}"
    items = tuple(rng.sample((1, 2, 3), rng.choice((1, 1, 2))))
    reviewer = replace(OTHER_DOCTOR, reviewer_id=f"doctor-{rng.random()}")
    made = replace(OVERTURNED, items=items) if rng.random() < 0.5 else UPHELD
    deed = rng.choice(["file", "file", "decide", "withdraw", "look", "look", "look"])
    with suppress(RuleViolation):  # A task that is closed is one, too.
        if deed == "file":
            level = ground_of(case, items, at).level
            return file(case, rules[level - 1], filing(*items, at=at))
        if deed == "decide":
            return decide(case, task, reviewer, made, at)
        if deed == "withdraw":
            return withdraw(case, task, "M-1001", NURSE, (), at)
        if number:
            return attend(case, number, {}, {2: rules[1]}, at)
    return Change(case=case, result=None)


def _one_for_each_item(case: Case) -> None:
    for item in (1, 2, 3):
        assert len(under_way(case, item)) <= 1
    open_ones = {n for n, each in enumerate(case.appeals, start=1) if each.outcome == "open"}
    assert open_ones <= set(under_way(case))
