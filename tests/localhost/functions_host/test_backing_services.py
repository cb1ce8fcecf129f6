from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from azure.cosmos.aio import CosmosClient
from azure.eventhub.aio import EventHubConsumerClient

from localhost.functions_host.backing_services import BackingServices, Found, Orders
from localhost.functions_host.keys import open_keys
from localhost.functions_host.startup import StartupError


def orders(folder: Path) -> Orders:
    keys = open_keys(folder)
    return Orders(str(folder), keys.cosmos, keys.events, "normal")


@pytest.fixture
async def found(tmp_path: Path) -> AsyncIterator[Found]:
    services = BackingServices(orders(tmp_path))
    yield await services.start()
    await services.stop()


async def test_the_sdks_are_answered_with_the_keys_of_the_data_folder(
    found: Found, tmp_path: Path
) -> None:
    async with CosmosClient(found.cosmos, open_keys(tmp_path).cosmos) as cosmos:
        assert [each async for each in cosmos.list_databases()] == []
    consumer = EventHubConsumerClient.from_connection_string(
        found.events, "$Default", eventhub_name="orders"
    )
    async with consumer:
        assert len(await consumer.get_partition_ids()) >= 1


async def test_a_file_that_cannot_be_used_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "eventhubs.db").write_text("no database" * 1000)
    services = BackingServices(orders(tmp_path))

    with pytest.raises(StartupError, match=r"eventhubs\.db"):
        await services.start()
    await services.stop()
