import asyncio
import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import AzureError
from azure.cosmos import PartitionKey
from azure.cosmos.aio import CosmosClient

from localhost.cosmos_gateway.server import EMULATOR_KEY, serve
from localhost.cosmos_gateway.writer import Writer

ROOT = Path(__file__).parents[3]
ACKNOWLEDGED_BEFORE_THE_KILL = 200


class Commits:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self, connection: sqlite3.Connection) -> None:
        self.count += 1


def writer_over(connection: sqlite3.Connection, commits: Commits) -> Writer:
    return Writer(connection, before_commit=commits, sweep=lambda _: None, monotonic=time.monotonic)


def memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.execute("CREATE TABLE t (n INTEGER CHECK (n < 100))")
    return connection


async def test_writes_that_arrive_together_share_a_commit() -> None:
    commits = Commits()
    writer = writer_over(memory(), commits)

    def add(connection: sqlite3.Connection) -> int:
        return connection.execute("INSERT INTO t VALUES (1)").rowcount

    assert await asyncio.gather(*[writer.perform(add) for _ in range(50)]) == [1] * 50
    assert commits.count < 50
    await writer.stop()


async def test_a_job_that_refuses_fails_alone() -> None:
    writer = writer_over(memory(), Commits())

    def refuse(_: sqlite3.Connection) -> None:
        raise ValueError("no")

    def add(connection: sqlite3.Connection) -> int:
        return connection.execute("INSERT INTO t VALUES (1)").rowcount

    results = await asyncio.gather(
        writer.perform(add), writer.perform(refuse), writer.perform(add), return_exceptions=True
    )
    assert results[0] == results[2] == 1
    assert isinstance(results[1], ValueError)
    await writer.stop()


async def test_a_failure_of_sqlite_commits_nothing_of_the_group_and_the_next_works() -> None:
    writer = writer_over(memory(), Commits())
    with pytest.raises(sqlite3.IntegrityError):
        await writer.perform(lambda c: c.execute("INSERT INTO t VALUES (100)"))
    count = await writer.perform(lambda c: c.execute("SELECT COUNT(*) FROM t").fetchone()[0])
    assert count == 0
    await writer.stop()


def start_gateway(file: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "localhost.cosmos_gateway", "--port", "0", "--data", str(file)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().split()[-1]


async def write_until_killed(url: str, acknowledged: list[tuple[str, int]], kill: Any) -> None:
    """Batches that move an amount between two items, and log it: all three or none."""
    async with CosmosClient(url, EMULATOR_KEY, retry_total=0, retry_connect=0) as client:
        container = client.get_database_client("d").get_container_client("c")

        enough = asyncio.Event()

        async def work(worker: int) -> None:
            for n in range(10_000):
                log = {"id": f"log-{n}", "pk": f"w{worker}"}
                count = {"id": "count", "pk": f"w{worker}", "n": n + 1}
                await container.execute_item_batch(
                    [("create", (log,)), ("upsert", (count,))], partition_key=f"w{worker}"
                )
                acknowledged.append((f"w{worker}", n))
                if len(acknowledged) >= ACKNOWLEDGED_BEFORE_THE_KILL:
                    enough.set()

        workers = [asyncio.create_task(work(n)) for n in range(8)]
        await asyncio.wait_for(enough.wait(), 30)
        kill()
        await asyncio.sleep(0.05)
        for worker in workers:
            worker.cancel()
        with contextlib.suppress(AzureError):
            await asyncio.gather(*workers, return_exceptions=True)


async def test_after_kill_9_every_acknowledged_batch_is_there_and_whole(tmp_path: Path) -> None:
    file = tmp_path / "cosmos.db"
    process, url = start_gateway(file)
    async with CosmosClient(url, EMULATOR_KEY) as client:
        database = await client.create_database("d")
        await database.create_container("c", PartitionKey("/pk"))
    acknowledged: list[tuple[str, int]] = []
    await write_until_killed(url, acknowledged, lambda: process.send_signal(signal.SIGKILL))
    process.wait()
    assert process.stdout is not None
    process.stdout.close()

    revived = await serve(file)
    async with CosmosClient(revived.endpoint, revived.key) as client:
        container = client.get_database_client("d").get_container_client("c")
        held = {(i["pk"], i["id"]): i async for i in container.read_all_items()}
    await revived.stop()
    for pk, n in acknowledged:
        assert (pk, f"log-{n}") in held, json.dumps([pk, n])
    for (pk, name), item in held.items():
        if name == "count":
            logs = sum(1 for key in held if key[0] == pk and key[1] != "count")
            assert logs == item["n"], pk
