import pytest
from pydantic import BaseModel

from shared.contracts.tasks import (
    MESSAGES,
    Complete,
    FileAppeal,
    read_message,
    read_task_message,
)
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


@pytest.mark.parametrize("quantity", ["1e5000", "1e-5000", "1" * 19, "NaN", "Infinity", 0])
def test_a_quantity_of_more_than_18_digits_is_refused(quantity: object) -> None:
    decision = {"sequence": 1, "action": "A2", "quantity": quantity}
    with pytest.raises(ContractError) as refused:
        read_task_message("complete", {"decisions": [decision]})
    assert refused.value.where == "/decisions/0/quantity"


@pytest.mark.parametrize(
    ("kind", "body", "where"),
    [
        (MESSAGES["request-information"], {"kinds": ["x" * 51]}, "/kinds/0"),
        (MESSAGES["request-information"], {"kinds": [""]}, "/kinds/0"),
        (FileAppeal, {"items": [10**4000], "filedBy": "M-1"}, "/items/0"),
        (FileAppeal, {"items": [1], "filedBy": "M-1", "amount": "1e5000"}, "/amount"),
    ],
)
def test_texts_and_numbers_of_a_message_have_a_limit(
    kind: type[BaseModel], body: object, where: str
) -> None:
    with pytest.raises(ContractError) as refused:
        read_message(kind, body)
    assert refused.value.where == where


def test_an_action_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ContractError, match="complete"):
        read_task_message("celebrate", {})


@pytest.mark.parametrize("action", ["A4", "C", "NA", "CT"])
def test_a_reviewer_cannot_answer_with_no_decision(action: str) -> None:
    with pytest.raises(ContractError):
        read_task_message("complete", {"decisions": [{"sequence": 1, "action": action}]})
