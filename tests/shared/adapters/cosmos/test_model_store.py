"""The model store in Cosmos DB under trouble; its meaning is tested with the port."""

import pytest

from localhost.cosmos_gateway.server import Gateway
from shared.adapters.cosmos.client import CosmosDatabase
from shared.adapters.cosmos.model_store import CosmosModelStore
from shared.errors import TransientError
from tests.shared.ports.test_model_store import ONE, uploading


async def test_versions_outlast_the_client(gateway: Gateway, database: CosmosDatabase) -> None:
    await CosmosModelStore(database).save(uploading())
    again = CosmosDatabase(gateway.endpoint, "careloom", key=gateway.key)
    content = await CosmosModelStore(again).content("fees", ONE)
    assert content == uploading().content
    await again.close()


async def test_a_store_out_of_reach_is_transient(
    gateway: Gateway, database: CosmosDatabase
) -> None:
    store = CosmosModelStore(database)
    assert await store.models() == ()
    gateway.faults.unavailable(100)
    with pytest.raises(TransientError, match="fees"):
        await store.save(uploading())
    gateway.faults.clear()
    await store.save(uploading())
    assert await store.load("fees") is not None
