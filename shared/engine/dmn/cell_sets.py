"""What a cell made of literals accepts, as a set of values and intervals."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shared.engine.feel import syntax
from shared.engine.feel.ranges import CONVERSIONS
from shared.engine.feel.running import FeelError
from shared.engine.feel.temporal import Date, DaysDuration, MonthsDuration
from shared.engine.feel.values import NUMBERS, Range

if TYPE_CHECKING:
    from collections.abc import Iterator

ORDERED = frozenset({Decimal, Date, DaysDuration, MonthsDuration})
"""Kinds whose values all have an order; times are left out, since a zone may forbid it."""
INDEXED = ORDERED | {str, bool}


class NotLiteralError(Exception):
    """The cell is more than literals."""


@dataclass(frozen=True, slots=True)
class CellSet:
    """The values that a cell accepts.

    Attributes:
        values: single values.
        spans: intervals.
        negated: it accepts all but those.
        any: it accepts everything.
    """

    values: tuple[Any, ...] = ()
    spans: tuple[Range, ...] = ()
    negated: bool = False
    any: bool = False

    @property
    def accepts_other(self) -> bool:
        """Whether a value that no cell of the column mentions is accepted."""
        return self.any or self.negated

    @property
    def points(self) -> Iterator[Any]:
        """The values where acceptance may change."""
        yield from self.values
        for span in self.spans:
            if span.start is not None:
                yield span.start
            if span.end is not None:
                yield span.end

    @property
    def kinds(self) -> set[type]:
        """The classes of the values."""
        return {type(point) for point in self.points}


def cell_set(node: syntax.UnaryTests) -> CellSet | None:
    """What a cell accepts; None where it is more than literals that can be indexed."""
    if node.any:
        return CellSet(any=True)
    values: list[Any] = []
    spans: list[Range] = []
    try:
        for test in node.tests:
            found = _accepted(test)
            if isinstance(found, Range):
                spans.append(found)
            else:
                values.append(found)
    except NotLiteralError:
        return None
    made = CellSet(tuple(values), tuple(spans), node.negated)
    kinds = made.kinds
    if len(kinds) != 1 or not kinds <= INDEXED or (spans and not kinds <= ORDERED):
        return None
    return made


def constant(node: syntax.Node) -> Any:
    """The value of a literal, a negative number, or a date or duration of a literal text.

    Raises:
        NotLiteralError: it is something else.
    """
    if isinstance(node, syntax.Literal) and node.value is not None:
        return node.value
    if isinstance(node, syntax.Negation):
        value = constant(node.operand)
        if type(value) is Decimal:
            return NUMBERS.minus(value)
    if isinstance(node, syntax.Call) and isinstance(node.function, syntax.Name):
        convert = CONVERSIONS.get(node.function.name)
        if convert is not None and len(node.arguments) == 1 and node.names is None:
            argument = constant(node.arguments[0])
            if type(argument) is str:
                try:
                    return convert(argument)
                except FeelError as error:
                    raise NotLiteralError from error
    raise NotLiteralError


def _accepted(node: syntax.Node) -> Any:
    if isinstance(node, syntax.Test):
        return _of_test(node.operator, constant(node.operand))
    if isinstance(node, syntax.RangeLiteral):
        start, end = constant(node.start), constant(node.end)
        if type(start) is not type(end) or type(start) not in ORDERED or start > end:
            raise NotLiteralError
        return Range(start, end, node.start_included, node.end_included)
    return constant(node)


def _of_test(operator: str, value: Any) -> Any:
    match operator:
        case "=":
            return value
        case "<" | "<=":
            return Range(None, value, start_included=False, end_included=operator == "<=")
        case ">" | ">=":
            return Range(value, None, start_included=operator == ">=", end_included=False)
        case _:
            raise NotLiteralError
