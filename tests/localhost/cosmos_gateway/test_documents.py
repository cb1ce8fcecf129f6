import json
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.cosmos import PartitionKey
from azure.cosmos.aio import ContainerProxy, DatabaseProxy

from localhost.cosmos_gateway.answers import ApiError
from localhost.cosmos_gateway.containers import Container
from localhost.cosmos_gateway.documents import (
    checked_id,
    decode_json,
    partition_key_in_header,
    receive,
    stored_text,
)
from tests.localhost.cosmos_gateway.conftest import TurnedClock

CONTAINER = Container(
    1, "d", "c", {"id": "c", "_rid": "AAAAAAAAAAA=", "partitionKey": {"paths": ["/o/pk"]}}
)


def test_the_text_sent_is_kept_and_system_properties_follow_it() -> None:
    text = '{ "id": "1", "o": {"pk": "a"}, "wide" : 1.50 }  '
    incoming = receive(CONTAINER, json.loads(text), text, None)
    stored = stored_text(CONTAINER, incoming, row=1, lsn=2, now=3)
    assert stored.startswith('{ "id": "1", "o": {"pk": "a"}, "wide" : 1.50 ,"_rid"')
    assert json.loads(stored)["_ts"] == 3


def test_system_properties_that_a_client_sends_back_are_replaced() -> None:
    document = {"id": "1", "_etag": "old", "_ts": 1, "o": {"pk": "a"}}
    incoming = receive(CONTAINER, document, json.dumps(document), None)
    stored = json.loads(stored_text(CONTAINER, incoming, row=1, lsn=2, now=3))
    assert stored["_etag"] == '"00000002-0000-0000-0000-000000000000"'
    assert stored["_ts"] == 3


@pytest.mark.parametrize("text", ["", "{", "[1,", '{"a": NaN}', '{"a": Infinity}', "[" * 100_000])
def test_a_body_that_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as refused:
        decode_json(text)
    assert refused.value.status == 400


@pytest.mark.parametrize("value", [None, "", 7, "a/b", "a\\b", "a?b", "a#b", "x" * 1024])
def test_an_id_that_no_link_can_hold_is_refused(value: object) -> None:
    with pytest.raises(ApiError):
        checked_id(value)


def test_a_partition_header_holds_one_scalar() -> None:
    assert partition_key_in_header(None) is None
    assert partition_key_in_header('["a"]') == b"\x05a"
    assert partition_key_in_header("[{}]") == b""
    for header in ('["a", "b"]', '[["a"]]', '"a"', "nonsense"):
        with pytest.raises(ApiError):
            partition_key_in_header(header)


async def test_an_item_lives_as_long_as_it_says(cases: ContainerProxy, clock: TurnedClock) -> None:
    await cases.create_item({"id": "short", "caseId": "a", "ttl": 10})
    await cases.create_item({"id": "long", "caseId": "a"})
    clock.seconds += 9
    assert (await cases.read_item("short", "a"))["ttl"] == 10
    clock.seconds += 1
    with pytest.raises(HttpResponseError) as gone:
        await cases.read_item("short", "a")
    assert gone.value.status_code == 404
    left: Any = cases.query_items("SELECT VALUE c.id FROM c", partition_key="a")
    assert [name async for name in left] == ["long"]
    count: Any = cases.query_items("SELECT VALUE COUNT(1) FROM c", partition_key="a")
    assert [n async for n in count] == [1]
    await cases.create_item({"id": "short", "caseId": "a"})


async def test_a_containers_default_time_to_live_holds_for_old_items_too(
    database: DatabaseProxy, clock: TurnedClock
) -> None:
    items = await database.create_container("c", PartitionKey("/pk"))
    await items.create_item({"id": "1", "pk": "a", "ttl": 5})
    await items.create_item({"id": "2", "pk": "a"})
    await items.create_item({"id": "3", "pk": "a", "ttl": -1})
    clock.seconds += 60
    assert len([item async for item in items.read_all_items()]) == 3
    await database.replace_container("c", PartitionKey("/pk"), default_ttl=100)
    assert [item["id"] async for item in items.read_all_items()] == ["2", "3"]
    clock.seconds += 60
    assert [item["id"] async for item in items.read_all_items()] == ["3"]


@pytest.mark.parametrize("ttl", [0, -2, "10", 10**30, True])
async def test_a_time_to_live_is_minus_one_or_positive(cases: ContainerProxy, ttl: object) -> None:
    with pytest.raises(HttpResponseError) as refused:
        await cases.create_item({"id": "1", "caseId": "a", "ttl": ttl})
    assert refused.value.status_code == 400


def test_an_item_nests_at_most_128_levels() -> None:
    deep: dict[str, Any] = {}
    for _ in range(126):
        deep = {"x": deep}
    receive(CONTAINER, {"id": "1", "deep": deep, "many": [[]] * 200}, None, None)
    with pytest.raises(ApiError, match="128 levels"):
        receive(CONTAINER, {"id": "1", "deep": [deep]}, None, None)


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1" + "0" * 400, "1" * 5000])
def test_a_number_that_no_double_holds_is_refused(number: str) -> None:
    with pytest.raises(ApiError, match="range of doubles"):
        decode_json(f'{{"n": {number}}}')
