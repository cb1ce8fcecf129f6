from typing import Any

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from azure.cosmos.aio import ContainerProxy
from azure.cosmos.partition_key import NonePartitionKeyValue

from tests.localhost.cosmos_gateway.conftest import TurnedClock

ITEM = {"id": "1", "caseId": "a", "n": 1}


async def status_of(awaitable: Any) -> int:
    with pytest.raises(HttpResponseError) as refused:
        await awaitable
    return int(refused.value.status_code or 0)


async def test_an_id_is_taken_once_in_each_partition(cases: ContainerProxy) -> None:
    await cases.create_item(ITEM)
    await cases.create_item({**ITEM, "caseId": "b", "n": 2})
    assert await status_of(cases.create_item(ITEM)) == 409
    assert (await cases.read_item("1", "a"))["n"] == 1
    assert (await cases.read_item("1", "b"))["n"] == 2


async def test_an_item_that_is_not_there_answers_404(cases: ContainerProxy) -> None:
    assert await status_of(cases.read_item("9", "a")) == 404
    assert await status_of(cases.delete_item("9", "a")) == 404
    assert await status_of(cases.replace_item("9", {**ITEM, "id": "9"})) == 404
    assert await status_of(cases.patch_item("9", "a", [])) == 404


async def test_a_stale_etag_stops_every_kind_of_change(cases: ContainerProxy) -> None:
    stale = {"etag": (await cases.create_item(ITEM))["_etag"]}
    stale["match_condition"] = MatchConditions.IfNotModified
    await cases.replace_item("1", {**ITEM, "n": 2}, **stale)
    assert await status_of(cases.replace_item("1", {**ITEM, "n": 3}, **stale)) == 412
    assert await status_of(cases.upsert_item({**ITEM, "n": 3}, **stale)) == 412
    assert await status_of(cases.delete_item("1", "a", **stale)) == 412
    step = [{"op": "set", "path": "/n", "value": 3}]
    assert await status_of(cases.patch_item("1", "a", step, **stale)) == 412
    assert (await cases.read_item("1", "a"))["n"] == 2


async def test_an_upsert_on_condition_that_none_exists_is_refused_by_name(
    cases: ContainerProxy,
) -> None:
    with pytest.raises(HttpResponseError, match="If-None-Match on a write"):
        await cases.upsert_item(ITEM, match_condition=MatchConditions.IfMissing)


async def test_a_reader_that_has_the_version_gets_304(cases: ContainerProxy) -> None:
    created = await cases.create_item(ITEM)
    same = await cases.read_item(
        "1", "a", etag=created["_etag"], match_condition=MatchConditions.IfModified
    )
    assert dict(same) == {}


async def test_a_patch_applies_where_its_condition_holds(cases: ContainerProxy) -> None:
    await cases.create_item({**ITEM, "tags": ["x"]})
    step: list[dict[str, Any]] = [
        {"op": "incr", "path": "/n", "value": 4},
        {"op": "add", "path": "/tags/-", "value": "y"},
    ]
    met = await cases.patch_item("1", "a", step, filter_predicate="from c where c.n = 1")
    assert (met["n"], met["tags"]) == (5, ["x", "y"])
    unmet = cases.patch_item("1", "a", step, filter_predicate="from c where c.n = 1")
    assert await status_of(unmet) == 412


async def test_a_patchs_condition_may_ask_for_the_time(
    cases: ContainerProxy, clock: TurnedClock
) -> None:
    await cases.create_item({**ITEM, "claimedUntil": "2027-01-15T08:00:10.0000000Z"})
    step: list[dict[str, Any]] = [{"op": "set", "path": "/claimedBy", "value": "me"}]
    free = "from c where c.claimedUntil < GetCurrentDateTime()"
    assert await status_of(cases.patch_item("1", "a", step, filter_predicate=free)) == 412
    clock.seconds += 11
    assert (await cases.patch_item("1", "a", step, filter_predicate=free))["claimedBy"] == "me"


async def test_an_item_cannot_leave_its_partition(cases: ContainerProxy) -> None:
    await cases.create_item(ITEM)
    step = [{"op": "set", "path": "/caseId", "value": "b"}]
    assert await status_of(cases.patch_item("1", "a", step)) == 400


async def test_partition_keys_may_be_numbers_booleans_null_or_missing(
    cases: ContainerProxy,
) -> None:
    for value in (7, 7.5, True, False, None):
        await cases.create_item({"id": "1", "caseId": value})
        assert (await cases.read_item("1", value))["caseId"] == value
    await cases.create_item({"id": "1", "other": 1})
    assert (await cases.read_item("1", NonePartitionKeyValue))["other"] == 1
