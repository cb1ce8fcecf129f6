from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.cosmos import PartitionKey
from azure.cosmos.aio import CosmosClient, DatabaseProxy

from localhost.cosmos_gateway.answers import ApiError
from localhost.cosmos_gateway.containers import declared_indexes, split_path


async def test_databases_are_created_listed_queried_and_deleted(client: CosmosClient) -> None:
    await client.create_database("one")
    await client.create_database_if_not_exists("one")
    await client.create_database("two")
    with pytest.raises(HttpResponseError) as taken:
        await client.create_database("one")
    assert taken.value.status_code == 409
    assert {d["id"] async for d in client.list_databases()} == {"one", "two"}
    wanted = client.query_databases("SELECT * FROM r WHERE r.id = 'two'")
    assert [d["id"] async for d in wanted] == ["two"]
    await client.delete_database("one")
    assert [d["id"] async for d in client.list_databases()] == ["two"]


async def test_containers_are_created_read_listed_and_deleted(database: DatabaseProxy) -> None:
    container = await database.create_container_if_not_exists("c", PartitionKey("/pk"))
    await container.create_item({"id": "1", "pk": "a"})
    assert (await container.read())["partitionKey"]["paths"] == ["/pk"]
    assert [c["id"] async for c in database.list_containers()] == ["c"]
    await database.delete_container("c")
    with pytest.raises(HttpResponseError) as gone:
        await container.read_item("1", "a")
    assert gone.value.status_code == 404
    again = await database.create_container("c", PartitionKey("/pk"))
    assert [item async for item in again.read_all_items()] == []


async def test_a_deleted_database_takes_its_containers_along(client: CosmosClient) -> None:
    database = await client.create_database("d")
    container = await database.create_container("c", PartitionKey("/pk"))
    await client.delete_database("d")
    with pytest.raises(HttpResponseError) as gone:
        await container.upsert_item({"id": "1", "pk": "a"})
    assert gone.value.status_code == 404


async def test_a_unique_key_is_taken_once_in_each_partition(database: DatabaseProxy) -> None:
    policy: Any = {"uniqueKeys": [{"paths": ["/email"]}]}
    people = await database.create_container(
        "people", PartitionKey("/team"), unique_key_policy=policy
    )
    await people.create_item({"id": "1", "team": "a", "email": "x@y"})
    await people.create_item({"id": "2", "team": "b", "email": "x@y"})
    with pytest.raises(HttpResponseError) as taken:
        await people.create_item({"id": "3", "team": "a", "email": "x@y"})
    assert taken.value.status_code == 409
    await people.upsert_item({"id": "1", "team": "a", "email": "new@y"})
    await people.create_item({"id": "3", "team": "a", "email": "x@y"})


@pytest.mark.parametrize(
    ("definition", "named"),
    [
        ({"paths": ["/a", "/b"], "kind": "MultiHash", "version": 2}, "hierarchical"),
        ({"paths": [], "kind": "Hash"}, "partition key"),
    ],
)
async def test_a_partition_key_that_is_not_supported_is_named(
    database: DatabaseProxy, definition: dict[str, object], named: str
) -> None:
    key = PartitionKey("/a")
    key.update(definition)
    with pytest.raises(HttpResponseError, match=named):
        await database.create_container("c", key)


async def test_the_keys_of_a_container_cannot_change_and_the_rest_can(
    database: DatabaseProxy,
) -> None:
    await database.create_container("c", PartitionKey("/pk"))
    await database.replace_container("c", PartitionKey("/pk"), default_ttl=60)
    assert (await database.get_container_client("c").read())["defaultTtl"] == 60
    with pytest.raises(HttpResponseError) as refused:
        await database.replace_container("c", PartitionKey("/other"))
    assert refused.value.status_code == 400


@pytest.mark.parametrize("name", ["", "a/b", "a?b", "a#b", "x" * 300, "end "])
async def test_a_name_that_no_link_can_hold_is_refused(client: CosmosClient, name: str) -> None:
    with pytest.raises((HttpResponseError, ValueError)):
        await client.create_database(name)


def test_an_index_is_declared_by_a_path_of_its_own_or_a_composite() -> None:
    policy = {
        "includedPaths": [{"path": "/*"}, {"path": "/state/?"}, {"path": "/tags/[]/?"}],
        "compositeIndexes": [[{"path": "/kind"}, {"path": '/"due at"', "order": "descending"}]],
    }
    declared = declared_indexes({"indexingPolicy": policy})
    assert declared == [[("kind",), ("due at",)], [("state",)]]


def test_a_path_begins_with_a_slash() -> None:
    assert split_path("/a/b") == ("a", "b")
    with pytest.raises(ApiError):
        split_path("a")


async def test_a_serverless_account_takes_no_throughput(database: DatabaseProxy) -> None:
    with pytest.raises(HttpResponseError, match="serverless"):
        await database.create_container("c", PartitionKey("/pk"), offer_throughput=400)
