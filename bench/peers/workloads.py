"""The three workloads, the loop that drives them, and what is told of them.

Runs in the peers' own environment, so it imports the standard library only.

A workflow takes a number x. `seq3` and `seq10` add one to it in 3 or 10 durable steps, one after
the other; `fan10` computes x + k for k from 0 to 9 in 10 parallel durable steps, and their sum.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

EXPECTED: dict[str, Callable[[int], int]] = {
    "seq3": lambda x: x + 3,
    "fan10": lambda x: 10 * x + 45,
    "seq10": lambda x: x + 10,
}
WARM_UP = 20


class WrongResultError(Exception):
    """A peer computed something else."""


async def drive(peer: str, run: Callable[[str, int], Awaitable[int]], servers: list[int]) -> None:
    """Measures every workload and prints one JSON line for each.

    Args:
        peer: its name and version.
        run: runs a workload on a number and gives the result.
        servers: ids of the server processes whose CPU counts, besides this one's.
    """
    for workload in EXPECTED:
        await _loop(run, workload, WARM_UP, first=-WARM_UP)
        rounds = [await _round(run, workload, servers, turn) for turn in range(_setting("REPEAT"))]
        rates, latencies, cpu_ms = zip(*rounds, strict=True)
        quantiles = statistics.quantiles([each for latency in latencies for each in latency], n=100)
        figures = {
            "peer": peer,
            "workload": workload,
            "value": round(statistics.median(rates), 1),
            "unit": "workflows/s",
            "spread": [round(min(rates), 1), round(max(rates), 1)],
            "p50_ms": round(quantiles[49], 1),
            "p95_ms": round(quantiles[94], 1),
            "cpu_ms_each": round(statistics.median(cpu_ms), 2),
            "concurrency": _setting("CONCURRENCY"),
            "count": _setting("COUNT"),
        }
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()


async def _round(
    run: Callable[[str, int], Awaitable[int]], workload: str, servers: list[int], turn: int
) -> tuple[float, list[float], float]:
    """Workflows per second, the latency of each in ms, and CPU milliseconds for each."""
    count = _setting("COUNT")
    cpu_s, began = _cpu_s(servers), time.perf_counter()
    latencies = await _loop(run, workload, count, first=turn * count)
    seconds = time.perf_counter() - began
    return count / seconds, latencies, (_cpu_s(servers) - cpu_s) * 1000 / count


async def _loop(
    run: Callable[[str, int], Awaitable[int]], workload: str, count: int, first: int
) -> list[float]:
    """A closed loop: each of the concurrent callers starts one workflow after another."""
    numbers = iter(range(first, first + count))
    latencies: list[float] = []

    async def call() -> None:
        for number in numbers:
            began = time.perf_counter()
            result = await run(workload, number)
            latencies.append((time.perf_counter() - began) * 1000)
            if result != EXPECTED[workload](number):
                raise WrongResultError(f"{workload}({number}) is not {result}")

    await asyncio.gather(*(call() for _ in range(_setting("CONCURRENCY"))))
    return latencies


def _setting(name: str) -> int:
    return int(os.environ[f"PEERS_{name}"])


def _cpu_s(servers: list[int]) -> float:
    """CPU seconds of this process, the servers, and all their descendants."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        process = int(path.parent.name)
        parents[process], ticks[process] = int(fields[1]), int(fields[11]) + int(fields[12])
    counted = {os.getpid(), *servers}
    grown = True
    while grown:
        more = {child for child, parent in parents.items() if parent in counted} - counted
        grown = bool(more)
        counted |= more
    return sum(ticks.get(process, 0) for process in counted) / os.sysconf("SC_CLK_TCK")
