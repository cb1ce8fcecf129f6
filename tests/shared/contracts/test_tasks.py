import pytest

from shared.contracts.tasks import MESSAGES, Complete, read_task_message
from shared.errors import ContractError


def test_decisions_are_read_with_their_amounts() -> None:
    body = {
        "decisions": [
            {"sequence": 1, "action": "A2", "quantity": "4", "reasonCode": "0K", "reason": "Fewer"}
        ]
    }
    message = read_task_message("complete", body)
    assert isinstance(message, Complete)
    assert message.decisions[0].quantity == 4


@pytest.mark.parametrize("action", sorted(MESSAGES))
def test_a_field_that_nobody_knows_is_refused(action: str) -> None:
    with pytest.raises(ContractError):
        read_task_message(action, {"surprise": "secret-text"})


def test_a_refusal_names_the_place_and_quotes_nothing() -> None:
    body = {"decisions": [{"sequence": 1, "action": "secret-text"}]}
    with pytest.raises(ContractError) as refused:
        read_task_message("complete", body)
    assert refused.value.where == "/decisions/0/action"
    assert "secret-text" not in str(refused.value)


def test_an_action_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ContractError, match="complete"):
        read_task_message("celebrate", {})


@pytest.mark.parametrize("action", ["A4", "C", "NA", "CT"])
def test_a_reviewer_cannot_answer_with_no_decision(action: str) -> None:
    with pytest.raises(ContractError):
        read_task_message("complete", {"decisions": [{"sequence": 1, "action": action}]})
