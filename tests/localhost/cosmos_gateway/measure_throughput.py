"""Measures the gateway in a process of its own: python tests/.../measure_throughput.py [seconds].

Prints, per operation, requests per second and the CPU time that the gateway (not the SDK) spends
on one request. The clients are the sync and async SDK, and plain HTTP, which shows the gateway
alone.
"""

# ruff: noqa: T201 - it prints its measurements

import asyncio
import base64
import hmac
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import psutil  # type: ignore[import-untyped] # no stubs are installed
from azure.cosmos import CosmosClient as SyncClient
from azure.cosmos import PartitionKey
from azure.cosmos.aio import CosmosClient

from localhost.cosmos_gateway.server import EMULATOR_KEY

IN_FLIGHT = 16
DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
ROOT = Path(__file__).parents[3]


def document(number: int) -> dict[str, object]:
    return {
        "id": f"item-{number}",
        "caseId": f"case-{number % 50}",
        "kind": "task",
        "state": "open" if number % 3 else "done",
        "assignee": f"nurse-{number % 20}",
        "createdAt": f"2026-01-{number % 28 + 1:02d}T08:00:00Z",
        "pad": "x" * 700,
    }


class Meter:
    def __init__(self, process: psutil.Process) -> None:
        self._process = process

    def start(self) -> None:
        self._cpu = sum(self._process.cpu_times()[:2])
        self._time = time.perf_counter()

    def report(self, name: str, count: int) -> None:
        seconds = time.perf_counter() - self._time
        cpu = sum(self._process.cpu_times()[:2]) - self._cpu
        print(f"{name:32} {count / seconds:8.0f}/s   {cpu / count * 1000:6.3f} ms CPU each")


def measure_sync(url: str, meter: Meter, seconds: float) -> None:
    with SyncClient(url, EMULATOR_KEY) as client:
        container = client.create_database_if_not_exists("m").create_container_if_not_exists(
            "c", PartitionKey("/caseId")
        )
        for name, step in (
            ("sync upsert", lambda n: container.upsert_item(document(n))),
            ("sync read", lambda n: container.read_item(f"item-{n % 100}", f"case-{n % 50}")),
        ):
            count, end = 0, time.perf_counter() + seconds
            meter.start()
            while time.perf_counter() < end:
                step(count % 100)  # type: ignore[no-untyped-call] # the SDK's
                count += 1
            meter.report(name, count)


async def measure_async(url: str, meter: Meter, seconds: float) -> None:
    async with CosmosClient(url, EMULATOR_KEY) as client:
        container = client.get_database_client("m").get_container_client("c")

        async def batch(n: int) -> None:
            pk = f"case-{n % 50}"
            steps = [("upsert", ({**document(n), "id": f"{i}", "caseId": pk},)) for i in range(4)]
            await container.execute_item_batch(steps, partition_key=pk)

        async def query(n: int) -> None:
            found = container.query_items(
                "SELECT * FROM c WHERE c.kind = @k",
                parameters=[{"name": "@k", "value": "task"}],
                partition_key=f"case-{n % 50}",
            )
            async for _ in found:
                pass

        await run_many("aio upsert", meter, seconds, lambda n: container.upsert_item(document(n)))
        await run_many(
            "aio read",
            meter,
            seconds,
            lambda n: container.read_item(f"item-{n % 100}", f"case-{n % 50}"),
        )
        await run_many("aio batch of 4", meter, seconds, batch)
        await run_many("aio query in a partition", meter, seconds, query)


async def measure_raw(url: str, meter: Meter, seconds: float) -> None:
    connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def upsert(n: int) -> None:
            body = json.dumps(document(n))
            headers = signed("post", "docs", "dbs/m/colls/c")
            headers["x-ms-documentdb-is-upsert"] = "true"
            async with session.post(f"{url}dbs/m/colls/c/docs", data=body, headers=headers) as got:
                assert got.status in (200, 201), await got.text()

        async def read(n: int) -> None:
            link = f"dbs/m/colls/c/docs/item-{n % 100}"
            headers = signed("get", "docs", link)
            headers["x-ms-documentdb-partitionkey"] = f'["case-{n % 50}"]'
            async with session.get(url + link, headers=headers) as got:
                assert got.status == 200
                await got.read()

        await run_many("raw upsert", meter, seconds, upsert)
        await run_many("raw read", meter, seconds, read)


def signed(verb: str, kind: str, link: str) -> dict[str, str]:
    text = f"{verb}\n{kind}\n{link}\n{DATE.lower()}\n\n".encode()
    signature = base64.b64encode(hmac.digest(base64.b64decode(EMULATOR_KEY), text, "sha256"))
    token = f"type=master&ver=1.0&sig={signature.decode()}".replace("+", "%2B")
    return {"authorization": token, "x-ms-date": DATE}


async def run_many(
    name: str, meter: Meter, seconds: float, step: Callable[[int], Awaitable[object]]
) -> None:
    end, count = time.perf_counter() + seconds, 0

    async def worker() -> None:
        nonlocal count
        while time.perf_counter() < end:
            count += 1
            await step(count)

    meter.start()
    await asyncio.gather(*[worker() for _ in range(IN_FLIGHT)])
    meter.report(name, count)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "localhost.cosmos_gateway", "--port", "0"]
        command += ["--data", f"{folder}/cosmos.db"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603 - our own program
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-1]
            meter = Meter(psutil.Process(process.pid))
            measure_sync(url, meter, seconds)
            asyncio.run(measure_async(url, meter, seconds))
            asyncio.run(measure_raw(url, meter, seconds))
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
