from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest
from durabletask.entities import EntityInstanceId
from durabletask.worker import TaskHubGrpcWorker

from localhost.taskhub.errors import DatabaseRefused, HubClosed
from localhost.taskhub.hub import TaskHub
from localhost.taskhub.journal import RETRY_SECONDS
from tests.localhost.taskhub.crash_target import STEPS, WIDTH, WORKFLOWS, log_of
from tests.localhost.taskhub.sdk_worker import QUIET, SdkWorker
from tests.localhost.taskhub.stage import Stage, staged
from tests.localhost.taskhub.waiting import until

if TYPE_CHECKING:
    from collections.abc import Generator

    from durabletask import task

    type Story = Generator[task.Task[Any], Any, Any]

KILLS = 4
ROOT = Path(__file__).parents[3]


def waits(context: task.OrchestrationContext, _: Any) -> Story:
    return (yield context.wait_for_external_event("go"))


async def test_kill_9_at_any_moment_loses_nothing_and_records_nothing_twice(
    tmp_path: Path,
) -> None:
    path, seed = tmp_path / "hub.db", random.randrange(1 << 32)
    rng = random.Random(seed)
    for _ in range(KILLS):
        process = await run_target(path)
        await has_run_more(path, rng.randint(5, 60))
        await asyncio.sleep(rng.uniform(0, 0.02))
        process.send_signal(signal.SIGKILL)
        await process.communicate()
    process = await run_target(path)
    assert process.stdout is not None
    async with asyncio.timeout(60):
        assert await process.stdout.readline() == b"ended\n", f"seed={seed}"
    process.send_signal(signal.SIGKILL)
    await process.communicate()

    hub = await TaskHub.open(path)
    await check_results(hub)
    check_histories(hub, seed)
    await hub.close()
    assert set(ran(path)) >= {f"steps0 {n}" for n in range(STEPS)}


