"""Outcomes on an event hub, read back with Microsoft's own consumer."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from azure.eventhub import EventData
from azure.eventhub.aio import EventHubConsumerClient, PartitionContext

from localhost.eventhubs_broker.server import Broker, serve
from shared.adapters.eventhubs.publisher import EventHubPublisher
from shared.adapters.memory.clock import SettableClock
from shared.errors import PermanentError, TransientError
from tests.shared.ports.samples import NOON, a_dispatch

HUB = "outcomes"
NOWHERE = (
    "Endpoint=sb://127.0.0.1:9;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true;"
)


@pytest.fixture
async def broker() -> AsyncGenerator[Broker]:
    running = await serve(None, hubs={HUB: 4})
    yield running
    await running.stop()


@pytest.fixture
async def publisher(broker: Broker) -> AsyncGenerator[EventHubPublisher]:
    opened = EventHubPublisher(HUB, SettableClock(NOON), connection_string=broker.connection_string)
    yield opened
    await opened.close()


async def received(broker: Broker, count: int) -> list[tuple[str, EventData]]:
    """The first events of the hub, each with the partition it lies in."""
    found: list[tuple[str, EventData]] = []
    enough = asyncio.Event()

    async def keep(context: PartitionContext, event: EventData | None) -> None:
        if event is not None:
            found.append((context.partition_id, event))
        if len(found) >= count:
            enough.set()

    client = EventHubConsumerClient.from_connection_string(
        broker.connection_string,
        "$Default",
        eventhub_name=HUB,
        socket_timeout=0.03,
        load_balancing_interval=0.1,
    )
    receiving = asyncio.create_task(client.receive(keep, starting_position="-1"))
    await asyncio.wait_for(enough.wait(), 20)
    await client.close()
    receiving.cancel()
    with suppress(asyncio.CancelledError):
        await receiving
    return found


async def test_an_outcome_arrives_as_a_cloud_event(
    broker: Broker, publisher: EventHubPublisher
) -> None:
    assert await publisher.send(a_dispatch())
    [(_, event)] = await received(broker, 1)
    assert event.content_type == "application/cloudevents+json; charset=utf-8"
    body: dict[str, Any] = json.loads(event.body_as_str())
    assert body == {
        "specversion": "1.0",
        "id": "case-1.decision.r1",
        "source": "/careloom/prior-authorization",
        "type": "org.careloom.prior-authorization.approved.v1",
        "subject": "case-1",
        "time": NOON.isoformat(),
        "datacontenttype": "application/json",
        "data": {"caseId": "case-1", "outcome": "approved"},
    }


async def test_the_events_of_a_case_keep_their_order(
    broker: Broker, publisher: EventHubPublisher
) -> None:
    for number in range(6):
        await publisher.send(a_dispatch(message_id=str(number)))
    found = await received(broker, 6)
    assert len({partition for partition, _ in found}) == 1
    ids = [json.loads(event.body_as_str())["id"] for _, event in found]
    assert ids == [f"case-1.{number}" for number in range(6)]
    assert {event.partition_key for _, event in found} == {b"case-1"}


async def test_an_event_too_large_for_the_hub_is_refused(publisher: EventHubPublisher) -> None:
    large = replace(a_dispatch(), payload={"padding": "x" * 2_000_000})
    with pytest.raises(PermanentError, match=r"decision\.r1"):
        await publisher.send(large)


async def test_a_hub_out_of_reach_is_transient() -> None:
    publisher = EventHubPublisher(HUB, SettableClock(NOON), connection_string=NOWHERE)
    with pytest.raises(TransientError, match=HUB):
        await publisher.send(a_dispatch())
    await publisher.close()
