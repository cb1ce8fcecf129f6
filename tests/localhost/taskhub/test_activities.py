from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask import task

from tests.localhost.taskhub.waiting import until

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.localhost.taskhub.stage import Stage

type Story = Generator[task.Task[Any], Any, Any]


async def test_a_failed_activity_reaches_the_orchestrator_as_a_task_failed_error(
    stage: Stage,
) -> None:
    def fails(_: task.ActivityContext, __: Any) -> None:
        raise OSError("disk")

    def catches(context: task.OrchestrationContext, _: Any) -> Story:
        try:
            yield context.call_activity(fails)
        except task.TaskFailedError as error:
            return [error.details.error_type, error.details.message]

    stage.worker.add(orchestrators=[catches], activities=[fails])

    end = await stage.run(catches)

    assert json.loads(end.serialized_output) == ["builtins.OSError", "disk"]


async def test_a_retry_policy_tries_again_with_back_off(stage: Stage) -> None:
    attempts: list[float] = []

    def works_the_third_time(_: task.ActivityContext, __: Any) -> str:
        attempts.append(asyncio.get_running_loop().time())
        if len(attempts) < 3:
            raise RuntimeError("not yet")
        return "worked"

    def retries(context: task.OrchestrationContext, _: Any) -> Story:
        policy = task.RetryPolicy(
            first_retry_interval=timedelta(milliseconds=50),
            max_number_of_attempts=3,
            backoff_coefficient=3,
        )
        return (yield context.call_activity(works_the_third_time, retry_policy=policy))

    stage.worker.add(orchestrators=[retries], activities=[works_the_third_time])

    end = await stage.run(retries)

    assert end.serialized_output == '"worked"'
    assert attempts[1] - attempts[0] >= 0.045
    assert attempts[2] - attempts[1] >= 0.14


async def test_a_retry_policy_gives_up_after_its_last_attempt(stage: Stage) -> None:
    attempts: list[int] = []

    def never_works(_: task.ActivityContext, __: Any) -> None:
        attempts.append(1)
        raise RuntimeError("never")

    def retries(context: task.OrchestrationContext, _: Any) -> Story:
        policy = task.RetryPolicy(
            first_retry_interval=timedelta(milliseconds=1), max_number_of_attempts=4
        )
        yield context.call_activity(never_works, retry_policy=policy)

    stage.worker.add(orchestrators=[retries], activities=[never_works])

    end = await stage.run(retries)

    assert end.runtime_status.name == "FAILED"
    assert len(attempts) == 4


async def test_late_activity_result_after_continue_as_new_is_not_delivered(stage: Stage) -> None:
    release = asyncio.Event()

    async def hold_the_old(item: pb.WorkItem) -> None:
        if item.activityRequest.input.value == '"old"':
            await release.wait()

    def echo(_: task.ActivityContext, word: str) -> str:
        return word

    def goes_on(context: task.OrchestrationContext, generation: int) -> Story:
        if generation == 0:
            context.call_activity(echo, input="old")  # Takes the same task id as the new one.
            yield context.create_timer(timedelta(milliseconds=50))
            context.continue_as_new(1)
            return None
        slow = context.wait_for_external_event("release")
        result = context.call_activity(echo, input="new")
        yield slow
        return (yield result)

    stage.worker.before = hold_the_old
    stage.worker.add(orchestrators=[goes_on], activities=[echo])
    instance = await stage.begin(goes_on, 0)

    async def new_result_is_in() -> bool:
        return '"new"' in str(await stage.client.get_orchestration_history(instance))

    await until(new_result_is_in)
    release.set()
    await asyncio.sleep(0.05)
    await stage.client.raise_orchestration_event(instance, "release")

    assert (await stage.end_of(instance)).serialized_output == '"new"'


async def test_activity_that_ends_after_terminate_leaves_the_history_clean(stage: Stage) -> None:
    release, begun = asyncio.Event(), asyncio.Event()

    async def hold(item: pb.WorkItem) -> None:
        if item.HasField("activityRequest"):
            begun.set()
            await release.wait()

    def slow(_: task.ActivityContext, __: Any) -> str:
        return "late"

    def calls(context: task.OrchestrationContext, _: Any) -> Story:
        return (yield context.call_activity(slow))

    stage.worker.before = hold
    stage.worker.add(orchestrators=[calls], activities=[slow])
    instance = await stage.begin(calls)
    await begun.wait()
    await stage.client.terminate_orchestration(instance, output="stopped")
    before = await stage.client.get_orchestration_history(instance)

    release.set()
    await asyncio.sleep(0.1)

    assert await stage.client.get_orchestration_history(instance) == before
    end = await stage.end_of(instance)
    assert (end.runtime_status.name, end.serialized_output) == ("TERMINATED", '"stopped"')


async def test_an_abandoned_activity_runs_again_and_only_one_answer_counts(stage: Stage) -> None:
    await stage.worker.stop()
    instance = await stage.client.schedule_new_orchestration("calls")
    items = stage.hub.work_items()
    turn = await anext(items)
    await stage.hub.complete_orchestrator(
        pb.OrchestratorResponse(
            instanceId=instance,
            completionToken=turn.completionToken,
            actions=[pb.OrchestratorAction(id=1, scheduleTask=pb.ScheduleTaskAction(name="a"))],
        )
    )
    first = await anext(items)

    stage.hub.abandon(first)
    second = await anext(items)
    answer = pb.ActivityResponse(
        instanceId=instance, taskId=1, completionToken=second.completionToken
    )
    await stage.hub.complete_activity(answer)
    await stage.hub.complete_activity(answer)
    stage.hub.abandon(second)

    turn = await anext(items)
    told = Counter(e.WhichOneof("eventType") for e in turn.orchestratorRequest.newEvents)
    assert first.activityRequest == second.activityRequest
    assert told == {"orchestratorStarted": 1, "taskCompleted": 1}


async def test_an_activity_gets_the_trace_context_that_the_orchestrator_set(stage: Stage) -> None:
    await stage.worker.stop()
    instance = await stage.client.schedule_new_orchestration("calls")
    items = stage.hub.work_items()
    turn = await anext(items)
    trace = pb.TraceContext(traceParent="00-" + "1" * 32 + "-" + "2" * 16 + "-01")
    scheduled = pb.ScheduleTaskAction(name="a", parentTraceContext=trace)

    await stage.hub.complete_orchestrator(
        pb.OrchestratorResponse(
            instanceId=instance,
            completionToken=turn.completionToken,
            actions=[pb.OrchestratorAction(id=1, scheduleTask=scheduled)],
        )
    )

    assert (await anext(items)).activityRequest.parentTraceContext == trace


async def test_a_token_that_is_not_ours_changes_nothing(stage: Stage) -> None:
    for token in ("", "a", "a1", "ax:y", "o1", "a1:2:3"):
        await stage.hub.complete_activity(pb.ActivityResponse(completionToken=token))
