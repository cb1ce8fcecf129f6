import asyncio

import pytest
from azure.core.exceptions import HttpResponseError
from azure.cosmos.aio import ContainerProxy
from azure.cosmos.exceptions import CosmosBatchOperationError, CosmosResourceNotFoundError

from localhost.cosmos_gateway.answers import Answer, ApiError
from localhost.cosmos_gateway.batches import perform_batch
from localhost.cosmos_gateway.containers import new_container, new_database
from localhost.cosmos_gateway.items import Session, read
from localhost.cosmos_gateway.keys import encode
from localhost.cosmos_gateway.store import Store

ITEM = {"id": "1", "caseId": "a", "n": 1}


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
    with pytest.raises(CosmosResourceNotFoundError):
        await cases.read_item("2", "a")


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


@pytest.mark.filterwarnings("ignore:Sending a large body")
async def test_a_batch_keeps_to_its_partition_and_its_size(cases: ContainerProxy) -> None:
    stray = [("create", ({"id": "1", "caseId": "b"},))]
    with pytest.raises(CosmosBatchOperationError) as failed:
        await cases.execute_item_batch(stray, partition_key="a")
    assert failed.value.status_code == 400
    many = [("upsert", ({"id": str(n), "caseId": "a"},)) for n in range(101)]
    large = [("upsert", ({"id": n, "caseId": "a", "x": "x" * 1_100_000},)) for n in "12"]
    with pytest.raises(HttpResponseError, match="too large") as refused:
        await cases.execute_item_batch(large, partition_key="a")
    assert refused.value.status_code == 413
    with pytest.raises(HttpResponseError, match="at most 100"):
        await cases.execute_item_batch(many, partition_key="a")


async def test_a_batch_whose_patch_has_a_malformed_condition_changes_nothing(
    cases: ContainerProxy,
) -> None:
    await cases.create_item(ITEM)
    step = ("patch", ("1", [{"op": "incr", "path": "/n", "value": 1}]))
    bad = (*step, {"filter_predicate": "wherever"})
    with pytest.raises(CosmosBatchOperationError) as failed:
        await cases.execute_item_batch([step, bad], partition_key="a")
    assert failed.value.status_code == 400
    assert (await cases.read_item("1", "a"))["n"] == 1


async def test_a_batch_without_wanted_answers_returns_what_it_reads_only(
    cases: ContainerProxy,
) -> None:
    answers = await cases.execute_item_batch(
        [("create", (ITEM,)), ("read", ("1",))], partition_key="a", no_response=True
    )
    assert "resourceBody" not in answers[0]
    assert answers[1]["resourceBody"]["n"] == 1


async def test_a_batch_that_breaks_down_half_way_changes_nothing() -> None:
    """Whatever breaks: the transaction is shared with other requests, and goes on."""
    store = Store(None, durability="normal", clock=lambda: 0.0)
    await store.create_database(new_database({"id": "db"}, 0.0))
    definition = new_container("db", {"id": "k", "partitionKey": {"paths": ["/caseId"]}}, 0.0)
    await store.create_container("db", definition)
    container = store.container("db", "k")
    creates = [
        {"operationType": "Create", "resourceBody": {"id": name, "caseId": "a"}} for name in "12"
    ]
    versions = iter([1])  # There is none for the second operation.

    def breaks_down(session: Session) -> Answer:
        short = Session(session.connection, session.now, lambda: next(versions))
        return perform_batch(short, container, encode("a"), creates)

    # Both in one group, so in one transaction.
    broken = asyncio.ensure_future(store.write(breaks_down))
    after = asyncio.ensure_future(
        store.write(lambda session: perform_batch(session, container, encode("a"), creates[1:]))
    )
    with pytest.raises(RuntimeError):
        await broken
    assert (await after).status == 200
    with pytest.raises(ApiError):
        read(store.points, container, (encode("a"), encode("1")), 0)
    await store.stop()
