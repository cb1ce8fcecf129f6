"""Asking a compiled model, in the words of the rule book."""

from collections.abc import Mapping
from datetime import datetime

from shared.contracts.decision_log import DecisionRecord, hash_of, write_inputs, write_value
from shared.engine.dmn import Model
from shared.engine.dmn.comparison import row_name
from shared.engine.feel.running import FeelError
from shared.errors import ModelError, PermanentError
from shared.ports.decision_log import is_gathering, note
from shared.ports.rule_book import RuleAnswer, TableRow


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
