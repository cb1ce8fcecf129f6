from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.cosmos.aio import ContainerProxy

from tests.localhost.cosmos_gateway.conftest import TurnedClock


async def ids(feed: AsyncIterator[dict[str, Any]]) -> list[str]:
    return [item["id"] async for item in feed]


async def add(cases: ContainerProxy, *names: str, case: str = "a") -> None:
    for name in names:
        await cases.upsert_item({"id": name, "caseId": case})


async def test_the_feed_holds_the_latest_version_of_each_document_in_order(
    cases: ContainerProxy,
) -> None:
    await add(cases, "1", "2", "3")
    await add(cases, "1")
    feed = cases.query_items_change_feed(start_time="Beginning")
    assert await ids(feed) == ["2", "3", "1"]


async def test_the_feed_goes_on_from_a_continuation(cases: ContainerProxy) -> None:
    await add(cases, "1", "2")
    assert len(await ids(cases.query_items_change_feed(start_time="Beginning"))) == 2
    token = cases.client_connection.last_response_headers["etag"]
    assert await ids(cases.query_items_change_feed(continuation=token)) == []
    await add(cases, "3")
    assert await ids(cases.query_items_change_feed(continuation=token)) == ["3"]


async def test_the_feed_from_now_holds_what_comes_later(cases: ContainerProxy) -> None:
    await add(cases, "1")
    assert await ids(cases.query_items_change_feed(start_time="Now")) == []
    token = cases.client_connection.last_response_headers["etag"]
    await add(cases, "2")
    assert await ids(cases.query_items_change_feed(continuation=token)) == ["2"]


async def test_the_feed_from_a_point_in_time_holds_what_changed_since(
    cases: ContainerProxy, clock: TurnedClock
) -> None:
    await add(cases, "1")
    clock.seconds += 100
    await add(cases, "2")
    since = datetime.fromtimestamp(clock.seconds - 50, UTC)
    assert await ids(cases.query_items_change_feed(start_time=since)) == ["2"]


async def test_a_feed_from_a_time_since_when_nothing_changed_is_empty(
    cases: ContainerProxy, clock: TurnedClock
) -> None:
    """It asks again with the first page's ETag, which must lie past what was passed over."""
    await add(cases, "1", "2")
    since = datetime.fromtimestamp(clock.seconds + 50, UTC)
    assert await ids(cases.query_items_change_feed(start_time=since)) == []
    clock.seconds += 100
    await add(cases, "3")
    assert await ids(cases.query_items_change_feed(start_time=since)) == ["3"]


async def test_the_feed_of_one_partition_leaves_the_others_out(cases: ContainerProxy) -> None:
    await add(cases, "1", case="a")
    await add(cases, "2", case="b")
    feed = cases.query_items_change_feed(start_time="Beginning", partition_key="b")
    assert await ids(feed) == ["2"]


async def test_the_feed_comes_in_pages(cases: ContainerProxy) -> None:
    await add(cases, *(str(n) for n in range(25)))
    feed = cases.query_items_change_feed(start_time="Beginning", max_item_count=10)
    pages = [[item["id"] async for item in page] async for page in feed.by_page()]
    assert [len(page) for page in pages if page] == [10, 10, 5]


async def test_all_versions_and_deletes_is_refused_by_name(cases: ContainerProxy) -> None:
    with pytest.raises(HttpResponseError, match="AllVersionsAndDeletes"):
        await ids(cases.query_items_change_feed(mode="AllVersionsAndDeletes"))
