"""The broker as azure-eventhub sees it."""

import asyncio
import gc
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.eventhub import CloseReason, EventData
from azure.eventhub import EventHubConsumerClient as SyncConsumerClient
from azure.eventhub import EventHubProducerClient as SyncProducerClient
from azure.eventhub import PartitionContext as SyncPartitionContext
from azure.eventhub.aio import EventHubConsumerClient, EventHubProducerClient, PartitionContext
from azure.eventhub.exceptions import AuthenticationError, EventHubError

from localhost.eventhubs_broker.server import Broker, serve
from tests.localhost.eventhubs_broker.checkpoints import MemoryCheckpointStore
from tests.localhost.eventhubs_broker.consuming import Collect, until_reading


async def test_hub_and_partition_properties_are_told(
    producer: EventHubProducerClient,
) -> None:
    properties, empty = await asyncio.gather(
        producer.get_eventhub_properties(), producer.get_partition_properties("0")
    )
    await producer.send_batch([EventData("a"), EventData("b")], partition_id="0")
    filled = await producer.get_partition_properties("0")

    assert properties["eventhub_name"] == "orders"
    assert properties["partition_ids"] == ["0", "1", "2", "3"]
    assert datetime.now(UTC) - properties["created_at"] < timedelta(minutes=1)
    assert empty["is_empty"]
    assert (empty["last_enqueued_sequence_number"], empty["last_enqueued_offset"]) == (-1, "-1")
    assert not filled["is_empty"]
    assert filled["beginning_sequence_number"] == 0
    assert filled["last_enqueued_sequence_number"] == 1


async def test_an_event_arrives_as_it_was_sent(
    producer: EventHubProducerClient, collect: Collect
) -> None:
    event = EventData(json.dumps({"case": 1}))
    event.properties = {"kind": "case_opened", "attempt": 2}
    event.message_id, event.correlation_id, event.content_type = "m1", "c1", "application/json"
    event.raw_amqp_message.annotations = {"x-trace": "t1"}
    batch = await producer.create_batch(partition_id="1")
    batch.add(event)
    await producer.send_batch(batch)

    (received,) = (
        await collect(count=1, partition_id="1", track_last_enqueued_event_properties=True)
    ).events

    assert received.body_as_json() == {"case": 1}
    assert received.properties == {b"kind": b"case_opened", b"attempt": 2}
    assert received.message_id == "m1"
    assert received.correlation_id == "c1"
    assert received.content_type == "application/json"
    assert (received.raw_amqp_message.annotations or {})[b"x-trace"] == b"t1"
    assert (received.sequence_number, received.offset) == (0, "0")
    assert received.enqueued_time is not None
    assert abs(datetime.now(UTC) - received.enqueued_time) < timedelta(minutes=1)
    assert received.partition_key is None
    told: Any = received.raw_amqp_message.delivery_annotations
    assert told[b"last_enqueued_sequence_number"] == 0


async def test_events_with_one_key_share_a_partition_and_keep_their_order(
    producer: EventHubProducerClient, collect: Collect
) -> None:
    for number in range(5):
        await producer.send_event(EventData(str(number)), partition_key="case-7")

    collected = await collect(count=5)

    assert collected.bodies == ["0", "1", "2", "3", "4"]
    assert len(set(collected.partitions)) == 1
    assert {event.partition_key for event in collected.events} == {b"case-7"}


async def test_events_without_a_key_go_round_the_partitions(
    producer: EventHubProducerClient,
) -> None:
    for number in range(8):
        await producer.send_event(EventData(str(number)))

    told = await asyncio.gather(*map(producer.get_partition_properties, "0123"))

    assert [partition["last_enqueued_sequence_number"] for partition in told] == [1, 1, 1, 1]


