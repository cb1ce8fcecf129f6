"""Asking a compiled model, in the words of the rule book."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.adapters.last_used import LastUsed
from shared.contracts.decision_log import DecisionRecord, hash_of, write_inputs, write_value
from shared.engine.dmn import Model
from shared.engine.dmn.comparison import row_name
from shared.engine.feel.running import FeelError
from shared.errors import ModelError, PermanentError
from shared.ports.decision_log import is_gathering, note
from shared.ports.rule_book import RuleAnswer, TableRow

REMEMBERED_MAX = 10_000  # Answers; each is a few hundred bytes.


@dataclass(frozen=True, slots=True)
class _Remembered:
    answer: RuleAnswer
    written: Any  # The answer's value as JSON.


class Evaluator:
    """Asks compiled models, and remembers their answers: without a clock the same inputs, the same.

    It keeps hashes of inputs, never the inputs.
    """

    def __init__(self) -> None:
        self._remembered: LastUsed[_Remembered] = LastUsed(REMEMBERED_MAX)

    def answer(
        self,
        compiled: Model,
        name: str,
        decision: str,
        given: Mapping[str, object],
        at: datetime,
    ) -> RuleAnswer:
        """Answer a decision, and note the answer for the commit of whoever asks.

        Raises:
            PermanentError: there is no such decision, or the evaluation has diagnostics. It names
                the place, never a value.
        """
        try:
            written = write_inputs(given)
        except FeelError as error:
            raise _unanswered(name, decision, error) from error
        input_hash = hash_of(written)
        key = f"{name}/{compiled.content_hash}/{decision}/{input_hash}"
        found = self._remembered.get(key)
        if found is None:
            found = _evaluate(compiled, name, decision, given, at, input_hash)
            if compiled.is_timeless:
                self._remembered.keep(key, found)
        if is_gathering():
            note(
                DecisionRecord(
                    model=name,
                    version=compiled.content_hash,
                    decision=decision,
                    at=at,
                    given=written,
                    input_hash=input_hash,
                    answer=found.written,
                    rows=found.answer.rows,
                )
            )
        return found.answer


def _evaluate(
    compiled: Model,
    name: str,
    decision: str,
    given: Mapping[str, object],
    at: datetime,
    input_hash: str,
) -> _Remembered:
    try:
        result = compiled.evaluate(decision, given, now=at)
    except (ModelError, FeelError) as error:
        raise _unanswered(name, decision, error) from error
    if result.diagnostics:
        first = result.diagnostics[0]
        raise PermanentError(f"model {name}, {decision}, {first.element}: {first.message}")
    answered = RuleAnswer(
        value=result.value,
        model=name,
        version=compiled.content_hash,
        rows=tuple(row_name(*match) for match in result.matched),
        input_hash=input_hash,
    )
    return _Remembered(answered, write_value(result.value))


def _unanswered(name: str, decision: str, error: Exception) -> PermanentError:
    return PermanentError(f"model {name} cannot answer {decision}: {error}")


def table_rows(compiled: Model, name: str, decision: str) -> tuple[TableRow, ...]:
    """The rows of a decision's table, as they are written.

    Raises:
        PermanentError: there is no such decision, or it is no table.
    """
    table = dict(compiled.tables).get(decision)
    if table is None:
        raise PermanentError(f"model {name} has no table {decision}")
    columns = [column.label or column.expression for column in table.inputs]
    return tuple(
        TableRow(
            tests=dict(zip(columns, (cell.text for cell in rule.inputs), strict=True)),
            outputs=tuple(cell.text for cell in rule.outputs),
        )
        for rule in table.rules
    )
