"""What Cosmos DB means by equal, less and undefined."""

from enum import Enum
from typing import Any, Final

from localhost.cosmos_gateway.keys import encode


class Undefined(Enum):
    """The value of a property that is not there; distinct from null."""

    UNDEFINED = "undefined"

    def __bool__(self) -> bool:
        return False


UNDEFINED: Final = Undefined.UNDEFINED
EXACT_MAX = 2**53


def is_number(value: Any) -> bool:
    """Whether a value is a JSON number."""
    kind = type(value)
    return kind is int or kind is float


def is_equal(left: Any, right: Any) -> bool | Undefined:
    """Whether two values are the same; undefined where one of them is.

    Values of different types are not the same, so that `c.x != null` keeps every other value.

    Source:
        azure-cosmos-dotnet-v3, the ScalarExpressionEvaluator that its tests hold against the
        service, and what users report of it (azure-sdk-for-net issue 38590). The table in
        "Equality and comparison operators" says undefined.
    """
    kind = type(left)
    if kind is str and type(right) is str:
        return bool(left == right)
    if is_number(left) and is_number(right) and _are_exact(left, right):
        return bool(left == right)
    left_key, right_key = encode(left), encode(right)
    return left_key == right_key if left_key and right_key else UNDEFINED


def order(left: Any, right: Any) -> int | Undefined:
    """Below, at or above 0 as left sorts before, with or after right.

    Undefined where the types differ, and for arrays and objects, which have no order.
    """
    if (type(left) is str and type(right) is str) or (
        is_number(left) and is_number(right) and _are_exact(left, right)
    ):
        return int(left > right) - int(left < right)
    left_key, right_key = encode(left), encode(right)
    if not left_key or not right_key or not _same_type(left_key[0], right_key[0]):
        return UNDEFINED
    if isinstance(left, list | dict):
        return UNDEFINED
    return (left_key > right_key) - (left_key < right_key)


def _are_exact(left: float, right: float) -> bool:
    """Whether doubles tell two numbers apart as Python does."""
    return -EXACT_MAX <= left <= EXACT_MAX and -EXACT_MAX <= right <= EXACT_MAX


def _same_type(left_tag: int, right_tag: int) -> bool:
    booleans = (2, 3)
    return left_tag == right_tag or (left_tag in booleans and right_tag in booleans)
