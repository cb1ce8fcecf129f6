"""Cells of the wrong type, or with values that the model does not allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.engine.dmn.analysis.cells import literal_of
from shared.engine.dmn.analysis.domains import allowed_outputs, type_name_of
from shared.engine.dmn.analysis.findings import Finding, Kind, Place, Severity
from shared.engine.dmn.column import index_column
from shared.engine.feel.value_types import ConstrainedType, SimpleType
from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shared.engine.dmn.analysis.view import View
    from shared.engine.dmn.cell_sets import CellSet
    from shared.engine.dmn.model import Model


def wrong_values(view: View, model: Model) -> Iterator[Finding]:
    """Every literal, in input and output cells, that its column cannot have."""
    for column, source in enumerate(view.table.inputs):
        wanted = _simple_type(type_name_of(source, model), model)
        for rule, cell in enumerate(view.cells[column]):
            if cell is not None:
                place = view.place(rule, column)
                spanned = [*cell.points][len(cell.values) :]
                found = [
                    *_check(view, place, cell.values, wanted, view.domains[column]),
                    *_check(view, place, spanned, wanted, None),
                ]
                yield from found[:1]
    for column, output in enumerate(view.table.outputs):
        wanted = _simple_type(output.type_ref, model)
        domain = allowed_outputs(output, model)
        for row in view.table.rules:
            is_literal, value = literal_of(row.outputs[column].text)
            if is_literal:
                name = output.name or output.label or "output"
                place = Place(row.index, row.id, name, row.outputs[column].text)
                yield from _check(view, place, [value], wanted, domain)


def mixed_columns(view: View) -> Iterator[Finding]:
    """Columns whose cells, or allowed values, are of several kinds."""
    for column in sorted(view.mixed):
        yield Finding(
            kind=Kind.NOT_ANALYSED,
            severity=Severity.NOTE,
            element=view.owner,
            message=f"input {view.name(column)}: its cells are of several kinds",
        )


def open_columns(view: View) -> Iterator[Finding]:
    """Columns where analysis cannot see all: no allowed values, or cells beyond literals."""
    for column, axis in enumerate(view.axes):
        beyond = [rule for rule, cell in enumerate(view.cells[column]) if cell is None]
        if beyond:
            yield Finding(
                kind=Kind.NOT_ANALYSED,
                severity=Severity.NOTE,
                element=view.owner,
                message=f"input {view.name(column)}: cells that are more than literals",
                cells=tuple(view.place(rule, column) for rule in beyond),
            )
        if not axis.is_closed and any(not segment.expected for segment in axis.segments):
            yield Finding(
                kind=Kind.NOT_ANALYSED,
                severity=Severity.NOTE,
                element=view.owner,
                message=f"input {view.name(column)} has no allowed values: gaps are looked for "
                "only among the values that its cells name",
            )


def _simple_type(name: str, model: Model) -> SimpleType | None:
    try:
        found = model.linked.types.type_of(name)
    except ModelError:
        return None  # The compiler says so.
    while isinstance(found, ConstrainedType):
        found = found.base
    return found if isinstance(found, SimpleType) else None


def _check(
    view: View,
    place: Place,
    values: Iterable[Any],
    wanted: SimpleType | None,
    domain: CellSet | None,
) -> Iterator[Finding]:
    """The first value that is of another type, or not allowed."""
    for value in values:
        if value is None:
            continue
        if wanted is not None and type(value) not in wanted.kinds:
            yield _wrong(view, place, Kind.TYPE, f"the column holds a {wanted.name}")
            return
        if domain is not None and not _is_allowed(value, domain):
            yield _wrong(view, place, Kind.VALUE, "the value is not among the allowed ones")
            return


def _is_allowed(value: Any, domain: CellSet) -> bool:
    kinds = domain.kinds
    return kinds == {type(value)} and bool(index_column([domain], type(value))(value))


def _wrong(view: View, place: Place, kind: Kind, message: str) -> Finding:
    return Finding(
        kind=kind, severity=Severity.ERROR, element=view.owner, message=message, cells=(place,)
    )
