import asyncio
import json
from pathlib import Path

import aiohttp
import pytest
from azure.core.exceptions import HttpResponseError
from azure.cosmos import CosmosClient as SyncClient
from azure.cosmos import PartitionKey
from azure.cosmos.aio import ContainerProxy, CosmosClient

from localhost.cosmos_gateway.server import Gateway, serve


async def test_the_async_sdk_stores_and_reads_an_item(cases: ContainerProxy) -> None:
    await cases.create_item({"id": "1", "caseId": "a", "state": "open"})
    assert (await cases.read_item("1", "a"))["state"] == "open"


async def test_the_sync_sdk_stores_and_reads_an_item(gateway: Gateway) -> None:
    def work() -> int:
        with SyncClient(gateway.endpoint, gateway.key) as client:
            database = client.create_database_if_not_exists("sync")
            container = database.create_container_if_not_exists("c", PartitionKey("/pk"))
            container.upsert_item({"id": "1", "pk": "a", "n": 7})
            return int(container.read_item("1", "a")["n"])

    assert await asyncio.to_thread(work) == 7


async def test_a_request_with_a_wrong_key_is_refused(gateway: Gateway) -> None:
    wrong = gateway.key[:-6] + "AAAA=="
    client = CosmosClient(gateway.endpoint, wrong, retry_total=0)
    with pytest.raises(HttpResponseError) as refused:
        await client.__aenter__()
    await client.close()
    assert refused.value.status_code == 401


async def test_every_answer_carries_an_activity_a_charge_and_a_session_token(
    cases: ContainerProxy,
) -> None:
    await cases.create_item({"id": "1", "caseId": "a"})
    headers = cases.client_connection.last_response_headers
    assert headers["x-ms-activity-id"]
    assert float(headers["x-ms-request-charge"]) > 0
    assert headers["x-ms-session-token"].startswith("0:-1#")


async def test_an_error_has_the_form_that_cosmos_db_gives_it(gateway: Gateway) -> None:
    async with aiohttp.ClientSession() as session, session.get(gateway.endpoint) as answer:
        body = json.loads(await answer.text())
        assert answer.status == 401
        assert body["code"] == "Unauthorized"
        assert "authorization token" in body["message"]
        assert answer.headers["x-ms-activity-id"]


async def test_a_write_without_a_wanted_answer_returns_no_item(cases: ContainerProxy) -> None:
    answer = await cases.create_item({"id": "1", "caseId": "a", "n": 1}, no_response=True)
    assert dict(answer) == {}
    assert (await cases.read_item("1", "a"))["n"] == 1


async def test_ids_with_unusual_characters_are_addressed(cases: ContainerProxy) -> None:
    for name in ("a b", "ü+%25&=", "x:y;z,'\"", "日本", "a.b~c!d*e(f)"):
        await cases.create_item({"id": name, "caseId": "ö/ä"})
        assert (await cases.read_item(name, "ö/ä"))["id"] == name
        await cases.delete_item(name, "ö/ä")


async def test_an_item_read_can_be_passed_where_its_id_is_wanted(cases: ContainerProxy) -> None:
    item = await cases.create_item({"id": "a b", "caseId": "a", "n": 1})
    item["n"] = 2
    changed = await cases.replace_item(item, item)
    await cases.delete_item(changed, partition_key="a")


@pytest.mark.filterwarnings("ignore:Sending a large body")
async def test_an_item_of_more_than_two_megabytes_is_refused(cases: ContainerProxy) -> None:
    with pytest.raises(HttpResponseError) as refused:
        await cases.create_item({"id": "1", "caseId": "a", "pad": "x" * (2 * 1024 * 1024)})
    assert refused.value.status_code == 413


async def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "cosmos.db"
    first = await serve(file)
    async with CosmosClient(first.endpoint, first.key) as client:
        database = await client.create_database("d")
        container = await database.create_container("c", PartitionKey("/pk"))
        before = await container.create_item({"id": "1", "pk": "a"})
    await first.stop()
    second = await serve(file)
    async with CosmosClient(second.endpoint, second.key) as client:
        container = client.get_database_client("d").get_container_client("c")
        assert await container.read_item("1", "a") == before
        after = await container.upsert_item({"id": "1", "pk": "a"})
        assert after["_etag"] > before["_etag"]
        assert after["_rid"] == before["_rid"]
    await second.stop()


async def test_a_taken_port_is_refused(gateway: Gateway) -> None:
    with pytest.raises(OSError, match="in use"):
        await serve(None, port=gateway.port)
