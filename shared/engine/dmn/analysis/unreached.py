"""Rows that never decide: dead ones that nothing fits, shadowed ones that come too late."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from shared.engine.dmn.analysis.findings import Finding, Kind, Severity, told
from shared.engine.dmn.analysis.view import bits
from shared.engine.dmn.definitions import HitPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.engine.dmn.analysis.view import View

STEPS_MAX = 500_000
"""Sets of rules still open, times segments of a column, that are looked at before giving up."""


def dead_rows(view: View) -> list[Finding]:
    """Rows with a cell that no allowed value fits."""
    return [
        Finding(
            kind=Kind.DEAD,
            severity=Severity.ERROR,
            element=view.owner,
            message="no allowed value fits this cell, so the row never decides",
            cells=(view.place(rule, column),),
        )
        for column, axis in enumerate(view.axes)
        for rule in bits(view.every_rule & ~_union(segment.may for segment in axis.segments))
    ]


def shadowed_rows(view: View) -> list[Finding]:
    """Rows of a FIRST table that fit only where an earlier row fits too.

    A missing value counts here: a last row of dashes may stand for it.
    """
    if view.table.hit_policy is not HitPolicy.FIRST:
        return []
    states = {(view.every_rule, view.every_rule)}
    for column, axis in enumerate(view.axes):
        masks = {(segment.may, segment.must) for segment in axis.segments} | {_null(view, column)}
        if len(states) * len(masks) > STEPS_MAX:
            return [_gave_up(view)]
        states = {(a & may, b & must) for a, b in states for may, must in masks if a & may}
    deciding, covering = 0, dict.fromkeys(range(len(view.table.rules)), 0)
    for may, must in states:
        sure = must & -must
        # Rows that might fit decide up to, and with, the first that surely fits.
        before = may & (2 * sure - 1) if sure else may
        deciding |= before
        for rule in bits(may & ~before):
            covering[rule] |= sure
    late = [(rule, by) for rule, by in covering.items() if by and not deciding >> rule & 1]
    return told(late, lambda row: _shadowed(view, *row))


def _null(view: View, column: int) -> tuple[int, int]:
    """Rows that let a missing value pass: a dash surely, a negation or more than literals maybe."""
    may = must = 0
    for rule, cell in enumerate(view.cells[column]):
        if cell is None or cell.any or cell.negated:
            may |= 1 << rule
        if cell is not None and cell.any:
            must |= 1 << rule
    return may, must


def _shadowed(view: View, rule: int, by: int) -> Finding:
    return Finding(
        kind=Kind.SHADOWED,
        severity=Severity.WARNING,
        element=view.owner,
        message="wherever this row fits, an earlier one decides",
        cells=(view.place(rule), *(view.place(other) for other in bits(by))),
    )


def _gave_up(view: View) -> Finding:
    return Finding(
        kind=Kind.NOT_ANALYSED,
        severity=Severity.NOTE,
        element=view.owner,
        message=f"shadowed rows were not looked for: over {STEPS_MAX} combinations of values",
    )


def _union(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)
