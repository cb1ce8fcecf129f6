from decimal import Decimal

import pytest

from console import words
from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.case import Stage
from shared.domain.prior_authorization.codes import LineOfBusiness, ReviewAction, Urgency
from shared.domain.prior_authorization.deadlines import BreachConsequence
from shared.domain.prior_authorization.decision import CaseOutcome
from shared.domain.prior_authorization.tasks import TaskStatus


@pytest.mark.parametrize(
    ("codes", "named"),
    [
        (Stage, words.STAGES),
        (CaseOutcome, words.OUTCOMES),
        (ReviewAction, words.ACTIONS),
        (TaskStatus, words.TASK_STATUSES),
        (LineOfBusiness, words.LINES_OF_BUSINESS),
        (Urgency, words.URGENCIES),
        (BreachConsequence, words.BREACHES),
        (AppealOutcome, words.APPEAL_OUTCOMES),
    ],
)
def test_every_code_has_a_name(codes: type[str], named: dict[str, str]) -> None:
    assert set(codes) == set(named)  # type: ignore[call-overload]  # An enumeration iterates.


def test_a_code_without_a_name_is_spelled_out() -> None:
    assert words.in_words("open_case", {}) == "Open case"


@pytest.mark.parametrize(("given", "shown"), [("3.00", "3"), ("20", "20"), ("0.50", "0.5")])
def test_an_amount_loses_the_zeros_that_say_nothing(given: str, shown: str) -> None:
    assert words.amount(Decimal(given)) == shown
