import random
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from azure.core.exceptions import HttpResponseError
from azure.cosmos import PartitionKey
from azure.cosmos.aio import ContainerProxy, CosmosClient, DatabaseProxy

from localhost.cosmos_gateway.server import EMULATOR_KEY, Gateway
from tests.localhost.cosmos_gateway.measure_throughput import DATE, signed


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda c: c.scripts.create_stored_procedure({"id": "p", "body": "x"}), "sprocs"),
        (lambda c: c.scripts.create_trigger({"id": "p", "body": "x"}), "triggers"),
        (lambda c: c.scripts.create_user_defined_function({"id": "p", "body": "x"}), "udfs"),
        (lambda c: c.delete_all_items_by_partition_key("a"), "operations"),
        (lambda c: c.create_item({"id": "1"}, pre_trigger_include="t"), "triggers"),
    ],
)
async def test_what_is_not_supported_is_refused_by_name(
    cases: ContainerProxy, call: Any, named: str
) -> None:
    with pytest.raises(HttpResponseError, match=f"does not support.*{named}") as refused:
        await call(cases)
    assert refused.value.status_code == 400


async def test_users_are_refused_by_name(database: DatabaseProxy) -> None:
    with pytest.raises(HttpResponseError, match="users"):
        await database.create_user({"id": "u"})


async def test_a_serverless_account_has_no_offers(gateway: Gateway) -> None:
    headers = signed("get", "offers", "")
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{gateway.endpoint}offers", headers=headers) as answer,
    ):
        assert (await answer.json())["Offers"] == []


async def names(feed: AsyncIterator[Any]) -> list[Any]:
    return [name async for name in feed]


async def test_feed_ranges_are_one_and_can_be_queried(cases: ContainerProxy) -> None:
    await cases.create_item({"id": "1", "caseId": "a"})
    ranges = [feed async for feed in cases.read_feed_ranges()]
    assert len(ranges) == 1
    found = cases.query_items("SELECT VALUE c.id FROM c", feed_range=ranges[0])
    assert await names(found) == ["1"]
    part = await cases.feed_range_from_partition_key("b")
    found = cases.query_items("SELECT VALUE c.id FROM c", feed_range=part)
    assert await names(found) == []


async def test_a_query_across_partitions_says_so(gateway: Gateway, cases: ContainerProxy) -> None:
    headers = {
        **signed("post", "docs", "dbs/careloom/colls/cases"),
        "x-ms-documentdb-isquery": "true",
    }
    url = f"{gateway.endpoint}dbs/careloom/colls/cases/docs"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json={"query": "SELECT * FROM c"}, headers=headers) as answer,
    ):
        assert answer.status == 400
        assert "Cross partition query is required" in await answer.text()


@pytest.mark.parametrize("seed", range(150))
async def test_malformed_requests_are_refused_and_never_break_the_gateway(
    gateway: Gateway, cases: ContainerProxy, seed: int
) -> None:
    rng = random.Random(seed)
    paths = ["dbs", "dbs/careloom", "dbs/careloom/colls", "dbs/careloom/colls/cases"]
    paths += [f"dbs/careloom/colls/cases/{end}" for end in ("docs", "docs/1", "pkranges", "x")]
    bodies = ["", "{", "[]", "{}", "null", '"x"', '{"id": 5}', '{"id": "1", "caseId": {}}']
    bodies += ['{"id":"n","partitionKey":5}', '{"id":"n","partitionKey":{"paths":[5]}}', "\udcff"]
    bodies += ['{"id":"n","partitionKey":{"paths":["/a"]},"indexingPolicy":{"compositeIndexes":5}}']
    bodies += ['{"query": 5}', '{"query": "SELECT", "parameters": 5}', '{"operations": [{}]}']
    bodies += ['[{"operationType": "Create"}]', '[{"operationType": "Patch", "id": "1"}]', "[5]"]
    flags = {
        "x-ms-documentdb-isquery": ["true", "x"],
        "x-ms-cosmos-is-batch-request": ["True"],
        "x-ms-documentdb-is-upsert": ["True"],
        "x-ms-documentdb-partitionkey": ['["a"]', "[", "5", '["a","b"]', "[{}]"],
        "x-ms-documentdb-query-enablecrosspartition": ["true"],
        "x-ms-max-item-count": ["x", "-1", "0", "99999999999999999999"],
        "x-ms-continuation": ["x", '{"seen":0,"after":[5]}'],
        "a-im": ["Incremental feed", "x"],
        "if-none-match": ["x", '"5"', "*"],
        "if-modified-since": ["yesterday", DATE],
        "if-match": ["x"],
        "x-ms-start-epk": ["zz"],
    }
    path, method = rng.choice(paths), rng.choice(["GET", "POST", "PUT", "PATCH", "HEAD"])
    parts = path.split("/")
    kind, link = (
        (parts[-1], "/".join(parts[:-1])) if len(parts) % 2 else (parts[-2], "/".join(parts))
    )
    headers = signed(method.lower(), kind, link)
    for name in rng.sample(sorted(flags), rng.randint(0, 5)):
        headers[name] = rng.choice(flags[name])
    body = rng.choice(bodies).encode("utf-8", "surrogateescape")
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, gateway.endpoint + path, data=body, headers=headers) as answer,
    ):
        assert answer.status < 500, f"seed {seed}: {method} {path} {headers} {body!r}"
    async with CosmosClient(gateway.endpoint, EMULATOR_KEY) as client:
        await client.get_database_client("careloom").create_container("new", PartitionKey("/pk"))
