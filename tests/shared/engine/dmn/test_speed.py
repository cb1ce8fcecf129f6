"""Speed where it is a promise, in processor time, which a busy machine stretches less."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING

from shared.engine.dmn import Model, compile_model
from tests.shared.engine.dmn.samples import table_model

if TYPE_CHECKING:
    from collections.abc import Callable

CASE = {"code": "c7", "age": 42, "cost": 70, "urgent": True}


def rows(count: int) -> list[list[str]]:
    return [
        [f'"c{index}"', f"[{index % 90}..100]", f">= {index * 10}", "-", f'"r{index}"']
        for index in range(count)
    ]


def seconds(act: Callable[[], object], times: int) -> float:
    """The least time of one call, over a few rounds."""
    best = float("inf")
    for _ in range(5):
        start = process_time()
        for _ in range(times):
            act()
        best = min(best, (process_time() - start) / times)
    return best


def sample(count: int) -> Model:
    return compile_model(table_model([*CASE], rows(count), hit_policy="FIRST"))


def test_a_table_of_100_rows_compiles_in_50_milliseconds() -> None:
    xml = table_model([*CASE], rows(100), hit_policy="FIRST")
    assert seconds(lambda: compile_model(xml), 1) < 0.05


def test_a_table_of_1000_rows_costs_hardly_more_than_one_of_10() -> None:
    small, large = sample(10), sample(1000)
    assert large.evaluate("D", CASE).value == "r7"
    cost = seconds(lambda: large.evaluate("D", CASE), 200)
    assert cost < 0.002
    assert cost < 10 * seconds(lambda: small.evaluate("D", CASE), 200)
