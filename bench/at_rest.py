"""A host that has nothing to do: what it costs, and what it asks of the store. And its starts."""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.running_host import BENCH_APP, ROOT, RunningHost
from localhost.cosmos_gateway.server import EMULATOR_KEY, Gateway
from localhost.cosmos_gateway.store import Store

if TYPE_CHECKING:
    from aiohttp import web

    from bench.durable import Options
    from bench.results import Figures

SETTLE_SECONDS = 8.0
"""Until what a start brings with it is done."""

APPS = {"idle": BENCH_APP, "idle_product": ROOT}
KINDS = ("cpu_percent", "store_calls")


class CountingGateway(Gateway):
    """The Cosmos gateway, which also counts what it is asked.

    Attributes:
        calls: requests so far.
    """

    calls = 0

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        self.calls += 1
        return await super()._serve(request)


def idle(options: Options) -> Figures:
    """CPU and store calls of the bench's application and of the product, left alone."""
    return asyncio.run(_idle(options))


async def _idle(options: Options) -> Figures:
    async with AsyncExitStack() as parts:
        places = []
        for name, app in APPS.items():
            gateway = CountingGateway(
                Store(None, durability="normal", clock=time.time), EMULATOR_KEY
            )
            await gateway.start(0)
            parts.push_async_callback(gateway.stop)
            host = await asyncio.to_thread(_start, app, gateway, options, parts)
            parts.push_async_callback(asyncio.to_thread, host.stop)
            places.append((name, gateway, host))
        await asyncio.sleep(SETTLE_SECONDS)
        before = [(gateway.calls, host.tree.cpu_seconds()) for _, gateway, host in places]
        began = time.perf_counter()
        await asyncio.sleep(options.idle_seconds)
        seconds = time.perf_counter() - began
        figures: Figures = {}
        for (name, gateway, host), (calls, spent) in zip(places, before, strict=True):
            used = host.tree.cpu_seconds()
            used.subtract(spent)
            percent = {part: round(each * 100 / seconds, 2) for part, each in used.items()}
            figures[f"{name}_cpu_percent"] = {
                "value": round(sum(percent.values()), 2),
                "unit": "%",
                "parts": percent,
                "seconds": round(seconds),
            }
            figures[f"{name}_store_calls"] = {"value": gateway.calls - calls, "unit": "calls"}
        return figures


def _start(app: Path, gateway: Gateway, options: Options, parts: AsyncExitStack) -> RunningHost:
    folder = parts.enter_context(tempfile.TemporaryDirectory(prefix="careloom-bench-"))
    store = f"AccountEndpoint={gateway.endpoint};AccountKey={gateway.key};"
    return RunningHost(
        Path(folder),
        app=app,
        durability=options.durability,
        workers=options.workers,
        COSMOS_CONNECTION=store,
    )


def starts(options: Options) -> Figures:
    """From the command to the line that says ready: on an empty data folder, then again."""
    with tempfile.TemporaryDirectory(prefix="careloom-bench-") as folder:
        seconds = []
        for _ in range(options.rounds + 1):
            arguments: dict[str, Any] = {"durability": options.durability}
            with RunningHost(Path(folder), app=ROOT, **arguments) as host:
                seconds.append(host.started_in_seconds)
    first, *others = seconds
    return {
        "first_start_s": {"value": round(first, 2), "unit": "s"},
        "next_start_s": {
            "value": round(sorted(others)[len(others) // 2], 2),
            "unit": "s",
            "spread": [round(min(others), 2), round(max(others), 2)],
        },
    }