async def test_a_reader_begins_where_it_asks(
    producer: EventHubProducerClient, collect: Collect
) -> None:
    await producer.send_batch([EventData(str(number)) for number in range(4)], partition_id="0")
    offset = (await producer.get_partition_properties("0"))["last_enqueued_offset"]
    between = datetime.now(UTC)
    await asyncio.sleep(0.02)
    await producer.send_batch([EventData(str(number)) for number in range(4, 6)], partition_id="0")

    async def read(count: int, position: object, *, inclusive: bool = False) -> list[str]:
        collected = await collect(
            count=count,
            partition_id="0",
            starting_position=position,
            starting_position_inclusive=inclusive,
        )
        return collected.bodies

    after_offset, from_offset, after_sequence, from_sequence, after_time = await asyncio.gather(
        read(2, offset),
        read(3, offset, inclusive=True),
        read(1, 4),
        read(2, 4, inclusive=True),
        read(2, between),
    )

    assert after_offset == ["4", "5"]
    assert from_offset == ["3", "4", "5"]
    assert after_sequence == ["5"]
    assert from_sequence == ["4", "5"]
    assert after_time == ["4", "5"]


async def test_a_reader_from_the_latest_sees_only_what_comes_after(
    broker: Broker, producer: EventHubProducerClient, collect: Collect
) -> None:
    await producer.send_event(EventData("old"), partition_id="2")
    collected = await collect(partition_id="2", starting_position="@latest")
    await until_reading(broker, "2")

    await producer.send_event(EventData("new"), partition_id="2")
    await collected.until(lambda so_far: len(so_far.events) == 1)

    assert collected.bodies == ["new"]


async def test_a_higher_owner_level_takes_the_partition(broker: Broker, collect: Collect) -> None:
    low = await collect(partition_id="0", owner_level=1)
    await until_reading(broker, "0")
    high = await collect(partition_id="0", owner_level=2)
    await low.until(lambda so_far: bool(so_far.errors))
    late = await collect(partition_id="0", owner_level=1)
    await late.until(lambda so_far: bool(so_far.errors))

    assert "amqp:link:stolen" in str(low.errors[0])
    assert "epoch of '2'" in str(late.errors[0])
    assert high.errors == []


async def test_a_wrong_key_is_refused(broker: Broker) -> None:
    client = EventHubProducerClient.from_connection_string(
        broker.connection_string.replace("SAS_KEY_VALUE", "WRONG"),
        eventhub_name="orders",
        retry_total=0,
    )
    async with client:
        with pytest.raises(AuthenticationError, match="InvalidSignature"):
            await client.get_eventhub_properties()


async def test_a_hub_that_nobody_declared_is_made_on_first_use(broker: Broker) -> None:
    client = EventHubProducerClient.from_connection_string(
        broker.connection_string, eventhub_name="payments"
    )
    async with client:
        await client.send_event(EventData("x"), partition_key="k")
        assert await client.get_partition_ids() == ["0", "1", "2", "3"]


async def test_an_undeclared_hub_is_not_found_where_hubs_are_declared() -> None:
    broker = await serve(None, hubs={"orders": 2}, creates_hubs=False)
    client = EventHubProducerClient.from_connection_string(
        broker.connection_string, eventhub_name="nope", retry_total=0
    )
    async with client:
        with pytest.raises(EventHubError, match="404"):
            await client.send_event(EventData("x"))
    await broker.stop()


async def test_a_batch_as_large_as_allowed_is_stored_and_a_larger_one_refused(
    broker: Broker, producer: EventHubProducerClient, collect: Collect
) -> None:
    batch = await producer.create_batch(partition_id="0")
    body = "x" * 60_000
    count = 0
    while True:
        try:
            batch.add(EventData(body))
        except ValueError:
            break
        count += 1
    await producer.send_batch(batch)
    collected = await collect(count=count, partition_id="0")
    too_large = await producer.create_batch(partition_id="0")
    too_large.max_size_in_bytes = 4 << 20
    for _ in range(30):
        too_large.add(EventData(body))

    with pytest.raises(EventHubError, match=r"exceeds the limit"):
        await producer.send_batch(too_large)

    assert count == 17
    assert collected.bodies == [body] * count


async def test_a_throttled_send_is_refused_and_the_next_is_taken(
    broker: Broker, producer: EventHubProducerClient
) -> None:
    broker.throttle("send", hub="orders", times=1)

    with pytest.raises(EventHubError, match="server-busy"):
        await producer.send_event(EventData("first"), partition_id="0")
    await producer.send_event(EventData("second"), partition_id="0")

    assert (await producer.get_partition_properties("0"))["last_enqueued_sequence_number"] == 0


