from __future__ import annotations

import asyncio
import json
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest
from durabletask import task

from localhost.taskhub.clock import VirtualClock
from localhost.taskhub.errors import InstanceExists, InstanceNotFound, InvalidRequest, WrongState
from tests.localhost.taskhub.stage import Stage, staged
from tests.localhost.taskhub.waiting import until

if TYPE_CHECKING:
    from collections.abc import Generator

type Story = Generator[task.Task[Any], Any, Any]


def waits(context: task.OrchestrationContext, _: Any) -> Story:
    return (yield context.wait_for_external_event("go"))


def echoes(_: task.OrchestrationContext, given: Any) -> Any:
    return given


def parent_of_waiting(context: task.OrchestrationContext, depth: int) -> Story:
    if depth == 0:
        return (yield context.wait_for_external_event("go"))
    return (yield context.call_sub_orchestrator(parent_of_waiting, input=depth - 1))


async def test_the_id_of_an_ended_instance_may_be_used_again(stage: Stage) -> None:
    stage.worker.add(orchestrators=[echoes])
    first = await stage.run(echoes, 1, instance_id="again")

    second = await stage.run(echoes, 2, instance_id="again")

    assert (first.serialized_output, second.serialized_output) == ("1", "2")


async def test_the_id_of_a_running_instance_is_refused(stage: Stage) -> None:
    stage.worker.add(orchestrators=[waits])
    await stage.begin(waits, instance_id="taken")

    with pytest.raises(InstanceExists, match="taken"):
        await stage.hub.start_instance(pb.CreateInstanceRequest(name="w", instanceId="taken"))


async def test_a_reuse_policy_may_replace_a_running_instance_or_protect_an_ended_one(
    stage: Stage,
) -> None:
    stage.worker.add(orchestrators=[waits, echoes])
    await stage.begin(waits, instance_id="taken")
    await stage.run(echoes, instance_id="kept")
    replace = pb.OrchestrationIdReusePolicy(replaceableStatus=[pb.ORCHESTRATION_STATUS_RUNNING])

    replaced = await stage.run(echoes, 5, instance_id="taken", reuse_id_policy=replace)

    assert replaced.serialized_output == "5"
    with pytest.raises(InstanceExists):
        await stage.hub.start_instance(
            pb.CreateInstanceRequest(
                name="echoes",
                instanceId="kept",
                orchestrationIdReusePolicy=pb.OrchestrationIdReusePolicy(),
            )
        )


async def test_of_many_starts_of_one_id_at_once_one_wins(stage: Stage) -> None:
    request = pb.CreateInstanceRequest(name="waits", instanceId="one")

    outcomes = await asyncio.gather(
        *(stage.hub.start_instance(request) for _ in range(20)), return_exceptions=True
    )

    assert sum(isinstance(outcome, InstanceExists) for outcome in outcomes) == 19


@pytest.mark.parametrize(
    "request_",
    [pb.CreateInstanceRequest(), pb.CreateInstanceRequest(name="a", instanceId="@counter@1")],
)
async def test_a_malformed_start_is_refused(
    stage: Stage, request_: pb.CreateInstanceRequest
) -> None:
    with pytest.raises(InvalidRequest):
        await stage.hub.start_instance(request_)


async def test_get_instance_answers_while_a_dozen_clients_wait(stage: Stage) -> None:
    stage.worker.add(orchestrators=[waits])
    instances = [await stage.begin(waits) for _ in range(12)]
    waiting = [asyncio.create_task(stage.end_of(instance)) for instance in instances]
    await asyncio.sleep(0.05)

    begun = time.monotonic()
    status = await stage.status(instances[0])

    assert status == "RUNNING"
    assert time.monotonic() - begun < 0.5
    for instance in instances:
        await stage.client.raise_orchestration_event(instance, "go")
    await asyncio.gather(*waiting)


async def test_a_wait_that_is_too_long_is_a_timeout(stage: Stage) -> None:
    stage.worker.add(orchestrators=[waits])
    instance = await stage.begin(waits)

    with pytest.raises(TimeoutError):
        await stage.client.wait_for_orchestration_completion(instance, timeout=0.1)

    await until(lambda: not stage.hub._waiters._waiting)


async def test_waiting_for_an_instance_that_does_not_exist_returns_at_once(stage: Stage) -> None:
    assert await stage.client.wait_for_orchestration_completion("none", timeout=5) is None


async def test_suspended_instances_take_no_turn_until_resumed(stage: Stage) -> None:
    stage.worker.add(orchestrators=[waits])
    instance = await stage.begin(waits)

    await stage.client.suspend_orchestration(instance, reason="audit")
    suspended = await stage.status(instance)
    await stage.client.raise_orchestration_event(instance, "go", data="now")
    await asyncio.sleep(0.05)
    still = await stage.status(instance)
    await stage.client.resume_orchestration(instance)

    assert (suspended, still) == ("SUSPENDED", "SUSPENDED")
    assert (await stage.end_of(instance)).serialized_output == '"now"'


async def test_suspending_during_a_turn_keeps_what_the_turn_did(stage: Stage) -> None:
    release = asyncio.Event()

    async def hold(_: pb.WorkItem) -> None:
        await release.wait()

    stage.worker.before = hold
    stage.worker.add(orchestrators=[waits])
    instance = await stage.client.schedule_new_orchestration(waits)
    await asyncio.sleep(0.02)

    await stage.client.suspend_orchestration(instance)
    release.set()
    await asyncio.sleep(0.05)

    assert await stage.status(instance) == "SUSPENDED"
    await stage.client.resume_orchestration(instance)
    await stage.client.raise_orchestration_event(instance, "go")
    assert (await stage.end_of(instance)).runtime_status.name == "COMPLETED"


