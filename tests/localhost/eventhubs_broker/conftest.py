"""A broker for each test, and azure-eventhub's own clients to talk to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from azure.eventhub.aio import EventHubConsumerClient, EventHubProducerClient

from localhost.eventhubs_broker.server import Broker, serve
from tests.localhost.eventhubs_broker.consuming import Collect, Collected

QUICK: dict[str, Any] = {"socket_timeout": 0.03}
"""azure-eventhub waits this long for each further frame; 0.2 s makes tests slow."""


@pytest.fixture
async def broker() -> AsyncIterator[Broker]:
    running = await serve(None, hubs={"orders": 4})
    yield running
    await running.stop()


@pytest.fixture
async def producer(broker: Broker) -> AsyncIterator[EventHubProducerClient]:
    client = EventHubProducerClient.from_connection_string(
        broker.connection_string, eventhub_name="orders", retry_total=0, **QUICK
    )
    yield client
    await client.close()


@pytest.fixture
async def collect(broker: Broker) -> AsyncIterator[Collect]:
    """Starts a consumer; it runs until it has `count` events, or until the test ends."""
    running: list[tuple[EventHubConsumerClient, asyncio.Task[None]]] = []

    async def start(
        *, count: int = 0, hub: str = "orders", group: str = "$Default", **options: Any
    ) -> Collected:
        client = EventHubConsumerClient.from_connection_string(
            broker.connection_string,
            group,
            eventhub_name=hub,
            retry_total=0,
            **QUICK,
            **{name: options.pop(name) for name in _CLIENT_OPTIONS & set(options)},
        )
        collected = Collected()
        options.setdefault("starting_position", "-1")
        receiving = asyncio.create_task(
            client.receive_batch(collected.on_events, on_error=collected.on_error, **options)
        )
        if not count:
            running.append((client, receiving))
        else:
            await collected.until(lambda so_far: len(so_far.events) >= count)
            await _stop(client, receiving)
        return collected

    yield start
    await asyncio.gather(*(_stop(client, receiving) for client, receiving in running))


async def _stop(client: EventHubConsumerClient, receiving: asyncio.Task[None]) -> None:
    await client.close()
    receiving.cancel()
    with suppress(asyncio.CancelledError):
        await receiving


_CLIENT_OPTIONS = {"checkpoint_store", "load_balancing_interval", "load_balancing_strategy"}
