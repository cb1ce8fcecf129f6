"""A process to kill: runs fixed workflows on a hub's file, and writes down each activity it ran.

`python -m tests.localhost.taskhub.crash_target FILE`. It prints "ended" once all work is done.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask import task
from durabletask.entities import EntityInstanceId
from google.protobuf.wrappers_pb2 import StringValue

from localhost.taskhub.errors import InstanceExists
from localhost.taskhub.hub import TaskHub
from tests.localhost.taskhub.sdk_worker import SdkWorker
from tests.localhost.taskhub.waiting import until

if TYPE_CHECKING:
    from collections.abc import Generator

    from durabletask import entities

type Story = Generator[task.Task[Any], Any, Any]

STEPS = 20
WIDTH = 20
WORKFLOWS = {
    **{f"steps{n}": ("steps", STEPS) for n in range(8)},
    **{f"fan{n}": ("fan", WIDTH) for n in range(6)},
    **{f"parent{n}": ("parent", None) for n in range(3)},
    **{f"naps{n}": ("naps", 0.8) for n in range(3)},
    **{f"counts{n}": ("counts", [0, 12]) for n in range(3)},
}


def step(context: task.ActivityContext, number: int) -> int:
    with log_of(Path(sys.argv[1])).open("a") as log:
        log.write(f"{context.orchestration_id} {number}\n")
    return number


def steps(context: task.OrchestrationContext, count: int) -> Story:
    total = 0
    for number in range(count):
        total += yield context.call_activity(step, input=number)
    context.signal_entity(EntityInstanceId("tally", "all"), "add", 1)
    return total


def fan(context: task.OrchestrationContext, width: int) -> Story:
    calls: list[task.Task[Any]] = [context.call_activity(step, input=n) for n in range(width)]
    return sum((yield task.when_all(calls)))


def parent(context: task.OrchestrationContext, _: Any) -> Story:
    children: list[task.Task[Any]] = [
        context.call_sub_orchestrator(steps, input=5) for _ in range(3)
    ]
    return sum((yield task.when_all(children)))


def naps(context: task.OrchestrationContext, seconds: float) -> Story:
    yield context.create_timer(timedelta(seconds=seconds))
    return "rested"


def counts(context: task.OrchestrationContext, given: list[int]) -> Story:
    number, most = given
    yield context.call_activity(step, input=number)
    if number < most:
        context.continue_as_new([number + 1, most])
        return None
    return number


def tally(context: entities.EntityContext, given: int) -> None:
    context.set_state(context.get_state(int, 0) + given)


async def take_a_while(_: pb.WorkItem) -> None:
    await asyncio.sleep(0.01)


def log_of(path: Path) -> Path:
    """Where the activities are written down."""
    return path.with_suffix(".log")


async def main(path: Path) -> None:
    """Start what is not started, and run until everything has ended."""
    hub = await TaskHub.open(path)
    SdkWorker(hub, take_a_while).add(
        orchestrators=[steps, fan, parent, naps, counts], activities=[step], entities=[tally]
    ).start()
    for instance, (name, given) in WORKFLOWS.items():
        request = pb.CreateInstanceRequest(
            instanceId=instance, name=name, input=StringValue(value=json.dumps(given))
        )
        with suppress(InstanceExists):
            state = (await hub.get_instance(pb.GetInstanceRequest(instanceId=instance))).exists
            if not state:
                await hub.start_instance(request)
    for instance in WORKFLOWS:
        await hub.wait_for_completion(pb.GetInstanceRequest(instanceId=instance))
    await until(lambda: not hub._is_busy())
    sys.stdout.write("ended\n")
    sys.stdout.flush()
    await asyncio.sleep(3600)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
