import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.decision import CaseOutcome, roll_up

A1, A2, A3 = (
    ReviewAction.CERTIFIED,
    ReviewAction.CERTIFIED_PARTIAL,
    ReviewAction.NOT_CERTIFIED,
)
A4, A6, C = ReviewAction.PENDED, ReviewAction.MODIFIED, ReviewAction.CANCELLED
NA = ReviewAction.NOT_REQUIRED


@pytest.mark.parametrize(
    ("actions", "outcome"),
    [
        ([A1], CaseOutcome.APPROVED),
        ([A1, NA], CaseOutcome.APPROVED),
        ([NA, NA], CaseOutcome.NOT_REQUIRED),
        ([A1, A4], CaseOutcome.OPEN),
        ([A3, A3], CaseOutcome.DENIED),
        ([A3, A1], CaseOutcome.PARTIAL),
        ([A3, NA], CaseOutcome.DENIED),
        ([A3, NA, C], CaseOutcome.DENIED),
        ([A3, A1, NA], CaseOutcome.PARTIAL),
        ([A6, NA], CaseOutcome.MODIFIED),
        ([C, NA], CaseOutcome.NOT_REQUIRED),
        ([A2], CaseOutcome.PARTIAL),
        ([A1, A6], CaseOutcome.MODIFIED),
        ([C, C], CaseOutcome.CANCELLED),
        ([C, A3], CaseOutcome.DENIED),
        ([], CaseOutcome.OPEN),
    ],
)
def test_the_case_is_a_roll_up_of_its_items(
    actions: list[ReviewAction], outcome: CaseOutcome
) -> None:
    assert roll_up(actions) is outcome


@given(st.lists(st.sampled_from(ReviewAction), max_size=6))
def test_the_order_of_the_items_does_not_matter(actions: list[ReviewAction]) -> None:
    assert roll_up(actions) is roll_up(reversed(actions))


@given(st.lists(st.sampled_from(ReviewAction), min_size=1, max_size=6))
def test_a_case_is_open_exactly_while_an_item_is(actions: list[ReviewAction]) -> None:
    is_open = any(not action.is_final for action in actions)
    assert (roll_up(actions) is CaseOutcome.OPEN) == is_open
