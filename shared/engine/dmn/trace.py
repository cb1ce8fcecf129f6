"""Why a decision table answered as it did: each row, each cell, what was tested, the outcome.

A trace holds the values that were tested; whoever keeps it keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.engine.feel.running import Run

if TYPE_CHECKING:
    from shared.engine.dmn.definitions import HitPolicy
    from shared.engine.dmn.table import CompiledTable
    from shared.engine.feel.values import Scope


@dataclass(frozen=True, slots=True)
class CellTrace:
    """One tested cell.

    Attributes:
        input: the input's expression.
        value: the value that was tested.
        test: the cell's text.
        matched: whether the value passed.
        reason: why it could not be tested; empty where it could.
    """

    input: str
    value: Any
    test: str
    matched: bool
    reason: str


@dataclass(frozen=True, slots=True)
class RowTrace:
    """One rule.

    Attributes:
        rule: its number, from 1.
        rule_id: its id.
        matched: whether every cell matched.
        cells: its cells, in order.
    """

    rule: int
    rule_id: str
    matched: bool
    cells: tuple[CellTrace, ...]


@dataclass(frozen=True, slots=True)
class TableTrace:
    """One evaluation of a table.

    Attributes:
        decision: the owner of the table.
        hit_policy: what it does where several rules match.
        rows: every rule.
    """

    decision: str
    hit_policy: HitPolicy
    rows: tuple[RowTrace, ...]


def trace_table(table: CompiledTable, rules: list[int], scope: Scope, run: Run) -> TableTrace:
    """The trace of a table whose matching rules, from 0, are known."""
    values = [column.value(scope, Run(run.now)) for column in table.columns]
    matched = set(rules)
    rows = tuple(
        RowTrace(
            rule=rule.index,
            rule_id=rule.id,
            matched=index in matched,
            cells=tuple(
                _cell(table, number, index, values[number], scope, run)
                for number in range(len(table.columns))
            ),
        )
        for index, rule in enumerate(table.source.rules)
    )
    return TableTrace(table.decision, table.source.hit_policy, rows)


def _cell(
    table: CompiledTable, number: int, index: int, value: Any, scope: Scope, run: Run
) -> CellTrace:
    scratch = Run(run.now)
    matched = table.columns[number].cells[index]({**scope, "?": value}, scratch)
    return CellTrace(
        input=table.source.inputs[number].expression,
        value=value,
        test=table.source.rules[index].inputs[number].text,
        matched=matched is True,
        reason="" if matched or not scratch.diagnostics else scratch.diagnostics[0].message,
    )
