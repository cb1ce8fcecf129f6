from dataclasses import replace

import pytest

from shared.domain.prior_authorization.case import NEXT, Stage
from shared.errors import RuleViolation
from tests.shared.domain.prior_authorization.cases import certify, in_review, opened


def test_every_stage_is_in_the_state_machine() -> None:
    assert set(NEXT) == set(Stage)


def test_what_is_rejected_or_cancelled_stays_so() -> None:
    assert not NEXT[Stage.REJECTED]
    assert not NEXT[Stage.CANCELLED]


@pytest.mark.parametrize("stage", list(Stage))
def test_no_other_move_is_possible(stage: Stage) -> None:
    case = replace(opened(), stage=stage)
    for other in Stage:
        if other in NEXT[stage]:
            assert case.to(other).stage is other
        else:
            with pytest.raises(RuleViolation):
                case.to(other)


def test_a_decision_takes_the_place_of_the_one_before() -> None:
    case = in_review(items=2).deciding((certify(2), certify(1)))
    again = case.deciding((replace(certify(1), reason_text="again"),))
    assert [made.sequence for made in again.decisions] == [1, 2]
    assert again.decisions[0].reason_text == "again"