async def test_a_client_that_may_not_open_its_link_yet_tries_again(broker: Broker) -> None:
    broker.throttle("open", times=2)
    client = EventHubProducerClient.from_connection_string(
        broker.connection_string, eventhub_name="orders", retry_total=3, retry_backoff_factor=0.01
    )
    async with client:
        await client.send_event(EventData("persistent"), partition_id="0")
        told = await client.get_partition_properties("0")

    assert told["last_enqueued_sequence_number"] == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_clients_reconnect_after_the_network_failed(
    broker: Broker, producer: EventHubProducerClient
) -> None:
    client = EventHubProducerClient.from_connection_string(
        broker.connection_string, eventhub_name="orders", retry_total=3, retry_backoff_factor=0.01
    )
    async with client:
        await client.send_event(EventData("before"), partition_id="0")
        broker.drop_connections()
        await asyncio.sleep(0.05)
        await client.send_event(EventData("after"), partition_id="0")

        told = await client.get_partition_properties("0")

    gc.collect()  # azure-eventhub leaves the broken socket to the collector, which warns of it.
    assert told["last_enqueued_sequence_number"] >= 1


async def test_the_synchronous_clients_work_too(broker: Broker) -> None:
    def exchange() -> list[str]:
        bodies: list[str] = []
        producer = SyncProducerClient.from_connection_string(
            broker.connection_string, eventhub_name="orders"
        )
        with producer:
            producer.send_batch([EventData("a"), EventData("b")], partition_id="1")
        consumer = SyncConsumerClient.from_connection_string(
            broker.connection_string, "$Default", eventhub_name="orders"
        )

        def on_event(context: SyncPartitionContext, event: EventData | None) -> None:
            assert event is not None
            bodies.append(event.body_as_str())
            if len(bodies) == 2:
                consumer.close()

        consumer.receive(on_event, partition_id="1", starting_position="-1")
        return bodies

    assert await asyncio.to_thread(exchange) == ["a", "b"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_two_consumers_share_the_partitions_and_one_takes_over_from_checkpoints(
    broker: Broker, producer: EventHubProducerClient
) -> None:
    store = MemoryCheckpointStore()
    owned: dict[str, set[str]] = {"first": set(), "second": set()}
    seen: list[str] = []

    def start(name: str) -> tuple[EventHubConsumerClient, asyncio.Task[None]]:
        client = EventHubConsumerClient.from_connection_string(
            broker.connection_string,
            "$Default",
            eventhub_name="orders",
            checkpoint_store=store,
            load_balancing_interval=0.2,
            load_balancing_strategy="greedy",
        )

        async def on_event(context: PartitionContext, event: EventData | None) -> None:
            assert event is not None
            seen.append(event.body_as_str())
            await context.update_checkpoint(event)

        async def on_begin(context: PartitionContext) -> None:
            owned[name].add(context.partition_id)

        async def on_end(context: PartitionContext, reason: CloseReason) -> None:
            owned[name].discard(context.partition_id)

        receiving = client.receive(
            on_event,
            on_partition_initialize=on_begin,
            on_partition_close=on_end,
            starting_position="-1",
        )
        return client, asyncio.create_task(receiving)

    async def until(is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(15):
            while not is_so():  # noqa: ASYNC110 - several tasks change it
                await asyncio.sleep(0.02)

    async def send(turn: int) -> None:
        for number in "0123":
            await producer.send_event(EventData(f"{turn}-{number}"), partition_id=number)

    first, second = start("first"), start("second")
    await send(1)
    await until(lambda: len(owned["first"]) == len(owned["second"]) == 2 and len(set(seen)) == 4)
    await first[0].close()
    await first[1]
    await send(2)
    await until(lambda: len(owned["second"]) == 4 and len(set(seen)) == 8)
    await second[0].close()
    await second[1]
    # azure-eventhub leaves the socket of a partition that it loses while opening it to the
    # collector, which warns of it.
    gc.collect()

    assert sorted(set(seen)) == sorted(f"{turn}-{number}" for turn in (1, 2) for number in "0123")
    assert {
        number: checkpoint["sequence_number"] for number, checkpoint in store.checkpoints.items()
    } == dict.fromkeys("0123", 1)
