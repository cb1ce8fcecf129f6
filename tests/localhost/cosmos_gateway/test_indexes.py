import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from azure.cosmos import PartitionKey
from azure.cosmos.aio import ContainerProxy, CosmosClient

from localhost.cosmos_gateway.containers import Container
from localhost.cosmos_gateway.documents import receive
from localhost.cosmos_gateway.items import Session, create
from localhost.cosmos_gateway.server import Gateway, serve

STATES = ["open", "done", "claimed"]
COUNT_OPEN = "SELECT VALUE COUNT(1) FROM c WHERE c.kind = 'task' AND c.state = 'open'"


def task(number: int) -> dict[str, Any]:
    return {
        "id": str(number),
        "caseId": f"p{number % 1000}",
        "kind": "task",
        "state": STATES[number % 3],
        "dueAt": f"2026-01-{number % 28 + 1:02d}",
        "pad": "x" * 300,
    }


async def fill(gateway: Gateway, container: Container, first: int, last: int) -> None:
    """Puts tasks into a container without the SDK's cost."""

    def add(session: Session) -> None:
        for number in range(first, last):
            create(session, container, receive(container, task(number), None, None))

    await gateway._store.write(add)


async def results(feed: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in feed]


async def built(gateway: Gateway) -> None:
    await asyncio.gather(*gateway._store._tasks)


async def test_a_filter_and_count_over_100_000_documents_takes_under_50_ms(
    gateway: Gateway, client: CosmosClient
) -> None:
    database = await client.create_database("d")
    paths = [{"path": path} for path in ("/kind", "/state", "/dueAt")]
    policy: Any = {"compositeIndexes": [paths]}
    tasks = await database.create_container("c", PartitionKey("/caseId"), indexing_policy=policy)
    for first in range(0, 100_000, 10_000):
        await fill(gateway, gateway._store.container("d", "c"), first, first + 10_000)
    page = (
        "SELECT TOP 20 VALUE 1 FROM c WHERE c.kind = 'task' AND c.state = 'open' ORDER BY c.dueAt"
    )
    for text, expected in ((COUNT_OPEN, [33_334]), (page, [1] * 20)):
        spans = []
        for _ in range(5):
            started = time.perf_counter()
            assert await results(tasks.query_items(text)) == expected
            spans.append(time.perf_counter() - started)
        assert sorted(spans)[2] < 0.05, spans


@pytest.fixture
async def tasks(gateway: Gateway, cases: ContainerProxy) -> ContainerProxy:
    await fill(gateway, gateway._store.container("careloom", "cases"), 0, 3000)
    return cases


async def test_the_second_query_that_reads_much_has_an_index_built(
    gateway: Gateway, tasks: ContainerProxy
) -> None:
    container = gateway._store.container("careloom", "cases")
    await results(tasks.query_items(COUNT_OPEN))
    assert container.indexes == []
    await results(tasks.query_items(COUNT_OPEN))
    await built(gateway)
    assert set(container.columns) == {("kind",), ("state",)}
    assert await results(tasks.query_items(COUNT_OPEN)) == [1000]


async def test_writes_during_and_after_a_build_are_in_the_index(
    gateway: Gateway, tasks: ContainerProxy
) -> None:
    for _ in range(2):
        await results(tasks.query_items(COUNT_OPEN))
    new = {"id": "new", "caseId": "p0", "kind": "task", "state": "open"}
    await asyncio.gather(
        tasks.create_item(new),
        tasks.patch_item("1", "p1", [{"op": "set", "path": "/state", "value": "open"}]),
        tasks.delete_item("0", "p0"),
    )
    await built(gateway)
    await tasks.patch_item("4", "p4", [{"op": "set", "path": "/state", "value": "open"}])
    assert await results(tasks.query_items(COUNT_OPEN)) == [1002]


async def test_an_index_survives_a_restart_and_a_half_built_one_is_built_again(
    tmp_path: Path,
) -> None:
    file = tmp_path / "cosmos.db"
    gateway = await serve(file)
    async with CosmosClient(gateway.endpoint, gateway.key) as client:
        database = await client.create_database("d")
        await database.create_container("c", PartitionKey("/caseId"))
    container = gateway._store.container("d", "c")
    await fill(gateway, container, 0, 2000)

    def leave_half_built(session: Session) -> None:
        session.connection.execute(f"ALTER TABLE heads_{container.number} ADD COLUMN k1 BLOB")
        session.connection.execute(
            "UPDATE containers SET columns = ?", (json.dumps([[["state"], "k1", False]]),)
        )

    await gateway._store.write(leave_half_built)
    await gateway.stop()
    gateway = await serve(file)
    async with CosmosClient(gateway.endpoint, gateway.key) as client:
        tasks = client.get_database_client("d").get_container_client("c")
        text = "SELECT VALUE COUNT(1) FROM c WHERE c.state = 'open'"
        for _ in range(3):
            assert await results(tasks.query_items(text)) == [667]
            await built(gateway)
    container = gateway._store.container("d", "c")
    assert container.columns == {("state",): "k1"}
    assert container.building == {}
    await gateway.stop()


async def test_a_container_dropped_during_a_build_stops_the_build(
    gateway: Gateway, tasks: ContainerProxy, client: CosmosClient
) -> None:
    for _ in range(2):
        await results(tasks.query_items(COUNT_OPEN))
    await client.get_database_client("careloom").delete_container("cases")
    await built(gateway)
    await client.create_database("still-serving")


async def test_a_replaced_policy_builds_what_it_declares(
    gateway: Gateway, tasks: ContainerProxy, client: CosmosClient
) -> None:
    policy: Any = {"includedPaths": [{"path": "/dueAt/?"}]}
    database = client.get_database_client("careloom")
    await database.replace_container("cases", PartitionKey("/caseId"), indexing_policy=policy)
    await built(gateway)
    assert ("dueAt",) in gateway._store.container("careloom", "cases").columns
    text = "SELECT VALUE COUNT(1) FROM c WHERE c.dueAt = '2026-01-01'"
    assert await results(tasks.query_items(text)) == [108]
