"""Mistakes that an author of a table might make, each as a table with that one mistake in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from shared.engine.dmn.analysis.axes import after
from shared.engine.dmn.analysis.cells import SORTED, accepted_by, literal_of
from shared.engine.dmn.analysis.domains import allowed_inputs, allowed_outputs
from shared.engine.dmn.analysis.texts import cell_text, literal_text
from shared.engine.dmn.cell_sets import CellSet
from shared.engine.dmn.definitions import Cell, DecisionTable, HitPolicy, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.engine.dmn.model import Model
    from shared.engine.feel.values import Range

ORDER_MATTERS = frozenset({HitPolicy.FIRST, HitPolicy.RULE_ORDER})


@dataclass(frozen=True, slots=True)
class Mutant:
    """A table with one mistake.

    Attributes:
        rule: the number of the row that it is in, from 1.
        rule_id: that row's id.
        mistake: what was changed, in words.
        table: the table with the mistake.
    """

    rule: int
    rule_id: str
    mistake: str
    table: DecisionTable


def mutants_of(table: DecisionTable, model: Model) -> Iterator[Mutant]:
    """Every mutant: rows left out or swapped, conditions moved or turned round, outputs changed."""
    for place, rule in enumerate(table.rules):
        yield _with_rules(table, rule, "the row is left out", _without(table, place))
        if table.hit_policy in ORDER_MATTERS and place + 1 < len(table.rules):
            yield _with_rules(
                table, rule, "the row and the next change places", _swapped(table, place)
            )
        for number, column in enumerate(table.inputs):
            name = column.label or column.expression
            domain = allowed_inputs(column, model)
            mentioned = _mentioned(table, number)
            for text in _other_tests(rule.inputs[number].text, domain, mentioned):
                changed = replace(rule, inputs=_set(rule.inputs, number, text))
                yield _with_rule(table, place, f"{name} is {text}", changed)
        for number, output in enumerate(table.outputs):
            name = output.name or output.label or "the output"
            domain = allowed_outputs(output, model)
            for text in _other_outputs(rule.outputs[number].text, domain):
                changed = replace(rule, outputs=_set(rule.outputs, number, text))
                yield _with_rule(table, place, f"{name} is {text}", changed)


def _mentioned(table: DecisionTable, number: int) -> tuple[Any, ...]:
    """The single values that the cells of a column name, in the order of the rows."""
    cells = (accepted_by(rule.inputs[number].text) for rule in table.rules)
    named = (value for cell in cells if cell is not None for value in cell.values)
    return tuple(dict.fromkeys(named))


def _other_tests(text: str, domain: CellSet | None, mentioned: tuple[Any, ...]) -> Iterator[str]:
    """Conditions that one might have written instead."""
    cell = accepted_by(text)
    if cell is not None and cell.any:
        for value in mentioned[:1]:
            yield cell_text(CellSet(values=(value,), negated=True))
        return
    yield "-"
    if cell is None:
        return
    yield from _near(cell, domain)


def _near(cell: CellSet, domain: CellSet | None) -> Iterator[str]:
    """Conditions that differ from one in a single value, interval, end or negation."""
    if cell.kinds != {bool}:
        yield cell_text(replace(cell, negated=not cell.negated))
    for place, value in enumerate(cell.values):
        rest = cell.values[:place] + cell.values[place + 1 :]
        if rest or cell.spans:
            yield cell_text(replace(cell, values=rest))
        for other in _other_values(value, domain):
            yield cell_text(replace(cell, values=(*rest, other)))
    for place, area in enumerate(cell.spans):
        others = cell.spans[:place] + cell.spans[place + 1 :]
        if others or cell.values:
            yield cell_text(replace(cell, spans=others))
        for moved in _moved(area):
            yield cell_text(replace(cell, spans=(*others, moved)))


def _moved(area: Range) -> Iterator[Range]:
    """The interval with one end the other way round: included or not."""
    if area.start is not None and area.start != area.end:
        yield replace(area, start_included=not area.start_included)
    if area.end is not None and area.start != area.end:
        yield replace(area, end_included=not area.end_included)


def _other_values(value: Any, domain: CellSet | None) -> Iterator[Any]:
    """Another value in a condition's or an output's place."""
    if isinstance(value, bool):
        yield not value
    elif domain is not None and value in domain.values and len(domain.values) > 1:
        place = domain.values.index(value)
        yield domain.values[(place + 1) % len(domain.values)]
    elif type(value) in SORTED and type(value) is not str:
        yield after(value)


def _other_outputs(text: str, domain: CellSet | None) -> Iterator[str]:
    is_literal, value = literal_of(text)
    if not is_literal:
        if text and text != "null":
            yield "null"
        return
    others = list(_other_values(value, domain))
    if not others and isinstance(value, str):
        others = [f"{value} (another)"]
    for other in others:
        yield literal_text(other)


def _set(cells: tuple[Cell, ...], number: int, text: str) -> tuple[Cell, ...]:
    changed = replace(cells[number], text=text)
    return (*cells[:number], changed, *cells[number + 1 :])


def _with_rule(table: DecisionTable, place: int, mistake: str, rule: Rule) -> Mutant:
    rules = (*table.rules[:place], rule, *table.rules[place + 1 :])
    return _with_rules(table, rule, mistake, rules)


def _with_rules(table: DecisionTable, rule: Rule, mistake: str, rules: tuple[Rule, ...]) -> Mutant:
    return Mutant(rule.index, rule.id, mistake, replace(table, rules=rules))


def _without(table: DecisionTable, place: int) -> tuple[Rule, ...]:
    return table.rules[:place] + table.rules[place + 1 :]


def _swapped(table: DecisionTable, place: int) -> tuple[Rule, ...]:
    one, other = table.rules[place : place + 2]
    return (*table.rules[:place], other, one, *table.rules[place + 2 :])
