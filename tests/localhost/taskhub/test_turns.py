from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask import task

from tests.localhost.taskhub.stage import Stage, staged
from tests.localhost.taskhub.waiting import until

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

type Story = Generator[task.Task[Any], Any, Any]


def plus_one(_: task.ActivityContext, number: int) -> int:
    return number + 1


def three_steps(context: task.OrchestrationContext, number: int) -> Story:
    for _ in range(3):
        number = yield context.call_activity(plus_one, input=number)
    return number


def fan_out(context: task.OrchestrationContext, width: int) -> Story:
    results = yield task.when_all(
        [context.call_activity(plus_one, input=number) for number in range(width)]
    )
    return sum(results)


async def test_steps_run_in_sequence(stage: Stage) -> None:
    stage.worker.add(orchestrators=[three_steps], activities=[plus_one])

    end = await stage.run(three_steps, 1)

    assert end.runtime_status.name == "COMPLETED"
    assert end.serialized_output == "4"
    assert end.failure_details is None


async def test_a_fan_out_of_a_thousand_joins(stage: Stage) -> None:
    stage.worker.add(orchestrators=[fan_out], activities=[plus_one])

    end = await stage.run(fan_out, 1000)

    assert end.serialized_output == str(sum(range(1, 1001)))
    history: list[Any] = await stage.client.get_orchestration_history(end.instance_id)
    done = [e.task_scheduled_id for e in history if type(e).__name__ == "TaskCompletedEvent"]
    assert sorted(done) == list(range(1, 1001))


async def test_an_orchestrator_that_raises_fails_with_its_details(stage: Stage) -> None:
    def raises(context: task.OrchestrationContext, _: Any) -> Any:
        raise ValueError(f"instance {context.instance_id}")

    stage.worker.add(orchestrators=[raises])

    end = await stage.run(raises, instance_id="it")

    assert end.runtime_status.name == "FAILED"
    assert end.failure_details is not None
    assert end.failure_details.error_type.endswith("ValueError")
    assert end.failure_details.message == "instance it"


async def test_a_sub_orchestration_returns_its_result_and_knows_its_parent(stage: Stage) -> None:
    def child(context: task.OrchestrationContext, number: int) -> Story:
        result = yield context.call_activity(plus_one, input=number)
        return [result, context.parent_instance_id, context.version]

    def parent(context: task.OrchestrationContext, _: Any) -> Story:
        return (yield context.call_sub_orchestrator(child, input=1, version="2.0"))

    async with staged(None, default_version="3.0") as stage_:
        stage_.worker.add(orchestrators=[parent, child], activities=[plus_one])

        end = await stage_.run(parent, instance_id="parent")

        assert json.loads(end.serialized_output) == [2, "parent", "2.0"]


async def test_a_failed_sub_orchestration_fails_with_the_real_error_type(stage: Stage) -> None:
    def child(_: task.OrchestrationContext, __: Any) -> Any:
        raise KeyError("nothing")

    def parent(context: task.OrchestrationContext, _: Any) -> Story:
        try:
            yield context.call_sub_orchestrator(child)
        except task.TaskFailedError as error:
            return error.details.error_type
        return "no error"

    stage.worker.add(orchestrators=[parent, child])

    end = await stage.run(parent)

    assert json.loads(end.serialized_output) == "builtins.KeyError"


async def test_a_sub_orchestration_whose_id_is_running_is_refused(stage: Stage) -> None:
    def waits(context: task.OrchestrationContext, _: Any) -> Story:
        yield context.wait_for_external_event("go")

    def parent(context: task.OrchestrationContext, _: Any) -> Story:
        try:
            yield context.call_sub_orchestrator(waits, instance_id="taken")
        except task.TaskFailedError as error:
            return error.details.error_type
        return "no error"

    stage.worker.add(orchestrators=[parent, waits])
    await stage.begin(waits, instance_id="taken")

    end = await stage.run(parent)

    assert json.loads(end.serialized_output) == "OrchestrationAlreadyExists"


async def test_continue_as_new_starts_a_fresh_history_with_the_new_input(stage: Stage) -> None:
    def counts(context: task.OrchestrationContext, number: int) -> Story:
        number = yield context.call_activity(plus_one, input=number)
        if number < 5:
            context.continue_as_new(number)
            return None
        return number

    stage.worker.add(orchestrators=[counts], activities=[plus_one])

    end = await stage.run(counts, 0)

    assert end.serialized_output == "5"
    history: list[Any] = await stage.client.get_orchestration_history(end.instance_id)
    started = [e for e in history if type(e).__name__ == "ExecutionStartedEvent"]
    assert [e.input for e in started] == ["4"]


