"""The broker as a process of its own: killed, restarted, and throttled from outside."""

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from azure.eventhub import EventData
from azure.eventhub.aio import EventHubProducerClient
from azure.eventhub.exceptions import EventHubError

from localhost.eventhubs_broker.decoding import binary
from localhost.eventhubs_broker.event_log import EventLog
from localhost.eventhubs_broker.messages import DATA, sections

COMMAND = (sys.executable, "-m", "localhost.eventhubs_broker")


def data_of(message: bytes) -> str:
    (data,) = (binary(message, at) for code, at, _ in sections(message) if code == DATA)
    return data.decode()


@contextlib.asynccontextmanager
async def running(*options: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "--port", "0", *options, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        connection_string = (await process.stdout.readline()).decode().strip()
    try:
        yield process, connection_string
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_killed_broker_has_lost_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    acknowledged: list[set[str]] = [set() for _ in range(4)]

    async def send(connection_string: str, number: int) -> None:
        client = EventHubProducerClient.from_connection_string(
            connection_string, eventhub_name="orders", retry_total=0
        )
        async with client:
            for turn in range(100_000):
                bodies = {f"{number}-{turn}-{index}" for index in range(3)}
                await client.send_batch(
                    [EventData(body) for body in bodies], partition_id=str(number)
                )
                acknowledged[number] |= bodies

    async with running("--data", str(tmp_path)) as (process, connection_string):
        sending = [asyncio.create_task(send(connection_string, number)) for number in range(4)]
        async with asyncio.timeout(20):
            while not all(len(bodies) > 100 for bodies in acknowledged):  # noqa: ASYNC110 - it grows
                await asyncio.sleep(0.01)
        process.kill()
        await asyncio.gather(*sending, return_exceptions=True)

    log = EventLog(tmp_path / "eventhubs.sqlite")
    for partition, sent in zip(log.hubs["orders"].partitions, acknowledged, strict=True):
        kept = log.read(partition, 0, 1_000_000)
        assert sent <= {data_of(event.body) for event in kept}
        assert [event.sequence for event in kept] == list(range(len(kept)))
    await log.close()
    gc.collect()  # azure-eventhub leaves broken sockets to the collector, which warns of them.


async def test_a_running_broker_is_throttled_by_a_command() -> None:
    async with running("--hub", "orders:2") as (_, connection_string):
        port = connection_string.split(";")[0].rsplit(":", 1)[1]
        told = await asyncio.create_subprocess_exec(
            *COMMAND, "--port", port, "--throttle", "send", "--times", "1", "--hub", "orders"
        )
        assert await told.wait() == 0
        client = EventHubProducerClient.from_connection_string(
            connection_string, eventhub_name="orders", retry_total=0
        )
        async with client:
            with pytest.raises(EventHubError, match="server-busy"):
                await client.send_event(EventData("x"), partition_id="0")
            await client.send_event(EventData("y"), partition_id="0")


async def test_a_command_with_a_wrong_key_fails_and_says_why() -> None:
    async with running() as (_, connection_string):
        port = connection_string.split(";")[0].rsplit(":", 1)[1]
        told = await asyncio.create_subprocess_exec(
            *COMMAND, "--port", port, "--throttle", "send", "--key", "WRONG",
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, complaint = await told.communicate()

    assert told.returncode == 1
    assert b"InvalidSignature" in complaint


async def test_a_terminated_broker_ends_in_order() -> None:
    async with running() as (process, _):
        process.send_signal(signal.SIGTERM)

        assert await process.wait() == 0
