"""Ranges: made from their ends, read from a text, and walked through."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shared.engine.feel.arithmetic import negate
from shared.engine.feel.compare import check_ordered
from shared.engine.feel.lexer import Names
from shared.engine.feel.running import FeelError
from shared.engine.feel.syntax import Call, Literal, Name, Negation, Node, RangeLiteral
from shared.engine.feel.temporal import (
    Date,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from shared.engine.feel.values import Range
from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.engine.feel.running import Run

CONVERSIONS: dict[str, Callable[[str], Any]] = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "duration": parse_duration,
}


def make_range(start: Any, end: Any, *, start_included: bool, end_included: bool) -> Range:
    """The range between two ends.

    Raises:
        FeelError: an end is null, the ends have no order, or stand in the wrong one.
    """
    if start is None or end is None:
        raise FeelError("an end of a range is null")
    check_ordered(start, end)
    if start > end:
        raise FeelError("a range starts after its end")
    return Range(start, end, start_included, end_included)


def range_from_text(text: str) -> Range:
    """The range of its text, whose ends are literals, such as "[1..10)".

    Raises:
        FeelError: it is none.
    """
    from shared.engine.feel.parser import parse_expression  # noqa: PLC0415 - the parser's literals need this file's neighbours

    try:
        node = parse_expression(text, Names(CONVERSIONS))
    except ModelError as error:
        raise FeelError("this text is no range") from error
    if not isinstance(node, RangeLiteral):
        raise FeelError("this text is no range")
    start, end = _constant(node.start), _constant(node.end)
    if start is None or end is None:
        return half_range(node, start, end)
    return make_range(
        start, end, start_included=node.start_included, end_included=node.end_included
    )


def half_range(node: RangeLiteral, start: Any, end: Any) -> Range:
    """The range of a text with one end at infinity, which is written null and not included.

    Raises:
        FeelError: both ends are, or the infinite one is included.
    """
    known = end if start is None else start
    if (start is None and node.start_included) or (end is None and node.end_included):
        raise FeelError("an end at infinity is not included")
    check_ordered(known, known)
    return Range(start, end, node.start_included, node.end_included)


def walk_through(start: Any, end: Any, run: Run) -> list[Any]:
    """Whole numbers or dates from start to end, both included, upwards or downwards.

    Raises:
        FeelError: these ends cannot be walked between.
        LimitExceeded: there are too many.
    """
    if type(start) is Date and type(end) is Date:
        return [Date.from_number(number) for number in _steps(start.number, end.number, run)]
    if type(start) is not Decimal or type(end) is not Decimal:
        raise FeelError("only whole numbers and dates can be walked through")
    if start != int(start) or end != int(end):
        raise FeelError("only whole numbers and dates can be walked through")
    return [Decimal(number) for number in _steps(int(start), int(end), run)]


def members(area: Range, run: Run) -> list[Any]:
    """The whole numbers or dates in a range, upwards.

    Raises:
        FeelError: the range cannot be walked through.
        LimitExceeded: there are too many.
    """
    found = walk_through(area.start, area.end, run)
    if not area.start_included:
        found = found[1:]
    return found if area.end_included else found[:-1]


def _steps(start: int, end: int, run: Run) -> range:
    run.spend(min(abs(end - start) + 1, 1 << 62))
    return range(start, end + 1) if start <= end else range(start, end - 1, -1)


def _constant(node: Node) -> Any:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Negation) and isinstance(node.operand, Literal):
        return negate(node.operand.value)
    if isinstance(node, Call) and isinstance(node.function, Name) and len(node.arguments) == 1:
        convert = CONVERSIONS.get(node.function.name)
        argument = node.arguments[0]
        if convert and isinstance(argument, Literal) and type(argument.value) is str:
            return convert(argument.value)
    raise FeelError("the ends of a range in a text are literals")
