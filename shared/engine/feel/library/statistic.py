"""List built-ins that sum up numbers.

Source:
    DMN 1.5, 10.3.4.4.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import reduce
from typing import Any

from shared.engine.feel.library.registry import built_in
from shared.engine.feel.running import FeelError
from shared.engine.feel.values import NUMBERS

SAMPLE_MIN = 2


@built_in("sum(list: list)", "sum(n...: any)")
def _sum(items: list[Any]) -> Decimal:
    return reduce(NUMBERS.add, _numbers(items))


@built_in("mean(list: list)", "mean(n...: any)")
def _mean(items: list[Any]) -> Decimal:
    return _mean_of(_numbers(items))


@built_in("product(list: list)", "product(n...: any)")
def _product(items: list[Any]) -> Decimal:
    return reduce(NUMBERS.multiply, _numbers(items))


@built_in("median(list: list)", "median(n...: any)")
def _median(items: list[Any]) -> Decimal:
    numbers = sorted(_numbers(items))
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return NUMBERS.divide(NUMBERS.add(numbers[middle - 1], numbers[middle]), Decimal(2))


@built_in("stddev(list: list)", "stddev(n...: any)")
def _stddev(items: list[Any]) -> Decimal:
    numbers = _numbers(items)
    if len(numbers) < SAMPLE_MIN:
        raise FeelError("a sample has at least two numbers")
    mean = _mean_of(numbers)
    squares = (NUMBERS.power(NUMBERS.subtract(number, mean), Decimal(2)) for number in numbers)
    variance = NUMBERS.divide(reduce(NUMBERS.add, squares), Decimal(len(numbers) - 1))
    return NUMBERS.sqrt(variance)


@built_in("mode(list: list)", "mode(n...: any)")
def _mode(items: list[Any]) -> list[Decimal]:
    if not items:
        return []
    counts = Counter(_numbers(items))
    most = max(counts.values())
    return sorted(number for number, count in counts.items() if count == most)


def _mean_of(numbers: list[Decimal]) -> Decimal:
    return NUMBERS.divide(reduce(NUMBERS.add, numbers), Decimal(len(numbers)))


def _numbers(items: list[Any]) -> list[Decimal]:
    if not items:
        raise FeelError("the list is empty")
    if any(type(item) is not Decimal for item in items):
        raise FeelError("an item is no number")
    return items
