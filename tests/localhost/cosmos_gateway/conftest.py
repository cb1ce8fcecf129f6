"""A gateway in memory, and the real azure-cosmos clients in front of it."""

from collections.abc import AsyncIterator

import pytest
from azure.cosmos import PartitionKey
from azure.cosmos.aio import ContainerProxy, CosmosClient, DatabaseProxy

from localhost.cosmos_gateway.server import Gateway, serve


class TurnedClock:
    """A clock that a test turns by hand."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def gateway(clock: TurnedClock) -> AsyncIterator[Gateway]:
    running = await serve(None, clock=clock)
    yield running
    await running.stop()


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[CosmosClient]:
    async with CosmosClient(gateway.endpoint, gateway.key) as connected:
        yield connected


@pytest.fixture
async def database(client: CosmosClient) -> DatabaseProxy:
    return await client.create_database("careloom")


@pytest.fixture
async def cases(database: DatabaseProxy) -> ContainerProxy:
    return await database.create_container("cases", PartitionKey("/caseId"), default_ttl=-1)
