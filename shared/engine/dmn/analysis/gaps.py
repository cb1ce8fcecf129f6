"""Values that no row fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.engine.dmn.analysis.findings import Finding, Kind, Severity, told
from shared.engine.dmn.definitions import Aggregation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.engine.dmn.analysis.axes import Segment
    from shared.engine.dmn.analysis.findings import Place
    from shared.engine.dmn.analysis.view import View

STEPS_MAX = 500_000
"""Sets of rules still open, times segments of a column, that are looked at before giving up."""
NEAR_MISSES_MAX = 10

type Path = tuple[Segment, ...]


def gaps(view: View) -> list[Finding]:
    """The gaps of a table, each with values that show it and the cells that alone keep them out.

    Only values that the author expects are looked at: allowed ones, or those among which the cells
    of a column lie. A cell that is more than literals might fit, so it never makes a gap.
    """
    table = view.table
    if any(column.default for column in table.outputs) or table.aggregation is Aggregation.COUNT:
        return []
    found: list[Path] = []
    states: dict[int, Path] = {view.every_rule: ()}
    for axis in view.axes:
        expected = [segment for segment in axis.segments if segment.expected]
        if len(states) * len(expected) > STEPS_MAX:
            return [*told(found, lambda path: _gap(view, path)), _gave_up(view)]
        following: dict[int, Path] = {}
        for state, path in states.items():
            for segment in expected:
                left = state & segment.may
                if left:
                    following.setdefault(left, (*path, segment))
                else:
                    found.append((*path, segment))
        states = following
    return told(found, lambda path: _gap(view, path))


def _gap(view: View, path: Path) -> Finding:
    rest = (axis.segments[0] for axis in view.axes[len(path) :])
    whole = (*path, *rest)
    return Finding(
        kind=Kind.GAP,
        severity=Severity.WARNING,
        element=view.owner,
        message="no row fits these values",
        cells=tuple(_near_misses(view, whole))[:NEAR_MISSES_MAX],
        example=view.example([segment.sample for segment in whole]),
    )


def _near_misses(view: View, path: Sequence[Segment]) -> Iterator[Place]:
    """The cells that alone keep their row from fitting."""
    for rule in range(len(view.table.rules)):
        missing = [column for column, each in enumerate(path) if not each.may >> rule & 1]
        if len(missing) == 1:
            yield view.place(rule, missing[0])


def _gave_up(view: View) -> Finding:
    return Finding(
        kind=Kind.NOT_ANALYSED,
        severity=Severity.NOTE,
        element=view.owner,
        message=f"gaps beyond {STEPS_MAX} combinations of values were not looked for",
    )
