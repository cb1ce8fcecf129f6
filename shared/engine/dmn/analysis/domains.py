"""Which values a column of a table may have, as far as the model says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.engine.dmn.analysis.cells import accepted_by

if TYPE_CHECKING:
    from shared.engine.dmn.cell_sets import CellSet
    from shared.engine.dmn.definitions import DecisionTable, InputColumn, OutputColumn
    from shared.engine.dmn.model import Model


def type_name_of(column: InputColumn, model: Model) -> str:
    """The name of the type of an input column: its own, or that of the input it looks at."""
    if column.type_ref:
        return column.type_ref
    for data in model.definitions.inputs:
        if data.variable.name == column.expression:
            return data.variable.type_ref
    for decision in model.definitions.decisions:
        if decision.variable.name == column.expression:
            return decision.variable.type_ref
    return ""


def allowed_inputs(column: InputColumn, model: Model) -> CellSet | None:
    """The allowed values of an input column; None where the model does not say."""
    text = column.allowed or model.linked.types.allowed_text(type_name_of(column, model))
    return _known(text)


def allowed_outputs(column: OutputColumn, model: Model) -> CellSet | None:
    """The allowed values of an output column; None where the model does not say."""
    return _known(column.allowed or model.linked.types.allowed_text(column.type_ref))


def input_domains(table: DecisionTable, model: Model) -> tuple[CellSet | None, ...]:
    """The allowed values of each input column of a table."""
    return tuple(allowed_inputs(column, model) for column in table.inputs)


def _known(text: str) -> CellSet | None:
    found = accepted_by(text) if text else None
    return None if found is None or found.any or found.negated else found
