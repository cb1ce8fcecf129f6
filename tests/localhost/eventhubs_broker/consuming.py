"""What the tests' consumers collect."""

import asyncio
from collections.abc import Awaitable, Callable

from azure.eventhub import EventData
from azure.eventhub.aio import PartitionContext

from localhost.eventhubs_broker.server import Broker


class Collected:
    """What a consumer got, and what went wrong."""

    def __init__(self) -> None:
        self.events: list[EventData] = []
        self.partitions: list[str] = []
        self.errors: list[Exception] = []
        self.changed = asyncio.Event()

    @property
    def bodies(self) -> list[str]:
        return [event.body_as_str() for event in self.events]

    async def on_events(self, context: PartitionContext, events: list[EventData]) -> None:
        self.events += events
        self.partitions += [context.partition_id] * len(events)
        self.changed.set()

    async def on_error(self, context: PartitionContext | None, error: Exception) -> None:
        self.errors.append(error)
        self.changed.set()

    async def until(self, is_done: Callable[["Collected"], bool], within_s: float = 10) -> None:
        async with asyncio.timeout(within_s):
            while not is_done(self):
                self.changed.clear()
                await self.changed.wait()


type Collect = Callable[..., Awaitable[Collected]]


async def until_reading(broker: Broker, partition_id: str, hub: str = "orders") -> None:
    """Waits until somebody reads the partition."""
    partition = broker._namespace.hub(hub).partitions[int(partition_id)]
    async with asyncio.timeout(10):
        while not partition.watchers:  # noqa: ASYNC110 - the broker tells nobody else
            await asyncio.sleep(0.01)
