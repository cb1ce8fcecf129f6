"""The built-in functions on arrays, numbers and values of any type; the table of all of them."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localhost.cosmos_gateway.keys import encode

from . import dates, strings
from .values import EXACT_MAX, UNDEFINED, is_equal, is_number

_FINITE_MAX = 1.7976931348623157e308


@dataclass(frozen=True, slots=True)
class Function:
    """A built-in function.

    Attributes:
        call: the function; an argument may be UNDEFINED only where `takes_undefined`.
        least: how many arguments it needs.
        most: how many it takes.
    """

    call: Callable[..., Any]
    least: int
    most: int
    takes_undefined: bool = False


def number(value: float) -> Any:
    """A number as Cosmos DB keeps it: exact up to 2^53, a double beyond, undefined if infinite."""
    if isinstance(value, int):
        if abs(value) <= EXACT_MAX:
            return value
        value = float(value) if abs(value) < _FINITE_MAX else math.inf
    return value if math.isfinite(value) else UNDEFINED


def array_contains(items: Any, wanted: Any, partly: Any = False) -> Any:  # noqa: FBT002 - the order is Cosmos DB's
    """ARRAY_CONTAINS(items, wanted, partly): with partly, an object matches one that has more."""
    if not isinstance(items, list):
        return UNDEFINED
    if partly is True and isinstance(wanted, dict):
        return any(_has_parts(item, wanted) for item in items)
    if isinstance(wanted, str):
        return wanted in items
    key = encode(wanted)
    return any(encode(item) == key for item in items)


def _has_parts(item: Any, wanted: dict[str, Any]) -> bool:
    if not isinstance(item, dict):
        return False
    for name, value in wanted.items():
        if name not in item:
            return False
        if isinstance(value, dict):
            if not _has_parts(item[name], value):
                return False
        elif is_equal(item[name], value) is not True:
            return False
    return True


def _numeric(function: Callable[..., float]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        if not all(is_number(argument) for argument in arguments):
            return UNDEFINED
        try:
            return number(function(*arguments))
        except (ValueError, OverflowError, ZeroDivisionError, TypeError):
            return UNDEFINED

    return call


def _rounded(value: float) -> float:
    """Halves go away from zero, as in Cosmos DB and not as in Python."""
    return math.copysign(math.floor(abs(value) + 0.5), value) if isinstance(value, float) else value


def _whole(value: float) -> float:
    return int(value) if float(value).is_integer() else value


def _on_arrays(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        if not all(isinstance(argument, list) for argument in arguments):
            return UNDEFINED
        return function(*arguments)

    return call


def _concatenated(*lists: list[Any]) -> Any:
    if sum(map(len, lists)) > strings.RESULT_LENGTH_MAX:
        return UNDEFINED
    return [item for items in lists for item in items]


def _slice(items: Any, start: Any, length: Any = None) -> Any:
    if not isinstance(items, list) or not is_number(start):
        return UNDEFINED
    if length is not None and not is_number(length):
        return UNDEFINED
    first = int(start) if start >= 0 else max(0, len(items) + int(start))
    return items[first:] if length is None else items[first : first + max(0, int(length))]


def _intersection(left: list[Any], right: list[Any]) -> list[Any]:
    held = {encode(item) for item in right}
    return [item for item in _distinct(left) if encode(item) in held]


def _distinct(items: list[Any]) -> list[Any]:
    return list({encode(item): item for item in reversed(items)}.values())[::-1]


def _any_of(items: Any, *wanted: Any) -> Any:
    if not isinstance(items, list):
        return UNDEFINED
    return any(array_contains(items, one) for one in wanted)


def _all_of(items: Any, *wanted: Any) -> Any:
    if not isinstance(items, list):
        return UNDEFINED
    return all(array_contains(items, one) for one in wanted)


def _choose(position: Any, *choices: Any) -> Any:
    if not is_number(position) or not 1 <= position <= len(choices):
        return UNDEFINED
    return choices[int(position) - 1]


def _pairs(value: Any, key_name: Any = "k", value_name: Any = "v") -> Any:
    if not isinstance(value, dict) or not isinstance(key_name, str):
        return UNDEFINED
    if not isinstance(value_name, str):
        return UNDEFINED
    return [{key_name: name, value_name: item} for name, item in value.items()]


def _to_string(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _is_integer(value: Any) -> bool:
    return is_number(value) and math.isfinite(value) and float(value).is_integer()


def _is_primitive(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int | float)


_MANY = 1000

FUNCTIONS: dict[str, Function] = {
    "IS_DEFINED": Function(lambda v: v is not UNDEFINED, 1, 1, takes_undefined=True),
    "IS_NULL": Function(lambda v: v is None, 1, 1, takes_undefined=True),
    "IS_STRING": Function(lambda v: isinstance(v, str), 1, 1, takes_undefined=True),
    "IS_NUMBER": Function(is_number, 1, 1, takes_undefined=True),
    "IS_FINITE_NUMBER": Function(
        lambda v: is_number(v) and math.isfinite(v), 1, 1, takes_undefined=True
    ),
    "IS_INTEGER": Function(_is_integer, 1, 1, takes_undefined=True),
    "IS_BOOL": Function(lambda v: isinstance(v, bool), 1, 1, takes_undefined=True),
    "IS_ARRAY": Function(lambda v: isinstance(v, list), 1, 1, takes_undefined=True),
    "IS_OBJECT": Function(lambda v: isinstance(v, dict), 1, 1, takes_undefined=True),
    "IS_PRIMITIVE": Function(_is_primitive, 1, 1, takes_undefined=True),
    "IIF": Function(lambda test, a, b: a if test is True else b, 3, 3, takes_undefined=True),
    "ARRAY_CONTAINS": Function(array_contains, 2, 3),
    "ARRAY_CONTAINS_ANY": Function(_any_of, 2, _MANY),
    "ARRAY_CONTAINS_ALL": Function(_all_of, 2, _MANY),
    "ARRAY_LENGTH": Function(_on_arrays(len), 1, 1),
    "ARRAY_CONCAT": Function(_on_arrays(_concatenated), 2, _MANY),
    "ARRAY_SLICE": Function(_slice, 2, 3),
    "SETINTERSECT": Function(_on_arrays(_intersection), 2, 2),
    "SETUNION": Function(_on_arrays(lambda a, b: _distinct(a + b)), 2, 2),
    "OBJECTTOARRAY": Function(_pairs, 1, 3),
    "CHOOSE": Function(_choose, 2, _MANY),
    "TOSTRING": Function(_to_string, 1, 1),
    "ABS": Function(_numeric(abs), 1, 1),
    "CEILING": Function(_numeric(math.ceil), 1, 1),
    "FLOOR": Function(_numeric(math.floor), 1, 1),
    "ROUND": Function(_numeric(lambda v: _whole(_rounded(v))), 1, 1),
    "TRUNC": Function(_numeric(math.trunc), 1, 1),
    "SIGN": Function(_numeric(lambda v: (v > 0) - (v < 0)), 1, 1),
    "SQRT": Function(_numeric(lambda v: _whole(math.sqrt(v))), 1, 1),
    "SQUARE": Function(_numeric(lambda v: float(v) * v if isinstance(v, float) else v * v), 1, 1),
    "POWER": Function(_numeric(lambda v, n: _whole(math.pow(v, n))), 2, 2),
    "EXP": Function(_numeric(math.exp), 1, 1),
    "LOG": Function(_numeric(math.log), 1, 2),
    "LOG10": Function(_numeric(math.log10), 1, 1),
    "PI": Function(lambda: math.pi, 0, 0),
    **{name: Function(*row) for name, row in strings.FUNCTIONS.items()},
    **{name: Function(*row) for name, row in dates.FUNCTIONS.items()},
}
