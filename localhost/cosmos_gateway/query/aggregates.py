"""COUNT, SUM, MIN, MAX, AVG and COUNTIF over the values of a group."""

from collections.abc import Callable, Iterable
from typing import Any

from localhost.cosmos_gateway.keys import encode

from .functions import number
from .syntax import Expression, QueryError
from .values import UNDEFINED, is_number

type Aggregate = Callable[[Iterable[Any]], Any]


def compile_aggregate(
    name: str, arguments: tuple[Expression, ...], position: int
) -> Aggregate | None:
    """The aggregate of a name; None where the name is not an aggregate's."""
    aggregate = _AGGREGATES.get(name)
    if aggregate is not None and len(arguments) != 1:
        raise QueryError(f"{name} takes one argument.", position=position)
    return aggregate


def _count(values: Iterable[Any]) -> Any:
    return sum(1 for value in values if value is not UNDEFINED)


def _count_if(values: Iterable[Any]) -> Any:
    return sum(1 for value in values if value is True)


def _sum(values: Iterable[Any]) -> Any:
    defined = [value for value in values if value is not UNDEFINED]
    return number(sum(defined)) if all(map(is_number, defined)) else UNDEFINED


def _average(values: Iterable[Any]) -> Any:
    defined = [value for value in values if value is not UNDEFINED]
    total = _sum(defined)
    if not defined or total is UNDEFINED:
        return UNDEFINED
    mean = total / len(defined)
    return int(mean) if mean.is_integer() else mean


def _least(values: Iterable[Any]) -> Any:
    defined = [value for value in values if value is not UNDEFINED]
    return min(defined, key=encode) if defined else UNDEFINED


def _greatest(values: Iterable[Any]) -> Any:
    defined = [value for value in values if value is not UNDEFINED]
    return max(defined, key=encode) if defined else UNDEFINED


_AGGREGATES: dict[str, Aggregate] = {
    "COUNT": _count,
    "COUNTIF": _count_if,
    "SUM": _sum,
    "AVG": _average,
    "MIN": _least,
    "MAX": _greatest,
}
