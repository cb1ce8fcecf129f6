"""Measures the broker through azure-eventhub: `python -m tests.localhost.eventhubs_broker.measure`.

Prints one JSON line: events/s sent in batches and received, single sends/s, and milliseconds from
publishing to the handler, at the wire (the broker's part), in the synchronous client and in the
asynchronous one. The broker runs as a process of its own.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from typing import Any

from azure.eventhub import EventData
from azure.eventhub import EventHubConsumerClient as SyncConsumerClient
from azure.eventhub.aio import EventHubConsumerClient, EventHubProducerClient

from localhost.eventhubs_broker.amqp_types import Described, ULong
from localhost.eventhubs_broker.encoding import encode
from localhost.eventhubs_broker.messages import DATA
from localhost.eventhubs_broker.peer import Peer
from localhost.eventhubs_broker.performatives import Disposition, Transfer
from localhost.eventhubs_broker.server import KEY_DEFAULT

EVENTS = 40_000
BATCH = 500
BODY = "x" * 200
LATENCY_EVENTS = 100
HUB = "orders"


async def main() -> None:
    """Starts a broker, measures, prints."""
    with tempfile.TemporaryDirectory() as folder:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "localhost.eventhubs_broker", "--port", "0"),
            *("--data", folder, "--hub", f"{HUB}:4"),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        connection_string = (await process.stdout.readline()).decode().strip()
        try:
            figures = await measure(connection_string)
        finally:
            process.terminate()
            await process.wait()
    sys.stdout.write(json.dumps({**figures, "cpus": os.cpu_count(), "load": os.getloadavg()[0]}))
    sys.stdout.write("\n")


async def measure(connection_string: str) -> dict[str, float]:
    """Every figure."""
    producer = EventHubProducerClient.from_connection_string(connection_string, eventhub_name=HUB)
    async with producer:
        sent_s = await send_batches(producer)
        received_s = await receive_all(connection_string)
        began = time.perf_counter()
        for _ in range(500):
            await producer.send_event(EventData(BODY), partition_id="0")
        single_s = time.perf_counter() - began
        async_ms = await async_latency(connection_string, producer)
        sync_ms = await sync_latency(connection_string, producer)
    port = int(connection_string.split(";", maxsplit=1)[0].rsplit(":", 1)[1])
    wire_ms = await wire_latency(port)
    return {
        "sent_per_s": round(EVENTS / sent_s),
        "received_per_s": round(EVENTS / received_s),
        "single_sends_per_s": round(500 / single_s),
        **percentiles("wire", wire_ms),
        **percentiles("sync_handler", sync_ms),
        **percentiles("async_handler", async_ms),
    }


def percentiles(name: str, values_ms: list[float]) -> dict[str, float]:
    """The median and the 95th of a hundred."""
    cuts = statistics.quantiles(values_ms, n=100)
    return {f"{name}_p50_ms": round(cuts[49], 2), f"{name}_p95_ms": round(cuts[94], 2)}


async def send_batches(producer: EventHubProducerClient) -> float:
    """Seconds to send every event, to four partitions at a time."""
    for number in "0123":
        await producer.send_event(EventData("warm"), partition_id=number)

    async def send(number: str) -> None:
        for _ in range(EVENTS // 4 // BATCH):
            batch = await producer.create_batch(partition_id=number)
            for _ in range(BATCH):
                batch.add(EventData(BODY))
            await producer.send_batch(batch)

    began = time.perf_counter()
    await asyncio.gather(*map(send, "0123"))
    return time.perf_counter() - began


async def receive_all(connection_string: str) -> float:
    """Seconds from the first event received to the last."""
    consumer = EventHubConsumerClient.from_connection_string(
        connection_string, "$Default", eventhub_name=HUB
    )
    times: list[float] = []
    count = 0
    is_done = asyncio.Event()

    async def on_events(context: Any, events: list[EventData]) -> None:
        nonlocal count
        times.append(time.perf_counter())
        count += len(events)
        if count >= EVENTS:
            is_done.set()

    receiving = asyncio.create_task(
        consumer.receive_batch(on_events, starting_position="-1", max_batch_size=300)
    )
    await is_done.wait()
    await consumer.close()
    await receiving
    return times[-1] - times[0]


async def async_latency(connection_string: str, producer: EventHubProducerClient) -> list[float]:
    """Milliseconds until the asynchronous client's handler runs."""
    consumer = EventHubConsumerClient.from_connection_string(
        connection_string, "$Default", eventhub_name=HUB
    )
    found: list[float] = []

    async def on_event(context: Any, event: EventData | None) -> None:
        assert event is not None
        found.append((time.time() - float(event.body_as_str())) * 1000)

    receiving = asyncio.create_task(
        consumer.receive(on_event, partition_id="2", starting_position="@latest")
    )
    await publish(producer, "2")
    await consumer.close()
    await receiving
    return found


async def sync_latency(connection_string: str, producer: EventHubProducerClient) -> list[float]:
    """Milliseconds until the synchronous client's handler runs, one event prefetched."""
    consumer = SyncConsumerClient.from_connection_string(
        connection_string, "$Default", eventhub_name=HUB
    )
    found: list[float] = []

    def on_event(context: Any, event: EventData | None) -> None:
        assert event is not None
        found.append((time.time() - float(event.body_as_str())) * 1000)

    options: dict[str, Any] = {"partition_id": "3", "starting_position": "@latest", "prefetch": 1}
    thread = threading.Thread(target=consumer.receive, args=(on_event,), kwargs=options)
    thread.start()
    await publish(producer, "3")
    await asyncio.to_thread(consumer.close)
    await asyncio.to_thread(thread.join)
    return found


async def publish(producer: EventHubProducerClient, partition: str) -> None:
    """Sends the time, again and again, once the reader is there."""
    await asyncio.sleep(3)
    for _ in range(LATENCY_EVENTS):
        await producer.send_event(EventData(str(time.time())), partition_id=partition)
        await asyncio.sleep(0.033)
    await asyncio.sleep(1)


async def wire_latency(port: int) -> list[float]:
    """Milliseconds from a transfer to the broker until the same event's transfer from it."""
    found: list[float] = []
    async with Peer(port) as producer, Peer(port) as consumer:
        for peer in (producer, consumer):
            await peer.open()
            await peer.authenticate(KEY_DEFAULT)
        sender = await producer.attach_sender("latency/Partitions/0")
        await consumer.attach_receiver(
            "latency/ConsumerGroups/$Default/Partitions/0", LATENCY_EVENTS
        )
        for _ in range(LATENCY_EVENTS):
            began = time.perf_counter()
            producer.transfer(sender, encode(Described(ULong(DATA), BODY.encode())))
            await consumer.expect(Transfer)
            found.append((time.perf_counter() - began) * 1000)
            await producer.expect(Disposition)
            await asyncio.sleep(0.01)
    return found


if __name__ == "__main__":
    asyncio.run(main())
