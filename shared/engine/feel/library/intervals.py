"""Range built-ins: how points and ranges lie to one another (Allen's relations).

Source:
    DMN 1.5, 10.3.4.10, table 78.
"""

from __future__ import annotations

from typing import Any

from shared.engine.feel.compare import check_ordered
from shared.engine.feel.library.registry import built_in
from shared.engine.feel.running import FeelError
from shared.engine.feel.values import Range


@built_in(
    "before(point1: any, point2: any)",
    "before(range1: any, range2: any)",
    "before(point: any, range: any)",
    "before(range: any, point: any)",
)
def _before(first: Any, second: Any) -> bool:
    left, right = _areas(first, second)
    return left.end < right.start or (
        left.end == right.start and not (left.end_included and right.start_included)
    )


@built_in(
    "after(point1: any, point2: any)",
    "after(range1: any, range2: any)",
    "after(point: any, range: any)",
    "after(range: any, point: any)",
)
def _after(first: Any, second: Any) -> bool:
    return _before(second, first)


@built_in("meets(range1: range, range2: range)")
def _meets(first: Range, second: Range) -> bool:
    left, right = _areas(first, second)
    return bool(left.end_included and right.start_included and left.end == right.start)


@built_in("met by(range1: range, range2: range)")
def _met_by(first: Range, second: Range) -> bool:
    return _meets(second, first)


@built_in("overlaps(range1: range, range2: range)")
def _overlaps(first: Range, second: Range) -> bool:
    return not _before(first, second) and not _before(second, first)


@built_in("overlaps before(range1: range, range2: range)")
def _overlaps_before(first: Range, second: Range) -> bool:
    left, right = _areas(first, second)
    starts_earlier = left.start < right.start or (
        left.start == right.start and left.start_included and not right.start_included
    )
    return starts_earlier and not _before(left, right) and _ends_within(left, right)


@built_in("overlaps after(range1: range, range2: range)")
def _overlaps_after(first: Range, second: Range) -> bool:
    return _overlaps_before(second, first)


@built_in("finishes(range1: range, range2: range)", "finishes(point: any, range: range)")
def _finishes(first: Any, second: Range) -> bool:
    left, right = _areas(first, second)
    if type(first) is not Range:
        return bool(right.end_included and right.end == first)
    return _same_end(left, right) and _starts_within(left, right)


@built_in("finished by(range1: range, range2: range)", "finished by(range: range, point: any)")
def _finished_by(first: Range, second: Any) -> bool:
    return _finishes(second, first)


@built_in("includes(range1: range, range2: range)", "includes(range: range, point: any)")
def _includes(first: Range, second: Any) -> bool:
    left, right = _areas(first, second)
    return _starts_within(right, left) and _ends_within(right, left)


@built_in("during(range1: range, range2: range)", "during(point: any, range: range)")
def _during(first: Any, second: Range) -> bool:
    return _includes(second, first)


@built_in("starts(range1: range, range2: range)", "starts(point: any, range: range)")
def _starts(first: Any, second: Range) -> bool:
    left, right = _areas(first, second)
    if type(first) is not Range:
        return bool(right.start_included and right.start == first)
    return _same_start(left, right) and _ends_within(left, right)


@built_in("started by(range1: range, range2: range)", "started by(range: range, point: any)")
def _started_by(first: Range, second: Any) -> bool:
    return _starts(second, first)


@built_in("coincides(point1: any, point2: any)", "coincides(range1: range, range2: range)")
def _coincides(first: Any, second: Any) -> bool:
    if (type(first) is Range) != (type(second) is Range):
        raise FeelError("a point and a range do not coincide")
    left, right = _areas(first, second)
    return _same_start(left, right) and _same_end(left, right)


def _areas(first: Any, second: Any) -> tuple[Range, Range]:
    """Both as ranges with comparable ends; a point is the range of itself."""
    left, right = _area(first), _area(second)
    check_ordered(left.start, right.start)
    return left, right


def _area(value: Any) -> Range:
    area = value if type(value) is Range else Range(value, value)
    if area.start is None or area.end is None:
        raise FeelError("a range without an end lies to nothing")
    return area


def _starts_within(inner: Range, outer: Range) -> bool:
    return bool(
        inner.start > outer.start
        or (inner.start == outer.start and (outer.start_included or not inner.start_included))
    )


def _ends_within(inner: Range, outer: Range) -> bool:
    return bool(
        inner.end < outer.end
        or (inner.end == outer.end and (outer.end_included or not inner.end_included))
    )


def _same_start(left: Range, right: Range) -> bool:
    return bool(left.start == right.start and left.start_included == right.start_included)


def _same_end(left: Range, right: Range) -> bool:
    return bool(left.end == right.end and left.end_included == right.end_included)
