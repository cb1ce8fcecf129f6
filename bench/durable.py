"""Workflows on the local host: how many a second, how soon, how small while they wait."""

from __future__ import annotations

import statistics
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from bench.driver import Driven, Driver, Order
from bench.running_host import RunningHost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.results import Figure, Figures
    from bench.running_host import Durability

RATED = ("seq3", "fan10", "seq10")
UNIT = "workflows/s"
SETTLE_SECONDS = 3.0
CALLERS_OF_MANY = 200


@dataclass(frozen=True)
class Options:
    """How to measure.

    Attributes:
        count: workflows in a round; rounds: their number, of which the median counts.
        warm_up: workflows before the first round.
        waiting: instances that wait at once.
        fast: workflows beside them, and single steps.
        idle_seconds: how long a host is left alone.
    """

    durability: Durability = "normal"
    workers: int = 1
    concurrent: int = 50
    count: int = 500
    rounds: int = 3
    warm_up: int = 100
    waiting: int = 10_000
    fast: int = 500
    idle_seconds: float = 60.0

    @classmethod
    def quick(cls, durability: Durability, workers: int) -> Self:
        """Just enough to see that everything works; the figures mean nothing."""
        return cls(
            durability,
            workers,
            count=30,
            rounds=1,
            warm_up=5,
            waiting=200,
            fast=50,
            idle_seconds=2.0,
        )


@contextmanager
def driven_host(options: Options) -> Iterator[tuple[RunningHost, Driver]]:
    """A host with the bench's application and a client that drives it."""
    with ExitStack() as parts:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix="careloom-bench-")))
        host = parts.enter_context(
            RunningHost(folder, durability=options.durability, workers=options.workers)
        )
        yield host, parts.enter_context(Driver(host.hub_address))


def rates(names: list[str], options: Options) -> Figures:
    """Workflows per second of the named workloads, medians of the rounds."""
    figures = {}
    with driven_host(options) as (host, driver):
        for name in names:
            driver.drive(Order("run", name, options.warm_up, options.concurrent))
            rounds = [_round(host, driver, name, options) for _ in range(options.rounds)]
            figures[name] = median_of(rounds)
    return figures


def median_of(rounds: list[Figure]) -> Figure:
    """One figure of several rounds: the middle one, with the least and the highest value."""
    values = sorted(each["value"] for each in rounds)
    middle = statistics.median_low(values)
    chosen = next(each for each in rounds if each["value"] == middle)
    return chosen | {"spread": [values[0], values[-1]]}


def step(options: Options) -> Figures:
    """How soon a workflow of one step is done, alone on the host."""
    with driven_host(options) as (_, driver):
        driver.drive(Order("run", "step", options.warm_up, 1))
        driven = driver.drive(Order("run", "step", options.fast, 1))
    percentiles = statistics.quantiles(driven.latencies_ms, n=100, method="inclusive")
    return {
        "step_p50_ms": {"value": round(percentiles[49], 2), "unit": "ms"},
        "step_p99_ms": {"value": round(percentiles[98], 2), "unit": "ms"},
    }


def fan1000(options: Options) -> Figures:
    """How long a thousand parallel steps take."""
    with driven_host(options) as (_, driver):
        driver.drive(Order("run", "step", options.warm_up, options.concurrent))
        rounds = [
            {"value": round(driver.drive(Order("run", "fan1000", 1, 1)).seconds, 3), "unit": "s"}
            for _ in range(options.rounds)
        ]
    return {"fan1000_s": median_of(rounds)}


def waiting(options: Options) -> Figures:
    """Ten thousand instances that wait: their memory, new ones beside them, their release."""
    many = options.waiting
    callers = min(CALLERS_OF_MANY, many)
    with driven_host(options) as (host, driver):
        driver.drive(Order("run", "step", options.warm_up, options.concurrent))
        time.sleep(SETTLE_SECONDS)
        before = host.tree.resident_bytes()
        driver.drive(Order("begin", "waiting", many, callers, "waiting"))
        time.sleep(SETTLE_SECONDS)
        after = host.tree.resident_bytes()
        beside = driver.drive(Order("run", "step", options.fast, options.concurrent))
        released = driver.drive(Order("release", "waiting", many, callers, "waiting"))
    return {
        "waiting_bytes_each": {
            "value": round((after - before) / many),
            "unit": "bytes",
            "instances": many,
        },
        "new_beside_waiting": {"value": round(options.fast / beside.seconds, 1), "unit": UNIT},
        "release_10k_s": {"value": round(released.seconds, 2), "unit": "s", "instances": many},
    }


def _round(host: RunningHost, driver: Driver, name: str, options: Options) -> Figure:
    before = host.tree.cpu_seconds()
    driven = driver.drive(Order("run", name, options.count, options.concurrent))
    spent = host.tree.cpu_seconds()
    spent.subtract(before)
    shares = {**spent, "client": driven.cpu_seconds}
    return _rate(driven, options.count) | {
        "cpu_ms_each": {
            part: round(seconds * 1000 / options.count, 2) for part, seconds in shares.items()
        }
    }


def _rate(driven: Driven, count: int) -> Figure:
    percentiles = statistics.quantiles(driven.latencies_ms, n=100, method="inclusive")
    return {
        "value": round(count / driven.seconds, 1),
        "unit": UNIT,
        "p50_ms": round(percentiles[49], 1),
        "p95_ms": round(percentiles[94], 1),
    }