async def test_continue_as_new_keeps_events_that_nobody_took(stage: Stage) -> None:
    def collects(context: task.OrchestrationContext, taken: list[int]) -> Story:
        taken.append((yield context.wait_for_external_event("item")))
        if len(taken) == 5:
            return taken
        context.continue_as_new(taken, save_events=True)
        return None

    stage.worker.add(orchestrators=[collects])
    instance = await stage.begin(collects, [])
    await stage.client.suspend_orchestration(instance)
    for number in range(5):
        await stage.client.raise_orchestration_event(instance, "item", data=number)
    await stage.client.resume_orchestration(instance)

    end = await stage.end_of(instance)

    assert json.loads(end.serialized_output) == [0, 1, 2, 3, 4]


async def test_an_event_sent_before_the_wait_is_received(stage: Stage) -> None:
    def waits(context: task.OrchestrationContext, _: Any) -> Story:
        yield context.wait_for_external_event("first")
        return (yield context.wait_for_external_event("second"))

    stage.worker.add(orchestrators=[waits])
    instance = await stage.begin(waits)

    await stage.client.raise_orchestration_event(instance, "second", data="early")
    await stage.client.raise_orchestration_event(instance, "first")

    assert (await stage.end_of(instance)).serialized_output == '"early"'


async def test_an_orchestration_sends_another_one_an_event(stage: Stage) -> None:
    def waits(context: task.OrchestrationContext, _: Any) -> Story:
        return (yield context.wait_for_external_event("hello"))

    def sends(context: task.OrchestrationContext, target: str) -> str:
        context.send_event(target, "hello", data=context.instance_id)
        return "sent"

    stage.worker.add(orchestrators=[waits, sends])
    target = await stage.begin(waits)

    await stage.run(sends, target, instance_id="sender")

    assert (await stage.end_of(target)).serialized_output == '"sender"'


async def test_custom_status_is_kept_and_comes_only_with_payloads(stage: Stage) -> None:
    def reports(context: task.OrchestrationContext, _: Any) -> Story:
        context.set_custom_status({"step": 1})
        yield context.wait_for_external_event("go")

    stage.worker.add(orchestrators=[reports])
    instance = await stage.begin(reports, {"secret": 1})

    with_payloads = await stage.client.get_orchestration_state(instance)
    without = await stage.client.get_orchestration_state(instance, fetch_payloads=False)

    assert with_payloads is not None
    assert without is not None
    assert json.loads(with_payloads.serialized_custom_status or "") == {"step": 1}
    assert (without.serialized_custom_status, without.serialized_input) == (None, None)


async def test_history_limit_fails_the_instance_instead_of_hanging_it(tmp_path: Path) -> None:
    def many_steps(context: task.OrchestrationContext, steps: int) -> Story:
        for number in range(steps):
            yield context.call_activity(plus_one, input=number)

    async with staged(tmp_path / "hub.db", history_events_max=50) as stage:
        stage.worker.add(orchestrators=[many_steps], activities=[plus_one])

        end = await stage.run(many_steps, 100)

        assert end.runtime_status.name == "FAILED"
        assert end.failure_details is not None
        assert end.failure_details.error_type == "HistoryLimitExceeded"
        history = await stage.client.get_orchestration_history(end.instance_id)
        assert len(history) <= 50 + 4  # The last turn records its news and the failure.


async def test_an_answer_that_comes_twice_counts_once(stage: Stage) -> None:
    await stage.worker.stop()
    instance = await stage.client.schedule_new_orchestration("once")
    item = await anext(stage.hub.work_items())
    scheduled = pb.OrchestratorAction(id=1, scheduleTask=pb.ScheduleTaskAction(name="step"))
    answer = pb.OrchestratorResponse(
        instanceId=instance, completionToken=item.completionToken, actions=[scheduled]
    )

    await asyncio.gather(
        stage.hub.complete_orchestrator(answer), stage.hub.complete_orchestrator(answer)
    )

    history = await stage.client.get_orchestration_history(instance)
    assert [type(e).__name__ for e in history].count("TaskScheduledEvent") == 1


async def test_an_answer_that_cannot_be_committed_fails_its_instance(stage: Stage) -> None:
    await stage.worker.stop()
    instance = await stage.client.schedule_new_orchestration("broken")
    item = await anext(stage.hub.work_items())
    meaningless = pb.OrchestratorAction(id=1, sendEntityMessage=pb.SendEntityMessageAction())

    await stage.hub.complete_orchestrator(
        pb.OrchestratorResponse(
            instanceId=instance, completionToken=item.completionToken, actions=[meaningless]
        )
    )

    end = await stage.end_of(instance)
    assert end.failure_details.error_type == "TurnNotCommitted"


async def test_an_activity_nobody_waits_for_still_runs(stage: Stage) -> None:
    seen: list[int] = []

    def notify(_: task.ActivityContext, number: int) -> None:
        seen.append(number)

    def fires_and_forgets(context: task.OrchestrationContext, _: Any) -> str:
        context.call_activity(notify, input=7)
        return "done"

    stage.worker.add(orchestrators=[fires_and_forgets], activities=[notify])

    end = await stage.run(fires_and_forgets)
    await until(lambda: seen)

    assert end.serialized_output == '"done"'
    assert seen == [7]
