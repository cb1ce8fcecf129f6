from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from durabletask import task

if TYPE_CHECKING:
    from collections.abc import Generator

    import durabletask.internal.orchestrator_service_pb2 as pb

    from tests.localhost.taskhub.stage import Stage

type Story = Generator[task.Task[Any], Any, Any]


class Flaky:
    """Activities of which one fails until it is repaired."""

    def __init__(self) -> None:
        self.is_broken = True
        self.runs: Counter[str] = Counter()

    def sound(self, _: task.ActivityContext, name: str) -> str:
        self.runs[name] += 1
        return name

    def fragile(self, _: task.ActivityContext, name: str) -> str:
        self.runs[name] += 1
        if self.is_broken:
            raise OSError(name)
        return name


async def test_rewind_runs_again_only_what_failed(stage: Stage) -> None:
    flaky = Flaky()

    def story(context: task.OrchestrationContext, _: Any) -> Story:
        first = yield context.call_activity("sound", input="first")
        second = yield context.call_activity("fragile", input="second")
        return first + second

    stage.worker.add(orchestrators=[story])
    stage.worker.sdk._registry.add_named_activity("sound", flaky.sound)
    stage.worker.sdk._registry.add_named_activity("fragile", flaky.fragile)
    failed = await stage.run(story)
    flaky.is_broken = False

    await stage.client.rewind_orchestration(failed.instance_id, reason="repaired")
    end = await stage.end_of(failed.instance_id)

    assert failed.runtime_status.name == "FAILED"
    assert (end.runtime_status.name, end.serialized_output) == ("COMPLETED", '"firstsecond"')
    assert end.failure_details is None
    assert flaky.runs == {"first": 1, "second": 2}


async def test_rewind_reaches_the_failed_sub_orchestration(stage: Stage) -> None:
    flaky = Flaky()

    def child(context: task.OrchestrationContext, _: Any) -> Story:
        return (yield context.call_activity("fragile", input="deep"))

    def parent(context: task.OrchestrationContext, _: Any) -> Story:
        return (yield context.call_sub_orchestrator(child, instance_id="child"))

    stage.worker.add(orchestrators=[parent, child])
    stage.worker.sdk._registry.add_named_activity("fragile", flaky.fragile)
    failed = await stage.run(parent)
    flaky.is_broken = False

    await stage.client.rewind_orchestration(failed.instance_id)
    end = await stage.end_of(failed.instance_id)

    assert end.serialized_output == '"deep"'
    assert (await stage.end_of("child")).runtime_status.name == "COMPLETED"


async def test_rewind_restarts_a_sub_orchestration_that_was_purged(stage: Stage) -> None:
    flaky = Flaky()

    def child(context: task.OrchestrationContext, _: Any) -> Story:
        return (yield context.call_activity("fragile", input="deep"))

    def parent(context: task.OrchestrationContext, _: Any) -> Story:
        return (yield context.call_sub_orchestrator(child, instance_id="child"))

    stage.worker.add(orchestrators=[parent, child])
    stage.worker.sdk._registry.add_named_activity("fragile", flaky.fragile)
    failed = await stage.run(parent)
    await stage.client.purge_orchestration("child")
    flaky.is_broken = False

    await stage.client.rewind_orchestration(failed.instance_id)

    assert (await stage.end_of(failed.instance_id)).serialized_output == '"deep"'


async def test_rewind_takes_up_what_was_under_way_when_the_instance_failed(stage: Stage) -> None:
    """An activity that ended unheard, a timer and a child still running are all waited for."""
    flaky, release = Flaky(), asyncio.Event()

    async def hold(item: pb.WorkItem) -> None:
        if item.activityRequest.input.value == '"slow"':
            await release.wait()

    def child(context: task.OrchestrationContext, _: Any) -> Story:
        return (yield context.wait_for_external_event("grow"))

    def story(context: task.OrchestrationContext, _: Any) -> Story:
        slow: task.Task[Any] = context.call_activity("sound", input="slow")
        nap = context.create_timer(timedelta(milliseconds=300))
        young = context.call_sub_orchestrator(child, instance_id="child")
        yield context.call_activity("fragile", input="fails")
        yield nap
        return [(yield slow), (yield young)]

    stage.worker.before = hold
    stage.worker.add(orchestrators=[story, child])
    stage.worker.sdk._registry.add_named_activity("sound", flaky.sound)
    stage.worker.sdk._registry.add_named_activity("fragile", flaky.fragile)
    failed = await stage.run(story)
    release.set()
    await asyncio.sleep(0.05)
    flaky.is_broken = False

    await stage.client.rewind_orchestration(failed.instance_id)
    await stage.client.raise_orchestration_event("child", "grow", data="grown")
    end = await stage.end_of(failed.instance_id)

    assert end.serialized_output == '["slow", "grown"]'


async def test_an_event_that_comes_with_the_rewind_is_kept(stage: Stage) -> None:
    flaky = Flaky()

    def story(context: task.OrchestrationContext, _: Any) -> Story:
        yield context.call_activity("fragile", input="fails")
        return (yield context.wait_for_external_event("go"))

    stage.worker.add(orchestrators=[story])
    stage.worker.sdk._registry.add_named_activity("fragile", flaky.fragile)
    failed = await stage.run(story)
    flaky.is_broken = False

    await stage.client.rewind_orchestration(failed.instance_id)
    await stage.client.raise_orchestration_event(failed.instance_id, "go", data=1)

    assert (await stage.end_of(failed.instance_id)).serialized_output == "1"
