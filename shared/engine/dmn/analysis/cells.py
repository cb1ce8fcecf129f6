"""What the texts of cells say, as far as they are literals: the ground that analysis stands on."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from shared.engine.dmn.cell_sets import ORDERED, CellSet, NotLiteralError, constant
from shared.engine.feel import syntax
from shared.engine.feel.expression import BUILT_IN_NAMES
from shared.engine.feel.lexer import Names
from shared.engine.feel.parser import parse_expression, parse_unary_tests
from shared.engine.feel.values import Range
from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

SORTED = ORDERED | {str}
"""Kinds whose values analysis puts in order; the index of a column leaves texts out."""
ENDS: dict[str, Callable[[Any], Range]] = {
    "<": lambda end: Range(None, end, start_included=False, end_included=False),
    "<=": lambda end: Range(None, end, start_included=False, end_included=True),
    ">": lambda start: Range(start, None, start_included=False, end_included=False),
    ">=": lambda start: Range(start, None, start_included=True, end_included=False),
}
REMEMBERED_MAX = 20_000


@lru_cache(REMEMBERED_MAX)
def accepted_by(text: str) -> CellSet | None:
    """The values that a cell accepts; None where it is more than literals, or no FEEL.

    Unlike the index of a column, intervals of texts count, and kinds may mix.
    """
    try:
        tree = parse_unary_tests(text or "-", Names(outer=BUILT_IN_NAMES))
        if tree.any:
            return CellSet(any=True)
        found = [_accepted(test) for test in tree.tests]
    except (NotLiteralError, ModelError, RecursionError):
        return None
    return CellSet(
        values=tuple(one for one in found if not isinstance(one, Range)),
        spans=tuple(one for one in found if isinstance(one, Range)),
        negated=tree.negated,
    )


@lru_cache(REMEMBERED_MAX)
def literal_of(text: str) -> tuple[bool, Any]:
    """Whether an output cell is a literal, and its value."""
    try:
        return True, constant(parse_expression(text, Names(outer=BUILT_IN_NAMES)))
    except (NotLiteralError, ModelError, RecursionError):
        return False, None


def _accepted(node: syntax.Node) -> Any:
    if isinstance(node, syntax.Test):
        value = constant(node.operand)
        if node.operator == "=":
            return value
        if node.operator not in ENDS or type(value) not in SORTED:
            raise NotLiteralError
        return ENDS[node.operator](value)
    if isinstance(node, syntax.RangeLiteral):
        start, end = constant(node.start), constant(node.end)
        if type(start) is not type(end) or type(start) not in SORTED or start > end:
            raise NotLiteralError
        return Range(start, end, node.start_included, node.end_included)
    return constant(node)
