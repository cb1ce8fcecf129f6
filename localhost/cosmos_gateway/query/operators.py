"""What the operators between two values do."""

from collections.abc import Callable
from typing import Any

from .functions import number
from .strings import concatenated
from .values import UNDEFINED, Undefined, is_equal, is_number, order


def is_different(left: Any, right: Any) -> bool | Undefined:
    """Left != right; undefined where one of them is."""
    same = is_equal(left, right)
    return not same if isinstance(same, bool) else UNDEFINED


def first_defined(left: Any, right: Any) -> Any:
    """Left ?? right."""
    return right if left is UNDEFINED else left


def _ordered(test: Callable[[int], bool]) -> Callable[[Any, Any], Any]:
    def compare(left: Any, right: Any) -> Any:
        found = order(left, right)
        return test(found) if isinstance(found, int) else UNDEFINED

    return compare


def _numeric(calculate: Callable[[Any, Any], float]) -> Callable[[Any, Any], Any]:
    def operate(left: Any, right: Any) -> Any:
        if not is_number(left) or not is_number(right):
            return UNDEFINED
        try:
            return number(calculate(left, right))
        except (OverflowError, ValueError, ZeroDivisionError):
            return UNDEFINED

    return operate


def _quotient(left: float, right: float) -> float:
    quotient = left / right
    return int(quotient) if quotient.is_integer() else quotient


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": is_equal,
    "!=": is_different,
    "<": _ordered(lambda found: found < 0),
    "<=": _ordered(lambda found: found <= 0),
    ">": _ordered(lambda found: found > 0),
    ">=": _ordered(lambda found: found >= 0),
    "??": first_defined,
    "||": concatenated,
    "+": _numeric(lambda left, right: left + right),
    "-": _numeric(lambda left, right: left - right),
    "*": _numeric(lambda left, right: left * right),
    "/": _numeric(_quotient),
    "%": _numeric(lambda left, right: left - right * int(left / right)),
}
