"""Whether two tables of the same columns answer alike for every value that may occur."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.engine.dmn.analysis.axes import Axis, cut
from shared.engine.dmn.analysis.cells import accepted_by
from shared.engine.dmn.definitions import Aggregation, DecisionTable, HitPolicy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.engine.dmn.cell_sets import CellSet

STEPS_MAX = 200_000
"""Sets of rules still open, times segments of a column, that are looked at before giving up."""


def are_equivalent(
    one: DecisionTable, other: DecisionTable, domains: Sequence[CellSet | None]
) -> bool:
    """Whether both tables answer alike; False also where that cannot be told.

    It cannot where a cell is more than literals, where a column mixes kinds, or where there is
    too much to look at. Outputs are the same where their texts are; nulls are not looked at.
    """
    axes = []
    for number, domain in enumerate(domains):
        cells = [accepted_by(rule.inputs[number].text) for rule in (*one.rules, *other.rules)]
        if any(cell is None for cell in cells):
            return False
        axis = cut(cells, domain)
        if axis is None:
            return False
        axes.append(axis)
    return _agree(one, other, axes)


def _agree(one: DecisionTable, other: DecisionTable, axes: Sequence[Axis]) -> bool:
    """Walk through the columns; a state is which rules of both tables are still open."""
    split = len(one.rules)
    lower = (1 << split) - 1
    seen = {(1 << (split + len(other.rules))) - 1}
    for axis in axes:
        masks = {segment.must for segment in axis.segments}
        if len(seen) * len(masks) > STEPS_MAX:
            return False
        seen = {state & mask for state in seen for mask in masks}
    return all(_answer(one, state & lower) == _answer(other, state >> split) for state in seen)


def _answer(table: DecisionTable, rules: int) -> object:
    """What stands for the answer of a table whose matching rules are known."""
    outputs = [
        tuple(cell.text for cell in rule.outputs)
        for number, rule in enumerate(table.rules)
        if rules >> number & 1
    ]
    match table.hit_policy:
        case HitPolicy.UNIQUE:
            return outputs if len(outputs) <= 1 else _conflict(table)
        case HitPolicy.FIRST:
            return outputs[:1]
        case HitPolicy.ANY:
            different = sorted(set(outputs))
            return different if len(different) <= 1 else _conflict(table)
        case HitPolicy.RULE_ORDER:
            return outputs
        case HitPolicy.COLLECT if table.aggregation is Aggregation.NONE:
            return outputs
    return sorted(outputs)


def _conflict(table: DecisionTable) -> object:
    """What rows answer that contradict one another: null, as where no row fits, or its default."""
    return "null" if any(column.default for column in table.outputs) else []
