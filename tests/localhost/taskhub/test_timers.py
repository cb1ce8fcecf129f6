from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask import task
from google.protobuf.wrappers_pb2 import StringValue

from localhost.taskhub.clock import VirtualClock
from localhost.taskhub.hub import TaskHub
from localhost.taskhub.timers import FIRED_MAX
from tests.localhost.taskhub.sdk_worker import SdkWorker
from tests.localhost.taskhub.stage import staged

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.localhost.taskhub.stage import Stage

type Story = Generator[task.Task[Any], Any, Any]

START = datetime(2026, 1, 1, tzinfo=UTC)


def sleeps(context: task.OrchestrationContext, seconds: float) -> Story:
    yield context.create_timer(timedelta(seconds=seconds))
    return "woken"


async def test_a_timer_fires_at_its_time(stage: Stage) -> None:
    stage.worker.add(orchestrators=[sleeps])
    begun = time.monotonic()

    end = await stage.run(sleeps, 0.3)

    assert end.serialized_output == '"woken"'
    assert 0.29 <= time.monotonic() - begun < 1.5


async def test_an_event_in_time_beats_the_timer_and_the_timer_is_forgotten(stage: Stage) -> None:
    def waits(context: task.OrchestrationContext, _: Any) -> Story:
        event = context.wait_for_external_event("approved")
        timeout = context.create_timer(timedelta(hours=1))
        first = yield task.when_any([event, timeout])
        return "approved" if first is event else "late"

    stage.worker.add(orchestrators=[waits])
    instance = await stage.begin(waits)

    await stage.client.raise_orchestration_event(instance, "approved")

    assert (await stage.end_of(instance)).serialized_output == '"approved"'
    assert stage.hub._store.db.execute("SELECT count(*) FROM timers").fetchone() == (0,)


async def test_a_timer_from_before_continue_as_new_does_not_fire_in_the_next_generation(
    stage: Stage,
) -> None:
    def goes_on(context: task.OrchestrationContext, generation: int) -> Story:
        if generation == 0:
            context.create_timer(timedelta(milliseconds=200))
            yield context.create_timer(timedelta(milliseconds=1))
            context.continue_as_new(1)
            return None
        begun = context.current_utc_datetime
        yield context.create_timer(timedelta(milliseconds=600))
        return (context.current_utc_datetime - begun).total_seconds()

    stage.worker.add(orchestrators=[goes_on])

    end = await stage.run(goes_on, 0)

    assert float(end.serialized_output) >= 0.6


async def test_an_instance_with_a_start_time_waits_for_it(stage: Stage) -> None:
    stage.worker.add(orchestrators=[sleeps])
    begun = time.monotonic()

    instance = await stage.client.schedule_new_orchestration(
        sleeps, input=0, start_at=datetime.now(UTC) + timedelta(seconds=0.4)
    )
    status = await stage.status(instance)
    await stage.end_of(instance)

    assert status == "PENDING"
    assert time.monotonic() - begun >= 0.39


async def test_an_event_does_not_start_a_scheduled_instance_early(tmp_path: Path) -> None:
    clock = VirtualClock(START)

    def waits(context: task.OrchestrationContext, _: Any) -> Story:
        yield context.wait_for_external_event("go")
        return context.current_utc_datetime.isoformat()

    async with staged(tmp_path / "hub.db", clock=clock) as stage:
        stage.worker.add(orchestrators=[waits])
        with clock.held():
            instance = await stage.client.schedule_new_orchestration(
                waits, start_at=START + timedelta(days=2)
            )
            await stage.client.raise_orchestration_event(instance, "go")

        end = await stage.end_of(instance)

        assert end.serialized_output == '"2026-01-03T00:00:00"'


async def test_a_thousand_timers_need_one_alarm_and_fire_in_order(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    woken: list[int] = []

    def naps(context: task.OrchestrationContext, minutes: int) -> Story:
        yield context.create_timer(timedelta(minutes=minutes))
        woken.append(minutes)

    async with staged(tmp_path / "hub.db", clock=clock) as stage:
        stage.worker.add(orchestrators=[naps])
        with clock.held():
            instances = [
                await stage.client.schedule_new_orchestration(naps, input=minutes)
                for minutes in range(1000, 0, -1)
            ]
            for instance in instances:
                await stage.client.wait_for_orchestration_start(instance)
            assert len(clock._alarms) < 1100

        for instance in instances:
            await stage.end_of(instance)

        assert woken == list(range(1, 1001))


async def test_timers_that_came_due_while_no_hub_was_open_fire_once_and_in_order(
    tmp_path: Path,
) -> None:
    """More of them than one change fires."""
    count = FIRED_MAX + 100
    minutes = random.Random(1).sample(range(count), count)

    def naps(context: task.OrchestrationContext, _: Any) -> Story:
        yield task.when_all([context.create_timer(timedelta(minutes=each)) for each in minutes])

    async with staged(tmp_path / "hub.db", clock=(clock := VirtualClock(START))) as stage:
        stage.worker.add(orchestrators=[naps])
        with clock.held():
            instance = await stage.begin(naps)

    async with staged(tmp_path / "hub.db", clock=VirtualClock(START + timedelta(days=9))) as stage:
        stage.worker.add(orchestrators=[naps])
        await stage.end_of(instance)
        request = pb.StreamInstanceHistoryRequest(instanceId=instance)
        events = [event async for chunk in stage.hub.history(request) for event in chunk.events]

    fired = [
        event.timerFired.fireAt.ToDatetime(UTC) for event in events if event.HasField("timerFired")
    ]
    assert fired == [START + timedelta(minutes=each) for each in range(count)]


async def test_a_year_of_timers_runs_in_order_well_within_a_minute() -> None:
    clock = VirtualClock(START)
    hub = await TaskHub.open(None, clock=clock)
    days: list[tuple[int, int]] = []

    def daily(context: task.OrchestrationContext, given: list[int]) -> Story:
        hour, day = given
        yield context.create_timer(START + timedelta(days=day, hours=hour))
        days.append((day, hour))
        if day < 364:
            context.continue_as_new([hour, day + 1])

    worker = SdkWorker(hub).add(orchestrators=[daily]).start()
    begun = time.monotonic()

    with clock.held():
        instances = [
            await hub.start_instance(
                pb.CreateInstanceRequest(name="daily", input=StringValue(value=f"[{hour}, 0]"))
            )
            for hour in range(4)
        ]
    for instance in instances:
        await hub.wait_for_completion(pb.GetInstanceRequest(instanceId=instance.instanceId))

    assert days == [(day, hour) for day in range(365) for hour in range(4)]
    assert clock.now() == START + timedelta(days=364, hours=3)
    assert time.monotonic() - begun < 30
    await worker.stop()
    await hub.close()


async def test_history_carries_the_clocks_time(tmp_path: Path) -> None:
    clock = VirtualClock(START)

    async with staged(tmp_path / "hub.db", clock=clock) as stage:
        stage.worker.add(orchestrators=[sleeps])
        end = await stage.run(sleeps, 86_400)

        history = await stage.client.get_orchestration_history(end.instance_id)

        assert history[0].timestamp == START
        assert history[-1].timestamp == START + timedelta(days=1)
        assert end.created_at.replace(tzinfo=UTC) == START
        assert end.last_updated_at.replace(tzinfo=UTC) == START + timedelta(days=1)
