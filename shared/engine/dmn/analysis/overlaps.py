"""Rows that fit the same values: overlaps where they may not, and plain duplicates."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from shared.engine.dmn.analysis.cells import literal_of
from shared.engine.dmn.analysis.findings import Finding, Kind, Severity, told
from shared.engine.dmn.analysis.view import bits
from shared.engine.dmn.definitions import HitPolicy

if TYPE_CHECKING:
    from shared.engine.dmn.analysis.view import View

ONE_ANSWER = frozenset({HitPolicy.UNIQUE, HitPolicy.ANY})
SEVERAL_ANSWERS = frozenset({HitPolicy.COLLECT, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER})

type Footprint = tuple[int, ...]
"""For each column the segments, as bits, that a row surely lets pass."""


def overlaps_and_duplicates(view: View) -> list[Finding]:
    """Pairs of rows that may not stand side by side.

    UNIQUE: any two that fit the same values. ANY: those whose outputs differ too. The same
    conditions twice are a duplicate under every policy; where a table answers with several rows,
    only if the outputs are the same as well.
    """
    footprints = _footprints(view)
    duplicates: list[tuple[int, int]] = []
    overlaps: list[tuple[int, int]] = []
    for one, other in combinations(range(len(footprints)), 2):
        if _same_conditions(view, one, other, footprints):
            if _are_same_outputs(view, one, other) or not _answers_severally(view):
                duplicates.append((one, other))
        elif view.table.hit_policy in ONE_ANSWER and _meet(footprints[one], footprints[other]):
            if view.table.hit_policy is HitPolicy.ANY and _are_same_outputs(view, one, other):
                continue
            overlaps.append((one, other))
    return [
        *told(duplicates, lambda pair: _duplicate(view, *pair)),
        *told(overlaps, lambda pair: _overlap(view, *pair, footprints)),
    ]


def _footprints(view: View) -> list[Footprint]:
    columns = []
    for axis in view.axes:
        let_pass = [0] * len(view.table.rules)
        for number, segment in enumerate(axis.segments):
            for rule in bits(segment.must):
                let_pass[rule] |= 1 << number
        columns.append(let_pass)
    return [tuple(column[rule] for column in columns) for rule in range(len(view.table.rules))]


def _meet(one: Footprint, other: Footprint) -> bool:
    return all(left & right for left, right in zip(one, other, strict=True))


def _same_conditions(view: View, one: int, other: int, footprints: list[Footprint]) -> bool:
    """Whether two rows fit the same values; of cells beyond literals, whether they read alike."""
    if footprints[one] != footprints[other]:
        return False
    rules = view.table.rules
    return all(
        (cells[one] is not None and cells[other] is not None and axis_tells)
        or rules[one].inputs[column].text == rules[other].inputs[column].text
        for column, cells in enumerate(view.cells)
        for axis_tells in [column not in view.mixed]
    )


def _answers_severally(view: View) -> bool:
    return view.table.hit_policy in SEVERAL_ANSWERS


def _are_same_outputs(view: View, one: int, other: int) -> bool:
    rules = view.table.rules
    return all(
        _read(left.text) == _read(right.text)
        for left, right in zip(rules[one].outputs, rules[other].outputs, strict=True)
    )


def _read(text: str) -> Any:
    is_literal, value = literal_of(text)
    return (type(value), value) if is_literal else text


def _duplicate(view: View, one: int, other: int) -> Finding:
    same = _are_same_outputs(view, one, other)
    is_conflict = view.table.hit_policy is HitPolicy.UNIQUE or (
        view.table.hit_policy is HitPolicy.ANY and not same
    )
    return Finding(
        kind=Kind.DUPLICATE,
        severity=Severity.ERROR if is_conflict else Severity.WARNING,
        element=view.owner,
        message="both rows have the same conditions"
        + (" and the same outputs" if same else " and different outputs"),
        cells=(view.place(one), view.place(other)),
    )


def _overlap(view: View, one: int, other: int, footprints: list[Footprint]) -> Finding:
    shared = (a & b for a, b in zip(footprints[one], footprints[other], strict=True))
    samples = [
        axis.segments[next(bits(common))].sample
        for axis, common in zip(view.axes, shared, strict=True)
    ]
    return Finding(
        kind=Kind.OVERLAP,
        severity=Severity.ERROR,
        element=view.owner,
        message=f"both rows fit the same values, which {view.table.hit_policy} forbids",
        cells=(*view.conditions(one), *view.conditions(other)),
        example=view.example(samples),
    )
