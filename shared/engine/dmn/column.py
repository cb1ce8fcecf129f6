"""An input column of a decision table, indexed: which rules let a value pass, in one look-up.

The rules are bits of a number, the first rule the lowest. Cells made of literals (equalities,
comparisons, intervals, dashes) are worked out at compile time: a text or boolean column becomes a
dictionary from value to rules, an ordered column becomes its breakpoints with the rules for each
point and each gap between. Evaluating a column then costs the same for ten rules and for a
thousand. Cells that are more than literals stay closures, asked only for rules still open.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shared.engine.feel.running import Run, Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.engine.dmn.cell_sets import CellSet
    from shared.engine.feel.values import Closure, Scope

type Lookup = Callable[[Any], int]


@dataclass(frozen=True, slots=True)
class Column:
    """A compiled input column.

    Attributes:
        value: computes the tested value.
        name: the variable, where the expression is only that; empty otherwise.
        kind: the Python class that the index is for; None where there is no index.
        lookup: the rules that let a value of that class pass; closures count as passing.
        cells: the closure of each rule's cell.
        open: rules whose cell is more than literals, to be asked one by one.
        any: rules whose cell is a dash.
        unit: the column, for diagnostics.
    """

    value: Closure
    name: str
    kind: type | None
    lookup: Lookup
    cells: tuple[Closure, ...]
    open: int
    any: int
    unit: Unit

    def other(self, value: Any, scope: Scope, run: Run) -> int:
        """The rules that let a value of another class than the index's pass.

        Literal cells cannot be compared with it; that is one diagnostic, not one for each row.
        """
        passing = self.any | self.open
        if self.kind is None:  # No cell is a literal.
            return passing
        asked = {**scope, "?": value}
        scratch = Run(run.now)
        for index, cell in enumerate(self.cells):
            bit = 1 << index
            if not passing & bit and cell(asked, scratch):
                passing |= bit
        if scratch.diagnostics:
            first = scratch.diagnostics[0]
            run.note(first.message, self.unit)
        return passing


def index_column(cells: Sequence[CellSet | None], kind: type | None) -> Lookup:
    """The look-up of a column.

    Args:
        cells: what each rule's cell accepts; None where it is more than literals.
        kind: the class of the literals.
    """
    if kind is None:
        everything = (1 << len(cells)) - 1
        return lambda _value: everything
    if any(cell is not None and cell.spans for cell in cells) or kind is Decimal:
        return _ordered_lookup(cells)
    return _equality_lookup(cells)


def _equality_lookup(cells: Sequence[CellSet | None]) -> Lookup:
    values = {value for cell in cells if cell is not None for value in cell.values}
    rules: dict[Any, int] = dict.fromkeys(values, 0)
    otherwise = 0
    for index, cell in enumerate(cells):
        bit = 1 << index
        if cell is None or cell.accepts_other:
            otherwise |= bit
    negated = [(1 << index, cell) for index, cell in enumerate(cells) if cell and cell.negated]
    for value in values:
        rules[value] = otherwise
    for index, cell in enumerate(cells):
        if cell is not None and not cell.any and not cell.negated:
            for value in cell.values:
                rules[value] |= 1 << index
    for bit, cell in negated:
        for value in cell.values:
            rules[value] &= ~bit
    return _dictionary(rules, otherwise)


def _dictionary(rules: Mapping[Any, int], otherwise: int) -> Lookup:
    get = dict(rules).get
    return lambda value: get(value, otherwise)


def _ordered_lookup(cells: Sequence[CellSet | None]) -> Lookup:
    """Segments: 2i is the gap before the i-th breakpoint, 2i + 1 the breakpoint itself."""
    points = sorted({point for cell in cells if cell is not None for point in cell.points})
    place = {point: 2 * index + 1 for index, point in enumerate(points)}
    last = 2 * len(points)
    flips = [0] * (last + 2)
    for index, cell in enumerate(cells):
        bit = 1 << index
        for start, end in _segments(cell, place, last):
            flips[start] ^= bit
            flips[end + 1] ^= bit
    masks: list[int] = []
    current = 0
    for flip in flips[:-1]:
        current ^= flip
        masks.append(current)
    count = len(points)

    def lookup(value: Any) -> int:
        index = bisect_left(points, value)
        if index < count and points[index] == value:
            return masks[2 * index + 1]
        return masks[2 * index]

    return lookup


def _segments(cell: CellSet | None, place: Mapping[Any, int], last: int) -> list[tuple[int, int]]:
    """The segments that a cell accepts, apart from one another and in order."""
    if cell is None or cell.any:
        return [(0, last)]
    raw = [(place[value], place[value]) for value in cell.values]
    for area in cell.spans:
        start = 0 if area.start is None else place[area.start] + (not area.start_included)
        end = last if area.end is None else place[area.end] - (not area.end_included)
        if start <= end:
            raw.append((start, end))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(raw):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return _complement(merged, last) if cell.negated else merged


def _complement(segments: list[tuple[int, int]], last: int) -> list[tuple[int, int]]:
    gaps: list[tuple[int, int]] = []
    position = 0
    for start, end in segments:
        if start > position:
            gaps.append((position, start - 1))
        position = end + 1
    return [*gaps, (position, last)] if position <= last else gaps
