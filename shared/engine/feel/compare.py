"""Equality, order and membership of FEEL values.

Each answers True or False, or raises FeelError where the standard says null.

Source:
    DMN 1.5, tables 52 to 55 (equality, order, unary tests).
"""

from __future__ import annotations

from decimal import Decimal
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any

from shared.engine.feel.running import FeelError, check_size
from shared.engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from shared.engine.feel.values import Range

if TYPE_CHECKING:
    from collections.abc import Callable

ORDERED = frozenset({Decimal, str, Date, Time, DateTime, DaysDuration, MonthsDuration})
ZONED = frozenset({Time, DateTime})
KIND_NAMES: dict[type, str] = {
    type(None): "null",
    Decimal: "number",
    str: "string",
    bool: "boolean",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DaysDuration: "days and time duration",
    MonthsDuration: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
}
ORDERS: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


def kind_name(value: object) -> str:
    """The FEEL name of a value's kind, for messages."""
    return KIND_NAMES.get(type(value), "function")


def equal(left: Any, right: Any) -> bool:
    """Whether two values are equal.

    Raises:
        FeelError: they are of different kinds, which the standard answers with null.
    """
    if left is None or right is None:
        return left is right
    kind = type(left)
    if kind is not type(right):
        raise FeelError(f"a {kind_name(left)} cannot be compared with a {kind_name(right)}")
    if kind is list or kind is dict:
        check_size(left)
        return _same_parts(left, right)
    return bool(left == right)


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal, where values of different kinds are simply not."""
    try:
        return equal(left, right)
    except FeelError:
        return False


def _same_parts(left: Any, right: Any) -> bool:
    if left is None or right is None or type(left) is not type(right):
        return left is right
    if type(left) is list:
        return len(left) == len(right) and all(map(_same_parts, left, right))
    if type(left) is dict:
        return left.keys() == right.keys() and all(
            _same_parts(left[key], right[key]) for key in left
        )
    return bool(left == right)


def check_ordered(left: Any, right: Any) -> None:
    """Make sure that two values have an order.

    Raises:
        FeelError: they have none.
    """
    kind = type(left)
    if kind is not type(right) or kind not in ORDERED:
        raise FeelError(f"a {kind_name(left)} and a {kind_name(right)} have no order")
    if kind in ZONED and (left.zone is None) != (right.zone is None):
        raise FeelError("a local time and a time with a zone have no order")


def compare(operator: str, left: Any, right: Any) -> bool:
    """Whether left stands in that order (<, <=, > or >=) to right.

    Raises:
        FeelError: the values have no order.
    """
    check_ordered(left, right)
    return ORDERS[operator](left, right)


def contains(area: Range, value: Any) -> bool:
    """Whether a value lies in a range.

    Raises:
        FeelError: the value has no order with an end of the range.
    """
    if area.operator:
        return equal(value, area.start) is (area.operator == "=")
    if area.start is None and area.end is None:
        raise FeelError("a range needs an end")
    if area.start is not None and not compare(
        ">=" if area.start_included else ">", value, area.start
    ):
        return False
    return area.end is None or compare("<=" if area.end_included else "<", value, area.end)


def passes(value: Any, test: Any) -> bool:
    """Whether a value passes a test that was evaluated to a value: "value in test".

    Raises:
        FeelError: the value cannot be compared with the test.
    """
    kind = type(test)
    if kind is Range:
        if type(value) is Range:
            return equal(value, test)
        return contains(test, value)
    if kind is list:
        return _passes_any(value, test)
    return equal(value, test)


def _passes_any(value: Any, tests: list[Any]) -> bool:
    if type(value) is list and same(value, tests):
        return True
    for test in tests:
        try:
            if type(test) is list:
                if same(value, test):
                    return True
            elif passes(value, test):
                return True
        except FeelError:
            continue
    return False
