from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest
from durabletask import entities, task
from durabletask.entities import EntityInstanceId

from localhost.taskhub.clock import VirtualClock
from tests.localhost.taskhub.stage import Stage, staged

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

type Story = Generator[task.Task[Any], Any, Any]

COUNTER = EntityInstanceId("counter", "it")


def counter(context: entities.EntityContext, given: Any) -> Any:
    state = context.get_state(int, 0)
    if context.operation == "add":
        context.set_state(state + given)
    elif context.operation == "fail":
        context.set_state(-1)
        raise ValueError("refused")
    elif context.operation == "tell":
        context.signal_entity(EntityInstanceId("counter", given), "add", 1)
    elif context.operation == "start":
        context.schedule_new_orchestration("ends", input=state, instance_id=given)
    elif context.operation == "clear":
        context.set_state(None)
    return context.get_state(int, 0)


def ends(_: task.OrchestrationContext, given: Any) -> Any:
    return given


async def state_of(stage: Stage, entity: EntityInstanceId = COUNTER) -> Any:
    found = await stage.client.get_entity(entity)
    return None if found is None else json.loads(found.get_state(str) or "null")


async def eventually(stage: Stage, expected: Any, entity: EntityInstanceId = COUNTER) -> None:
    for _ in range(500):
        if await state_of(stage, entity) == expected:
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"{entity} is {await state_of(stage, entity)}, not {expected}")


async def test_signals_change_the_state_in_order(stage: Stage) -> None:
    stage.worker.add(entities=[counter])

    for number in (1, 2, 3):
        await stage.client.signal_entity(COUNTER, "add", number)

    await eventually(stage, 6)


async def test_an_orchestration_calls_an_entity_and_gets_its_answer(stage: Stage) -> None:
    def calls(context: task.OrchestrationContext, _: Any) -> Story:
        context.signal_entity(COUNTER, "add", 2)
        first = yield context.call_entity(COUNTER, "add", 3)
        second = yield context.call_entity(COUNTER, "get")
        return [first, second]

    stage.worker.add(orchestrators=[calls], entities=[counter])

    end = await stage.run(calls)

    assert json.loads(end.serialized_output) == [5, 5]


async def test_a_failed_operation_is_rolled_back_and_told_to_its_caller(stage: Stage) -> None:
    def calls(context: task.OrchestrationContext, _: Any) -> Story:
        yield context.call_entity(COUNTER, "add", 4)
        try:
            yield context.call_entity(COUNTER, "fail")
        except task.TaskFailedError as error:
            return str(error)

    stage.worker.add(orchestrators=[calls], entities=[counter])

    end = await stage.run(calls)

    assert "refused" in end.serialized_output
    assert await state_of(stage) == 4


async def test_an_entity_signals_another_and_starts_an_orchestration(stage: Stage) -> None:
    stage.worker.add(orchestrators=[ends], entities=[counter])

    await stage.client.signal_entity(COUNTER, "add", 9)
    await stage.client.signal_entity(COUNTER, "tell", "other")
    await stage.client.signal_entity(COUNTER, "start", "started")
    await eventually(stage, 1, EntityInstanceId("counter", "other"))

    assert (await stage.end_of("started")).serialized_output == "9"


async def test_a_scheduled_signal_arrives_at_its_time(tmp_path: Path) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    clock = VirtualClock(start)

    async with staged(tmp_path / "hub.db", clock=clock) as stage:
        stage.worker.add(entities=[counter])
        await stage.client.signal_entity(COUNTER, "add", 1, signal_time=start + timedelta(days=30))
        await eventually(stage, 1)

        assert clock.now() == start + timedelta(days=30)


async def test_a_late_answer_does_not_reach_the_next_generation(stage: Stage) -> None:
    release = asyncio.Event()

    async def hold(item: pb.WorkItem) -> None:
        if item.HasField("entityRequestV2"):
            await release.wait()

    def goes_on(context: task.OrchestrationContext, generation: int) -> Story:
        if generation == 0:
            context.call_entity(COUNTER, "add", 1)
            yield context.create_timer(timedelta(milliseconds=20))
            context.continue_as_new(1)
            return None
        yield context.wait_for_external_event("go")
        return "sound"

    stage.worker.before = hold
    stage.worker.add(orchestrators=[goes_on], entities=[counter])
    instance = await stage.begin(goes_on, 0)
    await asyncio.sleep(0.2)
    release.set()
    await eventually(stage, 1)
    await stage.client.raise_orchestration_event(instance, "go")

    assert (await stage.end_of(instance)).serialized_output == '"sound"'


async def test_a_batch_that_failed_as_a_whole_tells_every_caller(stage: Stage) -> None:
    await stage.worker.stop()
    request = pb.SignalEntityRequest(instanceId=str(COUNTER), name="add", requestId="r")
    await stage.hub.signal_entity(request)
    items = stage.hub.work_items()
    item = await anext(items)

    failure = pb.TaskFailureDetails(errorType="Broken", errorMessage="no such entity")
    await stage.hub.complete_entity(
        pb.EntityBatchResult(completionToken=item.completionToken, failureDetails=failure)
    )

    assert stage.hub._store.db.execute("SELECT count(*) FROM entity_inbox").fetchone() == (0,)


async def test_operations_that_a_batch_did_not_reach_are_delivered_again(stage: Stage) -> None:
    await stage.worker.stop()
    for name in ("first", "second"):
        await stage.hub.signal_entity(
            pb.SignalEntityRequest(instanceId=str(COUNTER), name=name, requestId=name)
        )
    items = stage.hub.work_items()
    item = await anext(items)

    await stage.hub.complete_entity(
        pb.EntityBatchResult(
            completionToken=item.completionToken,
            results=[pb.OperationResult(success=pb.OperationResultSuccess())],
        )
    )

    again = (await anext(items)).entityRequestV2.operationRequests
    assert [o.entityOperationSignaled.operation for o in again] == ["second"]
