"""The client's side of a measurement: a process of its own that drives workflows and awaits each.

As a program it takes orders, one line of JSON each, and answers each with a line. From within the
bench, a Driver is that process.
"""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from durabletask.client import AsyncTaskHubGrpcClient, OrchestrationQuery, OrchestrationStatus

from bench.running_host import ROOT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from types import TracebackType

COMPLETED_WITHIN_SECONDS = 120
RELEASED_WITH = 7
ASKS_EVERY_SECONDS = 0.1
EXPECTED: dict[str, Callable[[int], int]] = {
    "step": lambda x: x + 1,
    "seq3": lambda x: x + 3,
    "seq10": lambda x: x + 10,
    "fan10": lambda x: 10 * x + 45,
    "fan1000": lambda x: 1000 * x + 499_500,
    "waiting": lambda x: x + RELEASED_WITH,
}


class WrongResultError(Exception):
    """A workflow did not complete, or computed something else."""


@dataclass(frozen=True)
class Order:
    """What to drive.

    Attributes:
        act: "run" schedules each workflow and awaits its result; "begin" schedules it and awaits
            that it has started; "release" raises the event that each waits for, then asks until
            all have ended, and reads their results.
        count: workflows; concurrent: how many at once.
        prefix: of the instance ids; begin and release share one.
    """

    act: str
    workload: str
    count: int
    concurrent: int
    prefix: str = ""


@dataclass(frozen=True)
class Driven:
    """What came of an order: seconds in all, milliseconds of each, CPU seconds of the client."""

    seconds: float
    latencies_ms: list[float]
    cpu_seconds: float


class Driver:
    """The client process."""

    def __init__(self, hub_address: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "bench.driver", hub_address],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def drive(self, order: Order) -> Driven:
        """Have the process carry the order out.

        Raises:
            WrongResultError: a workflow went wrong; standard error says which.
        """
        ordered, answers = self._process.stdin, self._process.stdout
        assert ordered is not None  # noqa: S101 - it is a pipe
        assert answers is not None  # noqa: S101 - it is a pipe
        ordered.write(json.dumps(asdict(order)) + "\n")
        ordered.flush()
        line = answers.readline()
        if not line:
            raise WrongResultError(f"{order.workload}: the client's process gave up")
        return Driven(**json.loads(line))


async def serve(hub_address: str, orders: Iterable[str]) -> None:
    """Carry out each order, with one client for all."""
    quiet = logging.getLogger("bench.client")
    quiet.setLevel(logging.ERROR)
    async with AsyncTaskHubGrpcClient(host_address=hub_address, logger=quiet) as client:
        for line in orders:
            driven = await _carry_out(client, Order(**json.loads(line)))
            sys.stdout.write(json.dumps(asdict(driven)) + "\n")
            sys.stdout.flush()


async def _carry_out(client: AsyncTaskHubGrpcClient, order: Order) -> Driven:
    """A closed loop: each of the concurrent callers drives one workflow after another."""
    prefix = order.prefix or uuid4().hex
    act = {"run": _run, "begin": _begin, "release": _release}[order.act]
    numbers = iter(range(order.count))
    latencies: list[float] = []

    async def caller() -> None:
        for number in numbers:
            began = time.perf_counter()
            await act(client, order.workload, f"{prefix}-{number}", number)
            latencies.append((time.perf_counter() - began) * 1000)

    cpu, began = time.process_time(), time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(order.concurrent)))
    if order.act == "release":
        await _all_ended(client, order)
    return Driven(time.perf_counter() - began, latencies, time.process_time() - cpu)


async def _run(client: AsyncTaskHubGrpcClient, workload: str, instance: str, x: int) -> None:
    await client.schedule_new_orchestration(workload, input=x, instance_id=instance)
    await _completed(client, workload, instance, x)


async def _begin(client: AsyncTaskHubGrpcClient, workload: str, instance: str, x: int) -> None:
    await client.schedule_new_orchestration(workload, input=x, instance_id=instance)
    state = await _in_time(client.wait_for_orchestration_start(instance))
    if state.runtime_status != OrchestrationStatus.RUNNING:
        raise WrongResultError(f"{workload} {instance} is {state.runtime_status}")


async def _release(client: AsyncTaskHubGrpcClient, _: str, instance: str, __: int) -> None:
    await client.raise_orchestration_event(instance, "released", data=RELEASED_WITH)


async def _all_ended(client: AsyncTaskHubGrpcClient, order: Order) -> None:
    """Wait until none of the order's instances runs, and check the results of all."""
    running = OrchestrationQuery(
        instance_id_prefix=order.prefix, runtime_status=[OrchestrationStatus.RUNNING]
    )
    # Most have ended once the last one has, so that asking costs little.
    await _completed(client, order.workload, f"{order.prefix}-{order.count - 1}", order.count - 1)
    async with asyncio.timeout(COMPLETED_WITHIN_SECONDS):
        while await client.get_all_orchestration_states(running):  # noqa: ASYNC110 - no one tells
            await asyncio.sleep(ASKS_EVERY_SECONDS)
    every = OrchestrationQuery(instance_id_prefix=order.prefix, fetch_inputs_and_outputs=True)
    states = await client.get_all_orchestration_states(every)
    found = {state.instance_id: state.serialized_output for state in states}
    expected = {
        f"{order.prefix}-{number}": str(EXPECTED[order.workload](number))
        for number in range(order.count)
    }
    if found != expected:
        raise WrongResultError(f"{order.workload}: some of {order.count} ended otherwise")


async def _completed(client: AsyncTaskHubGrpcClient, workload: str, instance: str, x: int) -> None:
    state = await _in_time(
        client.wait_for_orchestration_completion(instance, timeout=COMPLETED_WITHIN_SECONDS)
    )
    if state.serialized_output != str(EXPECTED[workload](x)):
        raise WrongResultError(f"{workload}({x}) {instance} is {state.serialized_output}")


async def _in_time(waited: Awaitable[Any]) -> Any:
    state = await waited
    if state is None:
        raise WrongResultError("an instance was lost")
    return state


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.stdin))