async def run_target(path: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.localhost.taskhub.crash_target", str(path)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )


async def has_run_more(path: Path, activities: int) -> None:
    enough = len(ran(path)) + activities
    await until(lambda: len(ran(path)) >= enough, seconds=30)


def ran(path: Path) -> list[str]:
    log = log_of(path)
    return log.read_text().splitlines() if log.exists() else []


async def check_results(hub: TaskHub) -> None:
    expected = {
        "steps": sum(range(STEPS)),
        "fan": sum(range(WIDTH)),
        "parent": 3 * sum(range(5)),
        "naps": "rested",
        "counts": 12,
    }
    for instance, (name, _) in WORKFLOWS.items():
        request = pb.GetInstanceRequest(instanceId=instance, getInputsAndOutputs=True)
        state = (await hub.get_instance(request)).orchestrationState
        assert json.loads(state.output.value) == expected[name], instance
    tally = await hub.get_entity(pb.GetEntityRequest(instanceId="@tally@all", includeState=True))
    assert tally.entity.serializedState.value == str(8 + 3 * 3)


def check_histories(hub: TaskHub, seed: int) -> None:
    rows = hub._store.db.execute("SELECT id, generation, events FROM instances").fetchall()
    for instance, generation, count in rows:
        history = hub._store.histories.read(generation, count)
        events = pb.OrchestratorRequest.FromString(history).pastEvents
        done = Counter(
            event.taskCompleted.taskScheduledId
            for event in events
            if event.HasField("taskCompleted")
        )
        assert set(done.values()) <= {1}, (instance, seed)


async def test_a_reopened_hub_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    async with staged(path) as stage:
        stage.worker.add(orchestrators=[waits])
        waiting = await stage.begin(waits)
        await stage.worker.stop()
        unseen = await stage.client.schedule_new_orchestration(waits)

    async with staged(path) as stage:
        stage.worker.add(orchestrators=[waits])
        for instance in (waiting, unseen):
            await stage.client.raise_orchestration_event(instance, "go", data=instance)

        for instance in (waiting, unseen):
            assert (await stage.end_of(instance)).serialized_output == f'"{instance}"'


async def test_full_durability_runs_the_same(tmp_path: Path) -> None:
    async with staged(tmp_path / "hub.db", durability="full") as stage:
        stage.worker.add(orchestrators=[waits])
        instance = await stage.begin(waits)

        await stage.client.raise_orchestration_event(instance, "go", data=1)

        assert (await stage.end_of(instance)).serialized_output == "1"


async def test_a_second_hub_on_the_same_file_is_refused(stage: Stage, tmp_path: Path) -> None:
    with pytest.raises(DatabaseRefused, match="in use"):
        await TaskHub.open(tmp_path / "hub.db")


async def test_a_closed_hub_refuses_calls_and_ends_its_workers(tmp_path: Path) -> None:
    hub = await TaskHub.open(tmp_path / "hub.db")
    worker = asyncio.create_task(anext(hub.work_items(), None))
    await asyncio.sleep(0.01)
    kept = asyncio.create_task(hub.start_instance(pb.CreateInstanceRequest(name="last")))
    await asyncio.sleep(0)

    await hub.close()

    assert await worker is None
    assert (await kept).instanceId
    with pytest.raises(HubClosed):
        await hub.start_instance(pb.CreateInstanceRequest(name="late"))
    with pytest.raises(HubClosed):
        await hub.get_instance(pb.GetInstanceRequest(instanceId="any"))


async def test_several_workers_share_the_work(stage: Stage) -> None:
    def quick(context: task.OrchestrationContext, _: Any) -> str:
        return context.instance_id

    second = SdkWorker(stage.hub).add(orchestrators=[quick]).start()
    stage.worker.add(orchestrators=[quick])

    ends = await asyncio.gather(*(stage.run(quick) for _ in range(50)))

    assert all(end.serialized_output == f'"{end.instance_id}"' for end in ends)
    assert len(stage.worker.items_seen) + len(second.items_seen) == 50
    assert stage.worker.items_seen
    assert second.items_seen
    await second.stop()


async def test_while_the_database_refuses_nothing_is_lost_and_nothing_runs_again(
    stage: Stage,
) -> None:
    """A full disk, say: an activity, a timer and a lock are waiting when there is room again."""
    runs: list[int] = []
    database = stage.hub._store.db

    def fill_the_disk(_: task.ActivityContext, number: int) -> int:
        database.execute("PRAGMA query_only=ON")
        runs.append(number)
        return number

    def story(context: task.OrchestrationContext, _: Any) -> Story:
        nap = context.create_timer(timedelta(milliseconds=50))
        number = yield context.call_activity(fill_the_disk, input=1)
        yield nap
        with (yield context.lock_entities([EntityInstanceId("account", "a")])):
            return number

    stage.worker.add(orchestrators=[story], activities=[fill_the_disk])
    instance = await stage.begin(story)
    await until(lambda: runs)
    await asyncio.sleep(RETRY_SECONDS * 2.5)
    with pytest.raises(grpc.aio.AioRpcError, match="refused a change") as refused:
        await stage.client.schedule_new_orchestration(story)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE

    database.execute("PRAGMA query_only=OFF")

    assert (await stage.end_of(instance)).serialized_output == "1"
    assert runs == [1]


async def test_the_sdks_own_worker_runs_over_grpc(stage: Stage) -> None:
    await stage.worker.stop()
    address = f"127.0.0.1:{stage.sidecar.port}"
    worker: Any = TaskHubGrpcWorker(host_address=address, logger=QUIET)

    def doubles(_: task.ActivityContext, number: int) -> int:
        return number * 2

    def story(context: task.OrchestrationContext, number: int) -> Story:
        number = yield context.call_activity(doubles, input=number)
        return (yield context.call_activity(doubles, input=number))

    worker.add_orchestrator(story)
    worker.add_activity(doubles)
    worker.start()

    ends = await asyncio.gather(*(stage.run(story, number) for number in range(20)))

    assert [end.serialized_output for end in ends] == [str(4 * number) for number in range(20)]
    await asyncio.to_thread(worker.stop)
