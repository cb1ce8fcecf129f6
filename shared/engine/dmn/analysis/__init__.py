"""Faults of a model, found without running it, each with the cells that cause it.

Columns are cut at their breakpoints, rules are bits of a number, and the sets of rules still open
are followed column by column: a set that is met twice is followed once. What would take too long,
or cannot be told from literals, is named as not analysed. A missing value is looked at only where
rows may be shadowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.engine.dmn.analysis.findings import Analysis, Finding, Kind, Place, Severity
from shared.engine.dmn.analysis.gaps import gaps
from shared.engine.dmn.analysis.overlaps import overlaps_and_duplicates
from shared.engine.dmn.analysis.requirements import cycles
from shared.engine.dmn.analysis.unreached import dead_rows, shadowed_rows
from shared.engine.dmn.analysis.values import mixed_columns, open_columns, wrong_values
from shared.engine.dmn.analysis.view import view_table
from shared.engine.dmn.model import Model, compile_model
from shared.engine.dmn.reader import read_definitions
from shared.errors import ModelError

if TYPE_CHECKING:
    from shared.engine.dmn.definitions import DecisionTable

__all__ = ["Analysis", "Finding", "Kind", "Place", "Severity", "analyse"]

RULES_MAX = 1_000
"""Rows of a table that are analysed; pairs of rows are compared, so time grows with the square."""
ORDER = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


def analyse(xml: bytes | str, *, file: str = "") -> Analysis:
    """Everything that can be found wrong with a model before it runs.

    Raises:
        ModelError: the XML is not safe or well-formed, or is no DMN.
    """
    circles = list(cycles(read_definitions(xml, file)))
    if circles:
        return Analysis(tuple(circles))
    try:
        model = compile_model(xml, file=file, lenient=True)
    except ModelError as error:
        return Analysis((_of_error(error),))
    found = [_of_error(problem) for problem in model.problems]
    for owner, table in model.tables:
        found += _of_table(owner, table, model)
    return Analysis(tuple(sorted(found, key=lambda finding: ORDER.index(finding.severity))))


def _of_table(owner: str, table: DecisionTable, model: Model) -> list[Finding]:
    if len(table.rules) > RULES_MAX:
        return [
            Finding(
                kind=Kind.NOT_ANALYSED,
                severity=Severity.NOTE,
                element=owner,
                message=f"a table of more than {RULES_MAX} rows",
            )
        ]
    view = view_table(owner, table, model)
    repeated = overlaps_and_duplicates(view)
    duplicates = {
        finding.cells[1].rule
        for finding in repeated
        if finding.kind is Kind.DUPLICATE and finding.cells
    }
    shadowed = [
        finding
        for finding in shadowed_rows(view)
        if not finding.cells or finding.cells[0].rule not in duplicates
    ]
    return [
        *wrong_values(view, model),
        *dead_rows(view),
        *repeated,
        *shadowed,
        *gaps(view),
        *mixed_columns(view),
        *open_columns(view),
    ]


def _of_error(error: ModelError) -> Finding:
    place = ", ".join(
        part
        for part in (error.file, error.element, f"column {error.column}" if error.column else "")
        if part
    )
    return Finding(
        kind=Kind.MODEL,
        severity=Severity.ERROR,
        element=error.element,
        message=str(error).removeprefix(f"{place}: "),
        character=error.column,
    )
