"""The database: created where a key allows it, filled only on this machine."""

import asyncio

from azure.cosmos.aio import ContainerProxy

from localhost.cosmos_gateway.server import Gateway
from shared.adapters.cosmos.client import CosmosDatabase
from shared.adapters.cosmos.containers import CASES, EVERY_CONTAINER, REGISTERS


async def test_the_first_use_creates_every_container_with_its_index(
    database: CosmosDatabase,
) -> None:
    for plan in EVERY_CONTAINER:
        properties = await (await database.container(plan)).read()
        assert properties["partitionKey"]["paths"] == [plan.partition_key]
        included = {each["path"] for each in properties["indexingPolicy"]["includedPaths"]}
        assert {f"/{name}/?" for name in plan.indexed} <= included


async def test_to_ensure_twice_changes_nothing(database: CosmosDatabase) -> None:
    container = await database.container(CASES)
    await container.create_item({"id": "1", "caseId": "1"})
    await database.ensure()
    assert (await container.read_item("1", "1"))["id"] == "1"


async def test_processes_that_start_together_do_not_collide(gateway: Gateway) -> None:
    together = [CosmosDatabase(gateway.endpoint, "shared", key=gateway.key) for _ in range(4)]
    await asyncio.gather(*(each.container(CASES) for each in together))
    for each in together:
        await each.close()


async def test_registers_are_filled_before_their_first_use_on_this_machine(
    gateway: Gateway,
) -> None:
    filled: list[str] = []

    async def fill(container: ContainerProxy) -> None:
        filled.append(container.id)

    local = CosmosDatabase(gateway.endpoint, "filled", key=gateway.key, fill_registers=fill)
    await asyncio.gather(*(local.container(plan) for plan in EVERY_CONTAINER))
    assert filled == [REGISTERS.name]
    await local.close()


async def test_a_database_elsewhere_is_never_filled() -> None:
    elsewhere = CosmosDatabase("https://careloom.documents.azure.com:443/", "careloom", key="a2V5")
    assert not elsewhere.is_local
    assert CosmosDatabase("http://localhost:8081/", "careloom", key="a2V5").is_local
