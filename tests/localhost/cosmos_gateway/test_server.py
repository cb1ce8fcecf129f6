import pytest
from azure.cosmos import CosmosClient as SyncClient
from azure.cosmos import PartitionKey
from azure.cosmos.aio import ContainerProxy, CosmosClient
from azure.cosmos.exceptions import CosmosHttpResponseError

from localhost.cosmos_gateway.server import Gateway


async def test_the_async_sdk_stores_and_reads_an_item(cases: ContainerProxy) -> None:
    await cases.create_item({"id": "1", "caseId": "a", "state": "open"})
    assert (await cases.read_item("1", "a"))["state"] == "open"


async def test_the_sync_sdk_stores_and_reads_an_item(gateway: Gateway) -> None:
    import asyncio

    def work() -> str:
        with SyncClient(gateway.endpoint, gateway.key) as client:
            database = client.create_database_if_not_exists("sync")
            container = database.create_container_if_not_exists("c", PartitionKey("/pk"))
            container.upsert_item({"id": "1", "pk": "a", "n": 7})
            return str(container.read_item("1", "a")["n"])

    assert await asyncio.to_thread(work) == "7"


async def test_a_wrong_key_is_refused(gateway: Gateway) -> None:
    wrong = gateway.key[:-6] + "AAAA=="
    with pytest.raises(CosmosHttpResponseError) as refused:
        async with CosmosClient(gateway.endpoint, wrong, retry_total=0) as client:
            await client.create_database("x")
    assert refused.value.status_code == 401
