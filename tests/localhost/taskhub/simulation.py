"""A world of random programs, clients and crashes under a virtual clock; one seed plays it again.

A crash drops the hub with everything uncommitted, and its workers with their answers; the same
file is opened again. Clients live on, and repeat a call that was not answered.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import tempfile
from collections import Counter
from concurrent.futures import Executor, Future
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb
from google.protobuf.wrappers_pb2 import StringValue

from localhost.taskhub.clock import VirtualClock
from localhost.taskhub.errors import HubClosed, InstanceExists, WrongState
from localhost.taskhub.hub import TaskHub
from tests.localhost.taskhub import programs
from tests.localhost.taskhub.sdk_worker import SdkWorker
from tests.localhost.taskhub.waiting import until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SEED_SECONDS_MAX = 30.0
CRASHES_MAX = 6


class LoopExecutor(Executor):
    """Commits on the event loop, some turns later, so that a seed always plays the same."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._loop = asyncio.get_running_loop()

    def submit(self, function: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        """Run it soon; a crash may come first."""
        future: Future[Any] = Future()
        self._run_in(self._rng.choice([0, 0, 1, 5]), partial(function, *args), future)
        return future

    def _run_in(self, turns: int, function: Callable[[], Any], future: Future[Any]) -> None:
        if turns:
            self._loop.call_soon(self._run_in, turns - 1, function, future)
            return
        try:
            future.set_result(function())
        except sqlite3.ProgrammingError:
            return  # The crash came first, and took the connection with it.
        except sqlite3.Error as error:
            future.set_exception(error)


class World:
    """One seed's hub, workers, clients and crashes."""

    def __init__(self, seed: int, path: Path) -> None:
        self.rng = random.Random(seed)
        self.path = path
        self.clock = VirtualClock()
        self.crashes = 0
        self.hub: TaskHub
        self.workers: list[SdkWorker] = []
        self.crashed: asyncio.Future[None]

    async def open(self) -> None:
        """Open the file and put two workers to work."""
        self.hub = await TaskHub.open(self.path, clock=self.clock)
        self.hub._journal._thread = LoopExecutor(self.rng)  # type: ignore[assignment]  # ours
        self.hub._store.db.execute("PRAGMA synchronous=OFF")
        self.crashed = asyncio.get_running_loop().create_future()
        self.workers = [
            SdkWorker(self.hub, self._dawdle)
            .add(
                orchestrators=[programs.play, programs.collect],
                activities=[programs.add, programs.try_again],
                entities=[programs.account],
            )
            .start()
            for _ in range(2)
        ]

    async def _dawdle(self, item: pb.WorkItem) -> None:
        is_slow = programs.SLOW in item.activityRequest.input.value
        for _ in range(self.rng.choice([20, 100] if is_slow else [0, 0, 1, 3, 12, 30])):
            await asyncio.sleep(0)

    async def crash(self) -> None:
        """Lose everything that is not committed, and start again."""
        self.crashes += 1
        hub, crashed = self.hub, self.crashed
        with self.clock.held():
            hub._journal.abandon()
            hub._timers.stop()
            hub._gathering.stop()
            self.clock.unwatch(hub._is_busy)
            for worker in self.workers:
                await worker.stop()
            await self.open()
        crashed.set_result(None)

    async def call(self, ask: Callable[[TaskHub], Awaitable[Any]]) -> Any:
        """Ask the hub, and ask again after every crash until it answers."""
        while True:
            asked = asyncio.ensure_future(ask(self.hub))
            crashed = self.crashed
            await asyncio.wait({asked, crashed}, return_when=asyncio.FIRST_COMPLETED)
            asked.cancel()
            if asked.done() and not isinstance(asked.exception(), HubClosed):
                return asked.result()
            await crashed

    async def start(self, name: str, instance: str, given: Any) -> None:
        """Start an instance; that it exists already means that an unanswered call was kept."""
        request = pb.CreateInstanceRequest(
            name=name, instanceId=instance, input=StringValue(value=json.dumps(given))
        )
        try:
            await self.call(lambda hub: hub.start_instance(request))
        except InstanceExists:
            if not self.crashes:
                raise

    async def sleep(self) -> None:
        """A random while of virtual time."""
        seconds = self.rng.choice([0, 0, 1, 30, 4000, 86_400 * 3])
        await self.clock.sleep_until(self.clock.now() + timedelta(seconds=seconds))

    async def tell(self, instance: str, events: list[tuple[str, int]]) -> None:
        """Send an instance its events, each after the one before was acknowledged."""
        for name, number in events:
            await self.sleep()
            request = pb.RaiseEventRequest(
                instanceId=instance, name=name, input=StringValue(value=str(number))
            )
            try:
                await self.call(_raising(request))
            except WrongState:
                # The instance took the event and ended, and only the answer was lost.
                if not self.crashes:
                    raise

    async def disturb(self, instance: str) -> None:
        """Suspend and resume an instance, which changes nothing in the end."""
        for ask in (
            lambda hub: hub.suspend(pb.SuspendRequest(instanceId=instance)),
            lambda hub: hub.resume(pb.ResumeRequest(instanceId=instance)),
        ):
            await self.sleep()
            try:
                await self.call(ask)
            except WrongState:
                return

    async def crash_now_and_then(self) -> None:
        """Crash after random numbers of turns of the event loop."""
        for _ in range(self.rng.randint(0, CRASHES_MAX)):
            for _ in range(self.rng.choice([5, 40, 200, 800])):
                await asyncio.sleep(0)
            await self.crash()

    async def end_of(self, instance: str) -> pb.OrchestrationState:
        """Wait for an instance's end."""
        request = pb.GetInstanceRequest(instanceId=instance, getInputsAndOutputs=True)
        response = await self.call(lambda hub: hub.wait_for_completion(request))
        assert response.exists, f"{instance} was lost"
        state: pb.OrchestrationState = response.orchestrationState
        return state


def _raising(request: pb.RaiseEventRequest) -> Callable[[TaskHub], Awaitable[Any]]:
    return lambda hub: hub.raise_event(request)


async def simulate(seed: int) -> int:
    """Play one seed and check every invariant.

    Returns:
        How many crashes it had.

    Raises:
        AssertionError: an invariant does not hold.
        TimeoutError: some instance never ended.
    """
    programs.attempts.clear()
    with tempfile.TemporaryDirectory() as folder:
        world = World(seed, Path(folder) / "hub.db")
        async with asyncio.timeout(SEED_SECONDS_MAX):
            await world.open()
            is_punctual = world.rng.random() < 0.5
            invention = programs.Invention(world.rng, is_punctual=is_punctual)
            await _play(world, invention)
            await _check(world, invention.expected)
        for worker in world.workers:
            await worker.stop()
        await world.hub.close()
        return world.crashes


async def _play(world: World, invention: programs.Invention) -> None:
    names = [f"i{number}" for number in range(world.rng.randint(1, 8))]
    given = {name: invention.program(name) for name in names}
    expected = invention.expected
    crashing = asyncio.create_task(world.crash_now_and_then())
    with world.clock.held():
        count = len(expected.tales)
        await world.start("collect", programs.COLLECTOR, {"count": count, "tales": []})
        for name in names:
            await world.start("play", name, given[name])
        clients = [
            asyncio.create_task(world.tell(name, expected.events.get(name, []))) for name in names
        ]
        clients += [
            asyncio.create_task(world.disturb(name))
            for name in names
            if not invention.is_punctual and world.rng.random() < 0.5
        ]
    for name in (*names, programs.COLLECTOR):
        await world.end_of(name)
    await asyncio.gather(*clients, crashing)


async def _check(world: World, expected: programs.Expected) -> None:
    for name, result in expected.results.items():
        state = await world.end_of(name)
        status = pb.OrchestrationStatus.Name(state.orchestrationStatus)
        assert status == "ORCHESTRATION_STATUS_COMPLETED", (name, status, state.failureDetails)
        assert state.output.value == str(result), (name, state.output.value, result)
    _check_tales(json.loads((await world.end_of(programs.COLLECTOR)).output.value), expected)
    await until(lambda: not world.hub._is_busy())
    for key, balance in expected.accounts.items():
        request = pb.GetEntityRequest(instanceId=f"@account@{key}", includeState=True)
        entity = (await world.hub.get_entity(request)).entity
        assert entity.serializedState.value == str(balance), (key, entity, balance)
    _check_tables(world)


def _check_tales(told: list[list[Any]], expected: programs.Expected) -> None:
    """Each event that an orchestration sent arrived once, and each sender's in order."""
    assert sorted(told) == sorted(expected.tales)
    last: dict[str, int] = {}
    for sender, number in told:
        assert number > last.get(sender, -1), (sender, told)
        last[sender] = number


def _check_tables(world: World) -> None:
    """Nothing is left over, and no history records a completion twice."""
    db, dispatcher = world.hub._store.db, world.hub._dispatcher
    assert not dispatcher._held
    assert not dispatcher._leases
    assert not dispatcher._again
    assert not world.hub._waiters._waiting
    for leftovers in (
        "SELECT * FROM inbox",
        "SELECT * FROM activities",
        "SELECT * FROM timers",
        "SELECT * FROM entity_inbox",
        "SELECT id FROM entities WHERE section IS NOT NULL",
    ):
        assert db.execute(leftovers).fetchall() == [], leftovers
    for instance, generation, count in db.execute("SELECT id, generation, events FROM instances"):
        history = world.hub._store.histories.read(generation, count)
        events = pb.OrchestratorRequest.FromString(history).pastEvents
        assert len(events) == count, (instance, len(events), count)
        ended = Counter(key for event in events if (key := _what_ended(event)) is not None)
        # A retry schedules its task under the same id again.
        begun = Counter(event.eventId for event in events if event.HasField("taskScheduled"))
        for (kind, key), times in ended.items():
            assert times <= (begun[key] if kind == "task" else 1), (instance, kind, key, times)


def _what_ended(event: pb.HistoryEvent) -> tuple[str, Any] | None:
    kind = event.WhichOneof("eventType") or ""
    body = getattr(event, kind)
    if kind in ("taskCompleted", "taskFailed"):
        return "task", body.taskScheduledId
    if kind == "timerFired":
        return "timer", body.timerId
    if kind in ("subOrchestrationInstanceCompleted", "subOrchestrationInstanceFailed"):
        return "child", body.taskScheduledId
    if kind in ("entityOperationCompleted", "entityOperationFailed"):
        return "entity", body.requestId
    if kind == "entityLockGranted":
        return "lock", body.criticalSectionId
    return None