async def test_suspending_twice_or_resuming_what_runs_changes_nothing(stage: Stage) -> None:
    stage.worker.add(orchestrators=[waits])
    instance = await stage.begin(waits)

    await stage.client.resume_orchestration(instance)
    await stage.client.suspend_orchestration(instance)
    await stage.client.suspend_orchestration(instance)
    await stage.client.resume_orchestration(instance)
    await stage.client.raise_orchestration_event(instance, "go")

    await stage.end_of(instance)
    history = await stage.client.get_orchestration_history(instance)
    names = [type(event).__name__ for event in history]
    assert names.count("ExecutionSuspendedEvent") == 1
    assert names.count("ExecutionResumedEvent") == 1


async def test_terminate_ends_an_instance_at_once(stage: Stage) -> None:
    stage.worker.add(orchestrators=[waits])
    instance = await stage.begin(waits)

    await stage.client.terminate_orchestration(instance, output={"why": "test"})

    end = await stage.end_of(instance)
    assert end.runtime_status.name == "TERMINATED"
    assert json.loads(end.serialized_output or "") == {"why": "test"}


async def test_recursive_terminate_ends_the_children_and_theirs(stage: Stage) -> None:
    stage.worker.add(orchestrators=[parent_of_waiting])
    top = await stage.begin(parent_of_waiting, 3)
    await until(lambda: stage.has_instances(4))

    await stage.client.terminate_orchestration(top, recursive=True)

    everything = await stage.client.get_all_orchestration_states()
    assert [state.runtime_status.name for state in everything] == ["TERMINATED"] * 4


async def test_terminate_without_recursion_leaves_the_children_running(stage: Stage) -> None:
    stage.worker.add(orchestrators=[parent_of_waiting])
    top = await stage.begin(parent_of_waiting, 1)
    await until(lambda: stage.has_instances(2))

    await stage.client.terminate_orchestration(top, recursive=False)

    everything = await stage.client.get_all_orchestration_states()
    statuses = sorted(state.runtime_status.name for state in everything)
    assert statuses[1] == "TERMINATED"
    assert statuses[0] in ("PENDING", "RUNNING")


async def test_a_parent_hears_that_its_child_was_terminated(stage: Stage) -> None:
    def parent(context: task.OrchestrationContext, _: Any) -> Story:
        try:
            yield context.call_sub_orchestrator(waits, instance_id="child")
        except task.TaskFailedError as error:
            return error.details.error_type

    stage.worker.add(orchestrators=[parent, waits])
    instance = await stage.begin(parent)
    await until(lambda: stage.has_instances(2))

    await stage.client.terminate_orchestration("child")

    assert (await stage.end_of(instance)).serialized_output == '"OrchestrationTerminated"'


async def test_a_sub_orchestration_may_run_longer_than_thirty_seconds() -> None:
    def child(context: task.OrchestrationContext, _: Any) -> Story:
        yield context.create_timer(timedelta(days=8))
        return "grown"

    def parent(context: task.OrchestrationContext, _: Any) -> Story:
        return (yield context.call_sub_orchestrator(child))

    async with staged(None, clock=VirtualClock()) as stage:
        stage.worker.add(orchestrators=[parent, child])

        assert (await stage.run(parent)).serialized_output == '"grown"'


async def test_restart_runs_an_ended_instance_again_under_its_id_or_a_new_one(
    stage: Stage,
) -> None:
    stage.worker.add(orchestrators=[echoes])
    end = await stage.run(echoes, {"n": 1})

    same = await stage.client.restart_orchestration(end.instance_id)
    again = await stage.end_of(same)
    new = await stage.client.restart_orchestration(
        end.instance_id, restart_with_new_instance_id=True
    )

    assert same == end.instance_id != new
    assert json.loads(again.serialized_output or "") == {"n": 1}
    assert json.loads((await stage.end_of(new)).serialized_output or "") == {"n": 1}


async def test_calls_about_an_instance_that_does_not_exist_say_so(stage: Stage) -> None:
    hub = stage.hub
    for call in (
        hub.raise_event(pb.RaiseEventRequest(instanceId="none", name="e")),
        hub.terminate(pb.TerminateRequest(instanceId="none")),
        hub.suspend(pb.SuspendRequest(instanceId="none")),
        hub.resume(pb.ResumeRequest(instanceId="none")),
        hub.rewind(pb.RewindInstanceRequest(instanceId="none")),
        hub.restart(pb.RestartInstanceRequest(instanceId="none")),
    ):
        with pytest.raises(InstanceNotFound):
            await call


async def test_calls_that_need_a_running_instance_refuse_an_ended_one(stage: Stage) -> None:
    stage.worker.add(orchestrators=[echoes])
    await stage.run(echoes, instance_id="ended")
    hub = stage.hub
    for call in (
        hub.raise_event(pb.RaiseEventRequest(instanceId="ended", name="e")),
        hub.terminate(pb.TerminateRequest(instanceId="ended")),
        hub.suspend(pb.SuspendRequest(instanceId="ended")),
        hub.resume(pb.ResumeRequest(instanceId="ended")),
        hub.rewind(pb.RewindInstanceRequest(instanceId="ended")),
    ):
        with pytest.raises(WrongState):
            await call


async def test_restarting_a_running_instance_under_its_id_is_refused(stage: Stage) -> None:
    stage.worker.add(orchestrators=[waits])
    instance = await stage.begin(waits)

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stage.client.restart_orchestration(instance)

    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION


async def test_an_event_without_a_name_is_refused(stage: Stage) -> None:
    with pytest.raises(InvalidRequest):
        await stage.hub.raise_event(pb.RaiseEventRequest(instanceId="any"))
