"""How the tests of FEEL ask: an expression, and the expression of the answer."""

from __future__ import annotations

from typing import Any

from shared.engine.feel import evaluate


def value_of(text: str, **variables: object) -> Any:
    """The value of an expression."""
    return evaluate(text, variables).value


def reasons_of(text: str, **variables: object) -> list[str]:
    """The messages of the diagnostics of an expression."""
    return [diagnostic.message for diagnostic in evaluate(text, variables).diagnostics]


def assert_answer(text: str, expected: str) -> None:
    """The expression has the value of the other one, and null only with a reason."""
    outcome = evaluate(text)
    assert outcome.value == value_of(expected), text
    if expected == "null":
        assert outcome.diagnostics, f"{text} is null without a reason"
