from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from durabletask import entities, task
from durabletask.client import EntityQuery
from durabletask.entities import EntityInstanceId

from tests.localhost.taskhub.waiting import until

if TYPE_CHECKING:
    from collections.abc import Generator

    import durabletask.internal.orchestrator_service_pb2 as pb

    from tests.localhost.taskhub.stage import Stage

type Story = Generator[task.Task[Any], Any, Any]

A, B, C = (EntityInstanceId("account", key) for key in "abc")


def account(context: entities.EntityContext, given: Any) -> Any:
    if context.operation == "add":
        context.set_state(context.get_state(int, 0) + given)
    return context.get_state(int, 0)


def holds(context: task.OrchestrationContext, _: Any) -> Story:
    with (yield context.lock_entities([A])):
        before = yield context.call_entity(A, "get")
        yield context.wait_for_external_event("go")
        after = yield context.call_entity(A, "get")
    return [before, after]


async def until_locked(stage: Stage) -> None:
    everything = EntityQuery(include_transient=True)
    for _ in range(500):
        found = await stage.client.get_all_entities(everything)
        if any(entity._locked_by for entity in found):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the lock was never granted")


async def test_entity_lock_keeps_signals_out_until_it_is_released(stage: Stage) -> None:
    stage.worker.add(orchestrators=[holds], entities=[account])
    instance = await stage.begin(holds)
    await until_locked(stage)

    await stage.client.signal_entity(A, "add", 5)
    await asyncio.sleep(0.05)
    await stage.client.raise_orchestration_event(instance, "go")

    assert json.loads((await stage.end_of(instance)).serialized_output) == [0, 0]
    for _ in range(300):
        entity = await stage.client.get_entity(A)
        if entity is not None and entity.get_state(str) == "5":
            break
        await asyncio.sleep(0.01)
    else:
        raise AssertionError("the signal was lost")


async def test_a_signal_sent_before_the_lock_is_applied_before_it(stage: Stage) -> None:
    def signals_then_locks(context: task.OrchestrationContext, _: Any) -> Story:
        context.signal_entity(A, "add", 7)
        with (yield context.lock_entities([A])):
            return (yield context.call_entity(A, "get"))

    stage.worker.add(orchestrators=[signals_then_locks], entities=[account])

    assert (await stage.run(signals_then_locks)).serialized_output == "7"


async def test_what_comes_behind_a_lock_request_waits_until_its_lock_is_released(
    stage: Stage,
) -> None:
    stage.worker.add(orchestrators=[holds], entities=[account])
    first = await stage.begin(holds)
    await until_locked(stage)
    second = await stage.begin(holds)
    await stage.client.signal_entity(A, "add", 5)

    await stage.client.raise_orchestration_event(first, "go")
    await stage.client.raise_orchestration_event(second, "go")

    assert json.loads((await stage.end_of(second)).serialized_output) == [0, 0]


async def test_a_lock_waits_for_what_stands_before_it_at_every_entity(stage: Stage) -> None:
    release = asyncio.Event()

    async def hold(item: pb.WorkItem) -> None:
        if item.entityRequestV2.instanceId == str(B):
            await release.wait()

    def locks_both(context: task.OrchestrationContext, _: Any) -> Story:
        with (yield context.lock_entities([A, B])):
            return (yield context.call_entity(B, "get"))

    stage.worker.before = hold
    stage.worker.add(orchestrators=[locks_both], entities=[account])
    await stage.client.signal_entity(B, "add", 5)
    await until(lambda: stage.hub._dispatcher.is_held(str(B)))
    await stage.client.signal_entity(B, "add", 7)
    instance = await stage.begin(locks_both)
    await asyncio.sleep(0.05)
    release.set()

    assert (await stage.end_of(instance)).serialized_output == "12"


async def test_transfers_that_lock_overlapping_sets_never_block_each_other(stage: Stage) -> None:
    def transfers(context: task.OrchestrationContext, pair: list[str]) -> Story:
        source, target = (EntityInstanceId("account", key) for key in pair)
        with (yield context.lock_entities([source, target])):
            held = yield context.call_entity(source, "get")
            yield context.create_timer(timedelta(milliseconds=1))
            yield context.call_entity(source, "add", -1)
            yield context.call_entity(target, "add", 1)
            unchanged = held - 1 == (yield context.call_entity(source, "get"))
        return unchanged

    stage.worker.add(orchestrators=[transfers], entities=[account])
    pairs = [("a", "b"), ("b", "c"), ("c", "a"), ("b", "a"), ("a", "c")] * 4

    ends = await asyncio.gather(*(stage.run(transfers, list(pair)) for pair in pairs))

    assert {end.serialized_output for end in ends} == {"true"}
    found = await stage.client.get_all_entities()
    assert sum(int(entity.get_state(str) or 0) for entity in found) == 0
    assert not any(entity._locked_by for entity in found)


async def test_terminating_the_owner_releases_its_locks_and_requests(stage: Stage) -> None:
    stage.worker.add(orchestrators=[holds], entities=[account])
    owner = await stage.begin(holds)
    await until_locked(stage)
    asks = await stage.begin(holds)
    third = await stage.begin(holds)

    await stage.client.terminate_orchestration(asks)
    await stage.client.terminate_orchestration(owner)
    await stage.client.raise_orchestration_event(third, "go")

    assert json.loads((await stage.end_of(third)).serialized_output) == [0, 0]
