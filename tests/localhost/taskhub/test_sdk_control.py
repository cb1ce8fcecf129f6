"""What durabletask promises of suspend, resume, terminate and restart, as scenarios."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from durabletask import task

from tests.localhost.taskhub.waiting import until

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.localhost.taskhub.stage import Stage

type Story = Generator[task.Task[Any], Any, Any]


def gather(context: task.OrchestrationContext, count: int) -> Story:
    numbers: list[Any] = []
    while len(numbers) < count:
        numbers.append((yield context.wait_for_external_event("number")))
    return numbers


def nap(context: task.OrchestrationContext, seconds: float) -> Story:
    yield context.create_timer(timedelta(seconds=seconds))
    return "rested"


def count_up(context: task.OrchestrationContext, number: int) -> Story:
    context.set_custom_status(f"round {number}")
    yield context.wait_for_external_event("next")
    if number < 3:
        context.continue_as_new(number + 1, save_events=True)
        return None
    return number


async def test_events_wait_in_order_while_an_instance_is_suspended(stage: Stage) -> None:
    stage.worker.add(orchestrators=[gather])
    instance = await stage.begin(gather, 4)
    await stage.client.raise_orchestration_event(instance, "number", data=0)

    await stage.client.suspend_orchestration(instance)
    for number in (1, 2, 3):
        await stage.client.raise_orchestration_event(instance, "number", data=number)
    await until(lambda: not stage.hub._is_busy())
    assert await stage.status(instance) == "SUSPENDED"
    await stage.client.resume_orchestration(instance)

    assert (await stage.end_of(instance)).serialized_output == "[0, 1, 2, 3]"


async def test_a_timer_that_fires_while_suspended_is_heard_after_the_resume(stage: Stage) -> None:
    stage.worker.add(orchestrators=[nap])
    instance = await stage.begin(nap, 0.05)

    await stage.client.suspend_orchestration(instance)
    await asyncio.sleep(0.15)
    assert await stage.status(instance) == "SUSPENDED"
    await stage.client.resume_orchestration(instance)

    assert (await stage.end_of(instance)).serialized_output == '"rested"'


async def test_an_instance_may_be_suspended_before_its_first_turn(stage: Stage) -> None:
    await stage.worker.stop()
    instance = await stage.client.schedule_new_orchestration("nap", input=0)
    await stage.client.suspend_orchestration(instance)
    stage.worker.add(orchestrators=[nap]).start()
    await asyncio.sleep(0.05)

    assert await stage.status(instance) == "SUSPENDED"
    assert stage.worker.items_seen == []
    await stage.client.resume_orchestration(instance)
    assert (await stage.end_of(instance)).serialized_output == '"rested"'


async def test_generations_go_on_after_a_resume(stage: Stage) -> None:
    stage.worker.add(orchestrators=[count_up])
    instance = await stage.begin(count_up, 0)

    await stage.client.suspend_orchestration(instance)
    for _ in range(4):
        await stage.client.raise_orchestration_event(instance, "next")
    await stage.client.resume_orchestration(instance)

    end = await stage.end_of(instance)
    assert (end.serialized_output, end.serialized_custom_status) == ("3", '"round 3"')


async def test_custom_status_is_that_of_the_present_generation(stage: Stage) -> None:
    stage.worker.add(orchestrators=[count_up])
    instance = await stage.begin(count_up, 0)

    await stage.client.raise_orchestration_event(instance, "next")

    async def is_in_round_one() -> bool:
        state = await stage.client.get_orchestration_state(instance)
        return state is not None and state.serialized_custom_status == '"round 1"'

    await until(is_in_round_one)


async def test_a_suspended_instance_can_be_terminated_with_an_output(stage: Stage) -> None:
    stage.worker.add(orchestrators=[gather])
    instance = await stage.begin(gather, 1)
    await stage.client.suspend_orchestration(instance)

    await stage.client.terminate_orchestration(instance, output={"reason": "ü"})

    end = await stage.end_of(instance)
    assert end.runtime_status.name == "TERMINATED"
    assert json.loads(end.serialized_output) == {"reason": "ü"}


async def test_what_a_child_answers_to_a_terminated_parent_is_dropped(stage: Stage) -> None:
    def parent(context: task.OrchestrationContext, _: Any) -> Story:
        return (yield context.call_sub_orchestrator(gather, input=1, instance_id="child"))

    stage.worker.add(orchestrators=[parent, gather])
    instance = await stage.begin(parent)
    await until(lambda: stage.has_instances(2))

    await stage.client.terminate_orchestration(instance, recursive=False)
    await stage.client.raise_orchestration_event("child", "number", data=1)

    assert (await stage.end_of("child")).serialized_output == "[1]"
    assert await stage.status(instance) == "TERMINATED"
    assert stage.hub._store.db.execute("SELECT count(*) FROM inbox").fetchone() == (0,)


async def test_waits_for_a_start_and_for_an_end_run_out_of_time(stage: Stage) -> None:
    stage.worker.add(orchestrators=[nap])
    later = datetime.now(UTC) + timedelta(hours=1)
    instance = await stage.client.schedule_new_orchestration(nap, input=0, start_at=later)

    with pytest.raises(TimeoutError):
        await stage.client.wait_for_orchestration_start(instance, timeout=0.2)
    with pytest.raises(TimeoutError):
        await stage.client.wait_for_orchestration_completion(instance, timeout=0.2)

    assert await stage.status(instance) == "PENDING"
    assert not stage.hub._waiters._waiting
    await stage.client.terminate_orchestration(instance)
    assert stage.hub._store.db.execute("SELECT count(*) FROM timers").fetchone() == (0,)
