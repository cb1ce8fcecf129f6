"""A decision table made ready for analysis: its columns cut, its cells as sets of values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.engine.dmn.analysis.axes import Axis, Segment, cut
from shared.engine.dmn.analysis.cells import accepted_by
from shared.engine.dmn.analysis.domains import input_domains
from shared.engine.dmn.analysis.findings import Place
from shared.engine.dmn.analysis.texts import literal_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.engine.dmn.cell_sets import CellSet
    from shared.engine.dmn.definitions import DecisionTable
    from shared.engine.dmn.model import Model


@dataclass(frozen=True, slots=True)
class View:
    """A table.

    Attributes:
        owner: the decision or knowledge model that it is in.
        cells: for each column, what each rule's cell accepts; None where that cannot be told.
        domains: for each column the allowed values; None where they are not known.
        axes: for each column its segments; one that mixes kinds is a single one, open to all.
        mixed: the numbers of the columns that mix kinds, from 0.
    """

    owner: str
    table: DecisionTable
    cells: tuple[tuple[CellSet | None, ...], ...]
    domains: tuple[CellSet | None, ...]
    axes: tuple[Axis, ...]
    mixed: frozenset[int]

    @property
    def every_rule(self) -> int:
        """The bits of all rules."""
        return (1 << len(self.table.rules)) - 1

    def name(self, column: int) -> str:
        """What people call an input column."""
        source = self.table.inputs[column]
        return source.label or source.expression

    def place(self, rule: int, column: int | None = None) -> Place:
        """A cell, or a whole row, by numbers from 0."""
        source = self.table.rules[rule]
        if column is None:
            return Place(source.index, source.id)
        return Place(source.index, source.id, self.name(column), source.inputs[column].text)

    def conditions(self, rule: int) -> Iterator[Place]:
        """The cells of a row that ask something."""
        for column, cells in enumerate(self.cells):
            cell = cells[rule]
            if cell is None or not cell.any:
                yield self.place(rule, column)

    def example(self, samples: Sequence[Any]) -> dict[str, str]:
        """A value of each column, as FEEL literals by the columns' expressions."""
        return {
            column.expression: literal_text(sample)
            for column, sample in zip(self.table.inputs, samples, strict=True)
        }


def view_table(owner: str, table: DecisionTable, model: Model) -> View:
    """The view of a table."""
    cells = tuple(
        tuple(accepted_by(rule.inputs[number].text) for rule in table.rules)
        for number in range(len(table.inputs))
    )
    domains = input_domains(table, model)
    cuts = [cut(column, domain) for column, domain in zip(cells, domains, strict=True)]
    every = (1 << len(table.rules)) - 1
    unknown = Axis((Segment(None, every, 0, expected=True),), is_closed=True)
    return View(
        owner=owner,
        table=table,
        cells=cells,
        domains=domains,
        axes=tuple(axis if axis is not None and axis.segments else unknown for axis in cuts),
        mixed=frozenset(number for number, axis in enumerate(cuts) if axis is None),
    )


def bits(rules: int) -> Iterator[int]:
    """The numbers of the rules in a set, from 0, in order."""
    while rules:
        lowest = rules & -rules
        yield lowest.bit_length() - 1
        rules ^= lowest
