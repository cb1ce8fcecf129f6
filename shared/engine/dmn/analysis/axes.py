"""An input column cut into segments, on each of which no cell changes its mind.

The rules are bits of a number, as in the index of a column, the first rule the lowest. Segments
that let the same rules pass are one. A value that is null is not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shared.engine.dmn.analysis.cells import SORTED
from shared.engine.dmn.column import index_column
from shared.engine.feel.temporal import Date, DaysDuration, MonthsDuration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.engine.dmn.cell_sets import CellSet

ONE = Decimal(1)
UNHEARD = "something else"


@dataclass(frozen=True, slots=True)
class Segment:
    """Values of a column that let the same rules pass.

    Attributes:
        sample: one of them.
        may: rules whose cell lets them pass, or is more than literals and could.
        must: rules whose cell surely lets them pass.
        expected: whether the author says that they occur: they are allowed, or between the values
            that cells mention, or a cell reaches out to them.
    """

    sample: Any
    may: int
    must: int
    expected: bool


@dataclass(frozen=True, slots=True)
class Axis:
    """A column.

    Attributes:
        segments: all of them; every value that may occur is in one.
        is_closed: whether the allowed values are known, so that nothing else occurs.
    """

    segments: tuple[Segment, ...]
    is_closed: bool


def cut(cells: Sequence[CellSet | None], domain: CellSet | None) -> Axis | None:
    """The axis of a column; None where its cells are of several kinds, so that none fits.

    Args:
        cells: what each rule's cell accepts; None where it is more than literals.
        domain: the allowed values; None where they are not known.
    """
    sets = [*cells] if domain is None else [*cells, domain]
    kinds = {kind for cell in sets if cell is not None for kind in cell.kinds}
    if len(kinds) > 1:
        return None
    kind = next(iter(kinds), None)
    lookup = index_column(cells, kind)
    allowed = index_column([domain], kind) if domain is not None else None
    open_rules = sum(1 << number for number, cell in enumerate(cells) if cell is None)
    merged: dict[tuple[int, int, bool], Any] = {}
    reached = _reached(cells)
    for value, place in _samples(sets, kind):
        if allowed is not None and not allowed(value):
            continue
        may = lookup(value)
        expected = domain is not None or place == INSIDE or place in reached
        merged.setdefault((may, may & ~open_rules, expected), value)
    segments = (Segment(value, *key) for key, value in merged.items())
    return Axis(tuple(segments), domain is not None or kind is bool)


BELOW, INSIDE, ABOVE, OTHER = "below", "inside", "above", "other"


def _reached(cells: Sequence[CellSet | None]) -> set[str]:
    """The places beyond what cells mention that some cell other than a dash reaches."""
    reached = set()
    for cell in cells:
        if cell is None or cell.any:
            continue
        if cell.negated:
            reached |= {BELOW, ABOVE, OTHER}
        for area in cell.spans:
            if area.start is None:
                reached.add(BELOW)
            if area.end is None:
                reached.add(ABOVE)
    return reached


def _samples(sets: Sequence[CellSet | None], kind: type | None) -> Iterator[tuple[Any, str]]:
    """A value of each segment, and where it lies."""
    if kind is None:
        yield UNHEARD, INSIDE
    elif kind is bool:
        yield True, INSIDE
        yield False, INSIDE
    elif kind is str and not any(cell is not None and cell.spans for cell in sets):
        values = {value for cell in sets if cell is not None for value in cell.values}
        for value in sorted(values):
            yield value, INSIDE
        yield _unlike(values), OTHER
    elif kind in SORTED:
        yield from _along(sorted({p for cell in sets if cell is not None for p in cell.points}))


def _along(points: list[Any]) -> Iterator[tuple[Any, str]]:
    below = before(points[0])
    if below is not None:
        yield below, BELOW
    for number, point in enumerate(points):
        yield point, INSIDE
        if number + 1 < len(points):
            between = _between(point, points[number + 1])
            if between is not None:
                yield between, INSIDE
    yield after(points[-1]), ABOVE


def before(point: Any) -> Any:
    """The value one step before a point; None where there is none."""
    match point:
        case Decimal():
            return point - ONE
        case Date():
            return Date.from_number(point.number - 1)
        case DaysDuration():
            return DaysDuration(point.nanoseconds - 1)
        case MonthsDuration():
            return MonthsDuration(point.months - 1)
        case str():
            return "" if point else None
    return None


def after(point: Any) -> Any:
    """The value one step after a point."""
    match point:
        case Decimal():
            return point + ONE
        case Date():
            return Date.from_number(point.number + 1)
        case DaysDuration():
            return DaysDuration(point.nanoseconds + 1)
        case MonthsDuration():
            return MonthsDuration(point.months + 1)
    return f"{point}0"


def _between(low: Any, high: Any) -> Any:
    """A value between two; None where there is none. A whole number rather than a broken one."""
    following = after(low)
    if following < high:
        return following
    return (low + high) / 2 if isinstance(low, Decimal) else None


def _unlike(values: set[str]) -> str:
    text = UNHEARD
    while text in values:
        text += "!"
    return text
