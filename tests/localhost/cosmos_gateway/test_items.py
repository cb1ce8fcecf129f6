from typing import Any

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from azure.cosmos.aio import ContainerProxy
from azure.cosmos.exceptions import CosmosBatchOperationError

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
    step = [
        {"op": "incr", "path": "/n", "value": 4},
        {"op": "add", "path": "/tags/-", "value": "y"},
    ]
    met = await cases.patch_item("1", "a", step, filter_predicate="from c where c.n = 1")
    assert (met["n"], met["tags"]) == (5, ["x", "y"])
    unmet = cases.patch_item("1", "a", step, filter_predicate="from c where c.n = 1")
    assert await status_of(unmet) == 412


async def test_an_item_cannot_leave_its_partition(cases: ContainerProxy) -> None:
    await cases.create_item(ITEM)
    step = [{"op": "set", "path": "/caseId", "value": "b"}]
    assert await status_of(cases.patch_item("1", "a", step)) == 400


async def test_a_batch_answers_each_operation(cases: ContainerProxy) -> None:
    answers = await cases.execute_item_batch(
        [
            ("create", (ITEM,)),
            ("upsert", ({"id": "2", "caseId": "a"},)),
            ("read", ("1",)),
            ("replace", ("1", {**ITEM, "n": 9})),
            ("patch", ("1", [{"op": "incr", "path": "/n", "value": 1}])),
            ("delete", ("2",)),
        ],
        partition_key="a",
    )
    assert [answer["statusCode"] for answer in answers] == [201, 201, 200, 200, 200, 204]
    assert answers[4]["resourceBody"]["n"] == 10
    assert answers[4]["eTag"] == (await cases.read_item("1", "a"))["_etag"]


async def test_a_batch_that_fails_changes_nothing_and_says_which_failed(
    cases: ContainerProxy,
) -> None:
    await cases.create_item(ITEM)
    with pytest.raises(CosmosBatchOperationError) as failed:
        await cases.execute_item_batch(
            [("create", ({"id": "2", "caseId": "a"},)), ("create", (ITEM,)), ("delete", ("1",))],
            partition_key="a",
        )
    assert failed.value.error_index == 1
    statuses = [answer["statusCode"] for answer in failed.value.operation_responses]
    assert statuses == [424, 409, 424]
    assert await status_of(cases.read_item("2", "a")) == 404


async def test_a_batch_obeys_etags(cases: ContainerProxy) -> None:
    etag = (await cases.create_item(ITEM))["_etag"]
    change = ("replace", ("1", {**ITEM, "n": 2}), {"if_match_etag": etag})
    log = ("create", ({"id": "log", "caseId": "a"},))
    await cases.execute_item_batch([change, log], partition_key="a")
    change = ("replace", ("1", {**ITEM, "n": 3}), {"if_match_etag": etag})
    with pytest.raises(CosmosBatchOperationError) as failed:
        await cases.execute_item_batch([log, change], partition_key="a")
    assert failed.value.status_code in (409, 412)
    assert (await cases.read_item("1", "a"))["n"] == 2


async def test_a_batch_keeps_to_its_partition_and_its_size(cases: ContainerProxy) -> None:
    stray = [("create", ({"id": "1", "caseId": "b"},))]
    with pytest.raises(CosmosBatchOperationError) as failed:
        await cases.execute_item_batch(stray, partition_key="a")
    assert failed.value.status_code == 400
    many = [("upsert", ({"id": str(n), "caseId": "a"},)) for n in range(101)]
    with pytest.raises(HttpResponseError, match="at most 100"):
        await cases.execute_item_batch(many, partition_key="a")


async def test_partition_keys_may_be_numbers_booleans_null_or_missing(
    cases: ContainerProxy,
) -> None:
    from azure.cosmos.partition_key import NonePartitionKeyValue

    for value in (7, 7.5, True, False, None):
        await cases.create_item({"id": "1", "caseId": value})
        assert (await cases.read_item("1", value))["caseId"] == value
    await cases.create_item({"id": "1", "other": 1})
    assert (await cases.read_item("1", NonePartitionKeyValue))["other"] == 1
