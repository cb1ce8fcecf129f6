"""Asking a compiled model, in the words of the rule book."""

from collections.abc import Mapping
from datetime import datetime

from shared.contracts.decision_log import DecisionRecord, hash_of, write_inputs, write_value
from shared.engine.dmn import Model
from shared.engine.dmn.comparison import row_name
from shared.engine.feel.running import FeelError
from shared.errors import ModelError, PermanentError
from shared.ports.decision_log import is_gathering, note
from shared.ports.rule_book import RuleAnswer


def answer(
    compiled: Model, name: str, decision: str, given: Mapping[str, object], at: datetime
) -> RuleAnswer:
    """Evaluate a decision, and note the answer for the commit of whoever asks.

    Raises:
        PermanentError: there is no such decision, or the evaluation has diagnostics. It names the
            place, never a value.
    """
    try:
        written = write_inputs(given)
        result = compiled.evaluate(decision, given, now=at)
    except (ModelError, FeelError) as error:
        raise PermanentError(f"model {name} cannot answer {decision}: {error}") from error
    if result.diagnostics:
        first = result.diagnostics[0]
        raise PermanentError(f"model {name}, {decision}, {first.element}: {first.message}")
    answered = RuleAnswer(
        value=result.value,
        model=name,
        version=compiled.content_hash,
        rows=tuple(row_name(*match) for match in result.matched),
        input_hash=hash_of(written),
    )
    if is_gathering():
        note(
            DecisionRecord(
                model=name,
                version=answered.version,
                decision=decision,
                at=at,
                given=written,
                input_hash=answered.input_hash,
                answer=write_value(result.value),
                rows=answered.rows,
            )
        )
    return answered
