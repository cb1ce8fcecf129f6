"""How fast the hub alone is: `python -m tests.localhost.taskhub.measure`.

A canned executor answers orchestrator turns without the SDK, so that nothing but the hub is
measured; `--sdk` uses the SDK's executor in the same process instead.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask import task
from google.protobuf.wrappers_pb2 import StringValue

from localhost.taskhub.hub import TaskHub
from tests.localhost.taskhub.sdk_worker import SdkWorker

if TYPE_CHECKING:
    from collections.abc import Generator

CONCURRENCY = 50
SHAPES = (
    ("seq3", "sequence", 3, 2000),
    ("fan10", "fan", 10, 1000),
    ("seq10", "sequence", 10, 500),
    ("fan1000", "fan", 1000, 1),
)

type Story = Generator[task.Task[Any], Any, Any]


def plus_one(_: task.ActivityContext, number: int) -> int:
    return number + 1


def sequence(context: task.OrchestrationContext, steps: int) -> Story:
    number = 0
    for _ in range(steps):
        number = yield context.call_activity(plus_one, input=number)
    return number


def fan(context: task.OrchestrationContext, width: int) -> Story:
    calls: list[task.Task[Any]] = [
        context.call_activity(plus_one, input=number) for number in range(width)
    ]
    return sum((yield task.when_all(calls)))


def waits(context: task.OrchestrationContext, _: Any) -> Story:
    yield context.wait_for_external_event("go")


class Canned:
    """Answers like `sequence` and `fan`, at no cost worth measuring."""

    def __init__(self, hub: TaskHub) -> None:
        self.hub = hub

    async def run(self) -> None:
        async for item in self.hub.work_items():
            if item.HasField("orchestratorRequest"):
                await_ = self.hub.complete_orchestrator(_turn(item))
            else:
                request = item.activityRequest
                answer = pb.ActivityResponse(
                    instanceId=request.orchestrationInstance.instanceId,
                    taskId=request.taskId,
                    result=StringValue(value="1"),
                    completionToken=item.completionToken,
                )
                await_ = self.hub.complete_activity(answer)
            asyncio.ensure_future(await_)  # noqa: RUF006 - the benchmark outlives it


def _turn(item: pb.WorkItem) -> pb.OrchestratorResponse:
    request = item.orchestratorRequest
    events = [*request.pastEvents, *request.newEvents]
    started = next(e.executionStarted for e in events if e.HasField("executionStarted"))
    wanted = int(started.input.value)
    done = sum(e.HasField("taskCompleted") for e in events)
    asked = sum(e.HasField("taskScheduled") for e in request.pastEvents)
    if done == wanted:
        actions = [
            pb.OrchestratorAction(
                id=wanted + 1,
                completeOrchestration=pb.CompleteOrchestrationAction(
                    orchestrationStatus=pb.ORCHESTRATION_STATUS_COMPLETED,
                    result=StringValue(value=str(done)),
                ),
            )
        ]
    else:
        count = wanted if started.name == "fan" else 1
        actions = [
            pb.OrchestratorAction(
                id=asked + n + 1,
                scheduleTask=pb.ScheduleTaskAction(name="plus_one", input=StringValue(value="1")),
            )
            for n in range(count if asked < wanted and asked == done else 0)
        ]
    return pb.OrchestratorResponse(
        instanceId=request.instanceId, completionToken=item.completionToken, actions=actions
    )


async def throughput(hub: TaskHub, name: str, given: int, count: int) -> tuple[float, float]:
    """Workflows per second and milliseconds of this process's CPU for each."""
    left = iter(range(count))
    request = pb.CreateInstanceRequest(name=name, input=StringValue(value=json.dumps(given)))

    async def client() -> None:
        for _ in left:
            started = await hub.start_instance(request)
            wait = pb.GetInstanceRequest(instanceId=started.instanceId, getInputsAndOutputs=True)
            state = (await hub.wait_for_completion(wait)).orchestrationState
            assert state.orchestrationStatus == pb.ORCHESTRATION_STATUS_COMPLETED

    begun, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(client() for _ in range(CONCURRENCY)))
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    return count / seconds, cpu / count * 1000


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


async def waiting(hub: TaskHub, count: int) -> None:
    before, begun = resident_bytes(), time.perf_counter()
    request = pb.CreateInstanceRequest(name="waits")
    ids: list[str] = []

    async def client() -> None:
        while len(ids) < count:
            ids.append("")
            place = len(ids) - 1
            ids[place] = (await hub.start_instance(request)).instanceId
            await hub.wait_for_start(pb.GetInstanceRequest(instanceId=ids[place]))

    await asyncio.gather(*(client() for _ in range(CONCURRENCY)))
    each = (resident_bytes() - before) / count
    say(f"{count} waiting: {each:.0f} B each, {count / (time.perf_counter() - begun):.0f}/s")
    beside, _ = await throughput(hub, "sequence", 3, 500)
    say(f"beside them: {beside:.0f} seq3/s")
    begun, left = time.perf_counter(), iter(ids)

    async def releaser() -> None:
        for instance in left:
            await hub.raise_event(pb.RaiseEventRequest(instanceId=instance, name="go"))

    await asyncio.gather(*(releaser() for _ in range(CONCURRENCY)))
    for instance in ids:
        await hub.wait_for_completion(pb.GetInstanceRequest(instanceId=instance))
    say(f"released in {time.perf_counter() - begun:.2f} s")


async def main(asked: argparse.Namespace) -> None:
    """Open a hub on a file and print every figure."""
    with tempfile.TemporaryDirectory() as folder:
        hub = await TaskHub.open(Path(folder) / "hub.db", durability=asked.durability)
        worker = SdkWorker(hub).add(orchestrators=[sequence, fan, waits], activities=[plus_one])
        canned = asyncio.create_task(Canned(hub).run()) if not asked.sdk else None
        if asked.sdk:
            worker.start()
            await throughput(hub, "sequence", 3, 500)
            await waiting(hub, 10_000)
        for label, name, given, count in SHAPES:
            rate, cpu = await throughput(hub, name, given, count)
            say(f"{label}: {rate:.1f}/s, {cpu:.2f} ms of CPU each")
        if canned is not None:
            canned.cancel()
        await worker.stop()
        await hub.close()


def say(line: str) -> None:
    """Print a figure at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sdk", action="store_true")
    parser.add_argument("--durability", default="normal", choices=("normal", "full"))
    asyncio.run(main(parser.parse_args()))
