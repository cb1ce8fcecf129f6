"""The built-in functions on strings."""

from collections.abc import Callable
from typing import Any

from localhost.cosmos_gateway import strict_json

from .values import UNDEFINED, is_number

RESULT_LENGTH_MAX = 1_000_000
_MANY = 1000


def _one(function: Callable[[str], Any]) -> Callable[..., Any]:
    return lambda value: function(value) if isinstance(value, str) else UNDEFINED


def _two(function: Callable[[str, str], Any]) -> Callable[..., Any]:
    """A test of two strings; a third argument, true, ignores case."""

    def call(left: Any, right: Any, ignores_case: Any = False) -> Any:  # noqa: FBT002 - Cosmos DB's order
        if not isinstance(left, str) or not isinstance(right, str):
            return UNDEFINED
        if ignores_case is True:
            return function(left.lower(), right.lower())
        return function(left, right)

    return call


def concatenated(*parts: Any) -> Any:
    """The strings one after another; undefined where one is no string."""
    if not all(isinstance(part, str) for part in parts):
        return UNDEFINED
    return "".join(parts) if sum(map(len, parts)) <= RESULT_LENGTH_MAX else UNDEFINED


def _left(text: Any, length: Any) -> Any:
    if not isinstance(text, str) or not is_number(length):
        return UNDEFINED
    return text[: max(0, int(length))]


def _right(text: Any, length: Any) -> Any:
    if not isinstance(text, str) or not is_number(length):
        return UNDEFINED
    return text[max(0, len(text) - max(0, int(length))) :]


def _substring(text: Any, start: Any, length: Any) -> Any:
    if not isinstance(text, str) or not is_number(start) or not is_number(length):
        return UNDEFINED
    first = max(0, int(start))
    return text[first : first + max(0, int(length))]


def _index_of(text: Any, part: Any, start: Any = 0) -> Any:
    if not isinstance(text, str) or not isinstance(part, str) or not is_number(start):
        return UNDEFINED
    return text.find(part, max(0, int(start)))


def _replaced(text: Any, old: Any, new: Any) -> Any:
    if not all(isinstance(part, str) for part in (text, old, new)):
        return UNDEFINED
    if not old:
        return text
    if len(text) + len(new) * text.count(old) > RESULT_LENGTH_MAX:
        return UNDEFINED
    return text.replace(old, new)


def _replicated(text: Any, times: Any) -> Any:
    if not isinstance(text, str) or not is_number(times) or times < 0:
        return UNDEFINED
    if len(text) * times > RESULT_LENGTH_MAX:
        return UNDEFINED
    return text * int(times) if text else text


def _split(text: Any, separator: Any) -> Any:
    if not isinstance(text, str) or not isinstance(separator, str):
        return UNDEFINED
    return text.split(separator) if separator else [text]


def _joined(items: Any, separator: Any) -> Any:
    if not isinstance(items, list) or not isinstance(separator, str):
        return UNDEFINED
    if not all(isinstance(item, str) for item in items):
        return UNDEFINED
    if len(separator) * len(items) + sum(map(len, items)) > RESULT_LENGTH_MAX:
        return UNDEFINED
    return separator.join(items)


def _parsed(kind: type | tuple[type, ...]) -> Callable[[Any], Any]:
    """Reads the JSON in a string; undefined where it is another type of value."""

    def call(text: Any) -> Any:
        if not isinstance(text, str):
            return UNDEFINED
        try:
            value = strict_json.decode(text.strip())
        except (ValueError, RecursionError):
            return UNDEFINED
        if isinstance(value, bool) and kind is not bool:
            return UNDEFINED
        return value if isinstance(value, kind) else UNDEFINED

    return call


FUNCTIONS: dict[str, tuple[Callable[..., Any], int, int]] = {
    "CONCAT": (concatenated, 2, _MANY),
    "CONTAINS": (_two(lambda text, part: part in text), 2, 3),
    "ENDSWITH": (_two(str.endswith), 2, 3),
    "STARTSWITH": (_two(str.startswith), 2, 3),
    "STRINGEQUALS": (_two(str.__eq__), 2, 3),
    "INDEX_OF": (_index_of, 2, 3),
    "LEFT": (_left, 2, 2),
    "RIGHT": (_right, 2, 2),
    "SUBSTRING": (_substring, 3, 3),
    "LENGTH": (_one(len), 1, 1),
    "LOWER": (_one(str.lower), 1, 1),
    "UPPER": (_one(str.upper), 1, 1),
    "TRIM": (_one(str.strip), 1, 1),
    "LTRIM": (_one(str.lstrip), 1, 1),
    "RTRIM": (_one(str.rstrip), 1, 1),
    "REVERSE": (_one(lambda text: text[::-1]), 1, 1),
    "REPLACE": (_replaced, 3, 3),
    "REPLICATE": (_replicated, 2, 2),
    "STRINGSPLIT": (_split, 2, 2),
    "STRINGJOIN": (_joined, 2, 2),
    "STRINGTOARRAY": (_parsed(list), 1, 1),
    "STRINGTOBOOLEAN": (_parsed(bool), 1, 1),
    "STRINGTONULL": (_parsed(type(None)), 1, 1),
    "STRINGTONUMBER": (_parsed((int, float)), 1, 1),
    "STRINGTOOBJECT": (_parsed(dict), 1, 1),
}
