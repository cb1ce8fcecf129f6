"""The Cosmos store when Cosmos DB throttles, falters or loses its answers.

What the store means is tested with the port, in tests/shared/ports.
"""

import asyncio
from dataclasses import replace

import pytest

from localhost.cosmos_gateway.server import Gateway
from shared.adapters.cosmos.case_store import FRESH, OPERATIONS_MAX, CosmosCaseStore
from shared.adapters.cosmos.client import CosmosDatabase
from shared.adapters.memory.clock import SettableClock
from shared.contracts.prior_authorization import CaseRef
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.change import Change
from shared.errors import PermanentError, TransientError
from shared.ports.case_store import DeadLetter, TooLargeError, letter_body
from shared.ports.commits import commit_step, load_settled
from tests.shared.ports.samples import (
    NOON,
    a_case,
    a_message,
    an_inbox_row,
    following,
    opening,
    under_review,
)


@pytest.fixture
def store(database: CosmosDatabase) -> CosmosCaseStore:
    return CosmosCaseStore(database, SettableClock(NOON))


async def test_a_throttled_call_waits_and_succeeds(
    store: CosmosCaseStore, gateway: Gateway
) -> None:
    await store.save(opening(a_case()))
    gateway.faults.throttle(3, retry_after_ms=1)
    assert await store.load("case-1") is not None
    gateway.faults.throttle(3, retry_after_ms=1)
    stored = await store.load("case-1")
    assert stored is not None
    gateway.faults.throttle(3, retry_after_ms=1)
    await store.save(following(stored, under_review(stored.case)))


async def test_a_store_that_throttles_for_too_long_is_transient(
    store: CosmosCaseStore, gateway: Gateway
) -> None:
    await store.save(opening(a_case()))
    gateway.faults.throttle(100, retry_after_ms=1)
    with pytest.raises(TransientError):
        await store.load("case-1")


async def test_a_store_that_is_unavailable_is_transient(
    store: CosmosCaseStore, gateway: Gateway
) -> None:
    await store.save(opening(a_case()))
    gateway.faults.unavailable(100)
    with pytest.raises(TransientError):
        await store.save(opening(a_case(2)))


async def test_a_store_that_is_not_there_is_transient(gateway: Gateway) -> None:
    await gateway.stop()
    nowhere = CosmosDatabase(gateway.endpoint, "careloom", key=gateway.key)
    with pytest.raises(TransientError):
        await CosmosCaseStore(nowhere, SettableClock(NOON)).load("case-1")
    await nowhere.close()


async def test_a_step_whose_answer_was_lost_is_not_done_twice(
    store: CosmosCaseStore, gateway: Gateway
) -> None:
    await store.save(opening(a_case()))
    applied = 0

    def rule(case: Case) -> Change[str]:
        nonlocal applied
        applied += 1
        # Only the next request is struck: the commit that follows this rule.
        gateway.faults.lose_answers(1)
        return Change(case=under_review(case), result="reviewed", messages=(a_message(),))

    # The SDK sends the batch again; its ETag no longer holds, and the step is found done.
    assert await commit_step(store, "case-1", "step-1", rule, str) == "reviewed"
    assert await commit_step(store, "case-1", "step-1", rule, str) == "reviewed"
    assert applied == 1
    assert len(await store.outbox("case-1")) == 1


async def test_of_many_steps_at_once_each_is_done_once(store: CosmosCaseStore) -> None:
    await store.save(opening(a_case()))

    async def perform(number: int) -> str:
        def add(case: Case) -> Change[str]:
            return Change(case=case, result=f"r{number}", messages=(a_message(f"m{number}"),))

        return await commit_step(store, "case-1", f"step-{number}", add, str)

    answers = await asyncio.gather(*(perform(number % 6) for number in range(12)))
    assert answers == [f"r{number % 6}" for number in range(12)]
    sent = [row.message.message_id for row in await store.outbox("case-1")]
    assert sorted(sent) == [f"m{number}" for number in range(6)]


async def test_a_message_that_was_just_written_is_not_asked_for(
    store: CosmosCaseStore, gateway: Gateway
) -> None:
    await store.save(opening(a_case(), a_message("m")))
    [written] = await store.outbox("case-1")
    gateway.faults.unavailable(100)
    assert await store.message("case-1", "m") == written


async def test_what_others_made_of_a_message_is_asked_for_when_it_is_old(
    store: CosmosCaseStore, database: CosmosDatabase
) -> None:
    clock = SettableClock(NOON)
    writer = CosmosCaseStore(database, clock)
    await writer.save(opening(a_case(), a_message("m")))
    await store.settle_message("case-1", "m", status="delivered", at=NOON)
    clock.advance(FRESH)
    row = await writer.message("case-1", "m")
    assert row is not None
    assert row.status == "delivered"


async def test_a_case_that_this_process_settled_is_not_asked_for(
    store: CosmosCaseStore, gateway: Gateway
) -> None:
    await store.save(opening(replace(a_case(), stage=Stage.DECIDED)))
    gateway.faults.unavailable(100)
    assert (await load_settled(store, CaseRef("case-1"))).stage is Stage.DECIDED
    with pytest.raises(TransientError):
        await load_settled(store, CaseRef("case-1", 2))


async def test_a_case_that_another_process_settled_is_asked_for(
    store: CosmosCaseStore, database: CosmosDatabase
) -> None:
    await store.save(opening(a_case()))
    elsewhere = CosmosCaseStore(database, SettableClock(NOON))
    stored = await elsewhere.load("case-1")
    assert stored is not None
    await elsewhere.save(following(stored, replace(stored.case, stage=Stage.DECIDED)))
    assert (await load_settled(store, CaseRef("case-1"))).stage is Stage.DECIDED


async def test_a_commit_with_too_many_parts_is_refused_whole(store: CosmosCaseStore) -> None:
    messages = [a_message(str(number)) for number in range(OPERATIONS_MAX)]
    with pytest.raises(PermanentError, match="parts"):
        await store.save(opening(a_case(), *messages))
    assert await store.load("case-1") is None


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_a_request_too_large_for_the_store_is_refused(store: CosmosCaseStore) -> None:
    bundle = {"resourceType": "Bundle", "padding": "x" * 3_000_000}
    with pytest.raises(TooLargeError):
        await store.receive(replace(an_inbox_row(), bundle=bundle))


@pytest.mark.parametrize("byte", [b"\xff", b'"', "\U0001f600".encode()])
async def test_a_dead_letter_of_any_size_finds_its_place(
    store: CosmosCaseStore, byte: bytes
) -> None:
    body = letter_body(byte * (1_500_000 // len(byte)))
    await store.bury(
        DeadLetter(letter_id="l-1", source="hub", reason="no JSON", body=body, received_at=NOON)
    )
    [letter] = await store.dead_letters(limit=1)
    assert letter.body == body


async def test_the_case_outlasts_the_client(gateway: Gateway) -> None:
    for expected in (None, a_case()):
        opened = CosmosDatabase(gateway.endpoint, "careloom", key=gateway.key)
        store = CosmosCaseStore(opened, SettableClock(NOON))
        stored = await store.load("case-1")
        assert (stored.case if stored else None) == expected
        if stored is None:
            await store.save(opening(a_case()))
        await opened.close()
