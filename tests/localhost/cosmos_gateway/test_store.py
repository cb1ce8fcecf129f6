"""The gateway beside a model of it: a dictionary, and random operations through the SDK."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from azure.cosmos import PartitionKey
from azure.cosmos.aio import ContainerProxy, CosmosClient
from azure.cosmos.exceptions import CosmosAccessConditionFailedError, CosmosBatchOperationError

from localhost.cosmos_gateway.server import serve
from localhost.cosmos_gateway.storage import UnusableFileError

STEPS = 120

type Step = tuple[str, str, str, int]


class Model:
    """What the items of a container are to be."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], int] = {}

    def apply(self, kind: str, pk: str, name: str, number: int) -> int:
        key, there = (pk, name), (pk, name) in self.items
        if kind == "create" and there:
            return 409
        if kind in ("replace", "delete", "patch") and not there:
            return 404
        if kind == "delete":
            del self.items[key]
            return 204
        self.items[key] = self.items[key] + number if kind == "patch" else number
        return 200 if kind in ("replace", "patch") or there else 201

    def apply_all(self, steps: list[Step]) -> list[int]:
        """Every status; or, where one refuses, 424 for the others and no change."""
        before = dict(self.items)
        statuses: list[int] = []
        for step in steps:
            statuses.append(self.apply(*step))
            if statuses[-1] >= 400:
                self.items = before
                failed = len(statuses) - 1
                return [statuses[-1] if n == failed else 424 for n in range(len(steps))]
        return statuses


def as_operation(kind: str, pk: str, name: str, number: int) -> Any:
    body = {"id": name, "pk": pk, "n": number}
    step = [{"op": "incr", "path": "/n", "value": number}]
    arguments: dict[str, tuple[Any, ...]] = {
        "create": (body,),
        "upsert": (body,),
        "replace": (name, body),
        "delete": (name,),
        "patch": (name, step),
    }
    return (kind, arguments[kind])


async def perform(container: ContainerProxy, kind: str, pk: str, name: str, number: int) -> int:
    operation, arguments = as_operation(kind, pk, name, number)
    if kind in ("delete", "patch"):
        arguments = (name, pk, *arguments[1:])
    try:
        await getattr(container, f"{operation}_item")(*arguments)
    except HttpResponseError as error:
        return int(error.status_code or 0)
    return 0


async def perform_all(container: ContainerProxy, pk: str, steps: list[Step]) -> list[int]:
    operations = [as_operation(*step) for step in steps]
    try:
        answers: Any = await container.execute_item_batch(operations, partition_key=pk)
    except CosmosBatchOperationError as error:
        answers = error.operation_responses
    return [answer["statusCode"] for answer in answers]


@pytest.mark.parametrize("seed", range(8))
async def test_random_operations_and_restarts_leave_what_the_model_says(
    tmp_path: Path, seed: int
) -> None:
    rng, model, file = random.Random(seed), Model(), tmp_path / "cosmos.db"
    gateway = await serve(file)
    client = CosmosClient(gateway.endpoint, gateway.key)
    await client.__aenter__()
    database = await client.create_database("d")
    container = await database.create_container("c", PartitionKey("/pk"))

    def any_step(pk: str) -> Step:
        kind = rng.choice(["create", "upsert", "replace", "delete", "patch"])
        return kind, pk, f"i{rng.randrange(6)}", rng.randrange(100)

    for _ in range(STEPS):
        pk = rng.choice("ab")
        if rng.random() < 0.6:
            step = any_step(pk)
            expected = model.apply(*step)
            status = await perform(container, *step)
            assert status == (expected if expected >= 400 else 0), f"seed {seed}: {step}"
        elif rng.random() < 0.9:
            steps = [any_step(pk) for _ in range(rng.randint(1, 5))]
            expected_batch = model.apply_all(steps)
            assert await perform_all(container, pk, steps) == expected_batch, f"{seed}: {steps}"
        else:
            await client.close()
            await gateway.stop()
            gateway = await serve(file)
            client = CosmosClient(gateway.endpoint, gateway.key)
            await client.__aenter__()
            container = client.get_database_client("d").get_container_client("c")
    held = {(i["pk"], i["id"]): i["n"] async for i in container.read_all_items()}
    assert held == model.items, f"seed {seed}"
    await client.close()
    await gateway.stop()


async def test_of_writers_with_the_same_etag_one_wins(cases: ContainerProxy) -> None:
    await cases.create_item({"id": "1", "caseId": "a", "n": 0})

    async def add_one() -> None:
        while True:
            item = await cases.read_item("1", "a")
            try:
                await cases.replace_item(
                    "1",
                    {**item, "n": item["n"] + 1},
                    etag=item["_etag"],
                    match_condition=MatchConditions.IfNotModified,
                )
            except CosmosAccessConditionFailedError:
                continue
            return

    await asyncio.gather(*[add_one() for _ in range(12)])
    assert (await cases.read_item("1", "a"))["n"] == 12


async def test_a_file_that_another_gateway_serves_is_refused(tmp_path: Path) -> None:
    first = await serve(tmp_path / "cosmos.db")
    with pytest.raises(UnusableFileError, match="in use"):
        await serve(tmp_path / "cosmos.db")
    await first.stop()
    second = await serve(tmp_path / "cosmos.db")
    await second.stop()


async def test_versions_go_on_after_a_restart(tmp_path: Path) -> None:
    etags = []
    for _ in range(3):
        gateway = await serve(tmp_path / "cosmos.db")
        async with CosmosClient(gateway.endpoint, gateway.key) as client:
            database = await client.create_database_if_not_exists("d")
            container = await database.create_container_if_not_exists("c", PartitionKey("/pk"))
            etags.append((await container.upsert_item({"id": "1", "pk": "a"}))["_etag"])
            await container.delete_item("1", "a")
        await gateway.stop()
    assert etags == sorted(set(etags))
