"""What may be appealed, at which level, counted from when."""

from dataclasses import replace

import pytest

from shared.domain.prior_authorization.appeal_grounds import Ground, ground_of
from shared.domain.prior_authorization.appealing import file, withdraw
from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.attending_appeals import attend
from shared.domain.prior_authorization.deadlines import BreachConsequence
from shared.errors import RuleViolation
from tests.shared.domain.prior_authorization.appeal_cases import (
    DAY,
    ENTITY,
    EXTERNAL,
    LEVELS,
    PLAN,
    PRIVATE,
    breached,
    decided,
    exhausted,
    filed,
    filing,
)
from tests.shared.domain.prior_authorization.cases import (
    NOON,
    NURSE,
    certify,
    deny,
    in_review,
    notified,
)


def test_a_denial_is_appealed_at_the_first_level_from_its_notice() -> None:
    assert ground_of(notified(deny()), (1,), NOON) == Ground(level=1, notice_at=NOON)


def test_an_appeal_names_items_that_are_there_and_were_decided_against_the_member() -> None:
    case = notified(deny(1), certify(2))
    for items in ((), (3,), (2,), (1, 2), (1, 1)):
        with pytest.raises(RuleViolation):
            ground_of(case, items, NOON)


def test_an_item_has_one_appeal_at_a_time() -> None:
    with pytest.raises(RuleViolation, match="one at a time"):
        ground_of(filed(), (1,), NOON + 2 * DAY)


def test_an_upheld_appeal_opens_the_next_level_from_its_decision() -> None:
    upheld = decided(filed(PRIVATE), AppealOutcome.UPHELD, at=NOON + 9 * DAY)
    closed = attend(upheld, 1, {}, {}, NOON + 9 * DAY).case
    assert ground_of(closed, (1,), NOON) == Ground(level=2, notice_at=NOON + 9 * DAY)


def test_a_new_denial_is_appealed_from_the_first_level_whatever_was_superseded_before() -> None:
    """Level 1 let its time pass, level 2 overturned it, an update asks anew and is denied."""
    forwarded = attend(filed(), 1, {}, LEVELS, NOON + 40 * DAY).case
    won = decided(forwarded, AppealOutcome.OVERTURNED, at=NOON + 50 * DAY)
    right = attend(won, 1, {}, LEVELS, NOON + 50 * DAY).case
    assert [each.outcome for each in right.appeals] == ["superseded", "overturned"]
    again = replace(deny(), decided_at=NOON + 90 * DAY)
    denied = replace(right.deciding((again,)), notified_at=NOON + 91 * DAY)
    ground = ground_of(denied, (1,), NOON + 92 * DAY)
    assert ground == Ground(level=1, notice_at=NOON + 91 * DAY)


def test_the_last_level_opens_none() -> None:
    last = replace(PRIVATE, next_level=0)
    upheld = decided(filed(last), AppealOutcome.UPHELD, at=NOON + 9 * DAY)
    closed = attend(upheld, 1, {}, {}, NOON + 9 * DAY).case
    with pytest.raises(RuleViolation, match="last level"):
        ground_of(closed, (1,), NOON + 10 * DAY)


def test_an_exhausted_level_opens_the_next_from_the_letter_that_says_so() -> None:
    ground = ground_of(exhausted(), (1,), NOON + 41 * DAY)
    assert ground == Ground(level=2, notice_at=NOON + 40 * DAY)
    untold = filed(PRIVATE)
    due_at = untold.appeals[0].clock.due_at if untold.appeals[0].clock else NOON
    assert ground_of(untold, (1,), NOON + 40 * DAY) == Ground(level=2, notice_at=due_at)


def test_an_exhausted_appeal_goes_on_whole() -> None:
    case = file(notified(deny(1), deny(2)), PRIVATE, filing(1, 2)).case
    with pytest.raises(RuleViolation, match="goes on whole"):
        ground_of(case, (1,), NOON + 40 * DAY)
    assert ground_of(case, (1, 2), NOON + 40 * DAY).level == 2


@pytest.mark.parametrize("consequence", list(BreachConsequence))
def test_silence_about_a_request_opens_what_its_row_says(consequence: BreachConsequence) -> None:
    late = breached(on_breach=consequence)
    opens = {
        BreachConsequence.ADVERSE: Ground(level=1, notice_at=NOON + 3 * DAY),
        BreachConsequence.DENIAL_NOTICE: Ground(level=1, notice_at=NOON + 3 * DAY),
        BreachConsequence.EXHAUSTED: Ground(level=1, notice_at=NOON + 3 * DAY, skips_plan=True),
    }
    if consequence in opens:
        assert ground_of(late, (1,), NOON + 4 * DAY) == opens[consequence]
        return
    with pytest.raises(RuleViolation):
        ground_of(late, (1,), NOON + 4 * DAY)


def test_silence_is_appealed_for_all_that_is_open_and_not_before_its_time() -> None:
    with pytest.raises(RuleViolation, match="name just these"):
        ground_of(breached(items=2), (1,), NOON + 4 * DAY)
    with pytest.raises(RuleViolation, match="cannot be appealed"):
        ground_of(in_review(), (1,), NOON + DAY)


def test_where_the_plan_is_exhausted_only_a_level_outside_it_fits() -> None:
    ground = Ground(level=1, notice_at=NOON, skips_plan=True)
    assert ground.fits(EXTERNAL)
    assert not ground.fits(PRIVATE)
    assert not ground.fits(replace(PRIVATE, level=2))
    assert Ground(level=2, notice_at=NOON).fits(ENTITY)
    assert not Ground(level=2, notice_at=NOON).fits(PLAN)


def test_each_item_stands_at_its_own_level() -> None:
    case = file(notified(deny(1), deny(2)), PRIVATE, filing(1)).case
    upheld = decided(case, AppealOutcome.UPHELD, at=NOON + 9 * DAY)
    closed = attend(upheld, 1, {}, {}, NOON + 9 * DAY).case
    assert ground_of(closed, (2,), NOON + 10 * DAY) == Ground(level=1, notice_at=NOON)
    with pytest.raises(RuleViolation, match="appeal them apart"):
        ground_of(closed, (1, 2), NOON + 10 * DAY)


def test_a_withdrawn_appeal_counts_as_never_filed() -> None:
    taken_back = withdraw(filed(), "case-1.appeal1", "M-1001", NURSE, (), NOON + 2 * DAY).case
    back = attend(taken_back, 1, {}, {}, NOON + 2 * DAY).case
    assert ground_of(back, (1,), NOON + 3 * DAY) == Ground(level=1, notice_at=NOON)
    onward = file(exhausted(), EXTERNAL, filing(at=NOON + 41 * DAY)).case
    gone = withdraw(onward, "case-1.appeal2", "M-1001", NURSE, (), NOON + 42 * DAY).case
    again = attend(gone, 2, {}, {}, NOON + 42 * DAY).case
    assert ground_of(again, (1,), NOON + 43 * DAY) == Ground(level=2, notice_at=NOON + 40 * DAY)
