from typing import Any

import pytest
from azure.cosmos.aio import ContainerProxy

VALUES: list[Any] = [3, None, "b", 1, True, "a", 2, [1], {"a": 1}, False]


@pytest.fixture
async def mixed(cases: ContainerProxy) -> ContainerProxy:
    """Documents whose n has every type, and one that has none."""
    for number, value in enumerate(VALUES):
        await cases.create_item({"id": str(number), "caseId": "a", "n": value, "m": number % 2})
    await cases.create_item({"id": "none", "caseId": "a", "m": 0})
    return cases


async def pages(mixed: ContainerProxy, order: str, *, size: int) -> list[str]:
    """Every id, a page at a time, each page asked for anew."""
    token, found = None, []
    while True:
        pager: Any = mixed.query_items(
            f"SELECT VALUE c.id FROM c ORDER BY {order}",  # noqa: S608 - Cosmos DB's language
            max_item_count=size,
            partition_key="a",
        ).by_page(token)
        found += [item async for item in await anext(pager)]
        token = pager.continuation_token
        if not token:
            return found


@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_values_are_ordered_by_type_then_value(mixed: ContainerProxy, size: int) -> None:
    ascending = ["none", "1", "9", "4", "3", "6", "0", "5", "2", "7", "8"]
    assert await pages(mixed, "c.n", size=size) == ascending
    assert await pages(mixed, "c.n DESC", size=size) == ascending[::-1]
    halves = ["none", "4", "6", "0", "2", "8", "1", "9", "3", "5", "7"]
    assert await pages(mixed, "c.m, c.n", size=size) == halves
    assert await pages(mixed, "c.m DESC, c.n DESC", size=size) == halves[::-1]


async def test_pages_in_an_order_without_an_index_repeat_and_lose_nothing(
    mixed: ContainerProxy,
) -> None:
    pager: Any = mixed.query_items(
        "SELECT VALUE c.id FROM c ORDER BY c.n", max_item_count=4, partition_key="a"
    ).by_page()
    first = [item async for item in await anext(pager)]
    assert first == ["none", "1", "9", "4"]
    await mixed.delete_item("none", "a")
    await mixed.delete_item("1", "a")
    rest = [item async for page in pager for item in [name async for name in page]]
    assert rest == ["3", "6", "0", "5", "2", "7", "8"]
