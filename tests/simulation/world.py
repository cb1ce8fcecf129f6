"""A payer in one process: the real task hub and its virtual clock, stories, deeds and doors.

What lies outside (store, post, registers) is given. Work items are executed by the SDK itself; a
door's work is done by the functions that the doors call.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask.client import OrchestrationStatus, new_orchestration_state
from durabletask.internal.helpers import new_failure_details
from durabletask.serialization import JsonDataConverter
from google.protobuf.wrappers_pb2 import StringValue
from grpc import StatusCode
from grpc.aio import AioRpcError, Metadata
from pydantic_core import from_json, to_json

from activities import DEEDS, run
from localhost.taskhub.clock import VirtualClock
from localhost.taskhub.errors import InstanceExists
from localhost.taskhub.hub import TaskHub
from orchestrators import STORIES
from shared.errors import CareloomError, TransientError
from tests.localhost.taskhub.sdk_worker import SdkWorker
from tests.simulation.doors import Doors, InnerDoors
from tests.simulation.outside import Outside

STEPS = {step.name: step for step in DEEDS}
NO_METADATA = Metadata()
ENDED = frozenset({OrchestrationStatus.COMPLETED, OrchestrationStatus.FAILED})
LOOK_EVERY_SECONDS = 0.005  # Of real time; the virtual clock stands still meanwhile.


class HubClient:
    """The calls of a DurableFunctionsClient that doors make, on a hub in the same process."""

    def __init__(self, hub: TaskHub) -> None:
        self._hub = hub

    async def schedule_new_orchestration(self, name: str, *, input: Any, instance_id: str) -> str:  # noqa: A002 - the SDK's word
        """Start an instance."""
        request = pb.CreateInstanceRequest(
            name=name, instanceId=instance_id, input=StringValue(value=to_json(input).decode())
        )
        try:
            await self._hub.start_instance(request)
        except InstanceExists as error:
            raise _refused(StatusCode.ALREADY_EXISTS, error) from error
        return instance_id

    async def raise_orchestration_event(self, instance_id: str, event_name: str) -> None:
        """Tell an instance something."""
        try:
            await self._hub.raise_event(
                pb.RaiseEventRequest(instanceId=instance_id, name=event_name)
            )
        except CareloomError as error:
            raise _refused(StatusCode.NOT_FOUND, error) from error

    async def get_orchestration_state(self, instance_id: str, *, fetch_payloads: bool) -> Any:
        """An instance's state; None where there is none."""
        request = pb.GetInstanceRequest(instanceId=instance_id, getInputsAndOutputs=fetch_payloads)
        return new_orchestration_state(instance_id, await self._hub.get_instance(request))

    async def wait_for_orchestration_completion(
        self,
        instance_id: str,
        *,
        fetch_payloads: bool,
        timeout: int,  # noqa: ASYNC109 - the SDK's
    ) -> Any:
        """An instance's state once it has ended; the caller has patience of its own."""
        async with asyncio.timeout(timeout or None):
            while True:
                state = await self.get_orchestration_state(
                    instance_id, fetch_payloads=fetch_payloads
                )
                if state is not None and state.runtime_status in ENDED:
                    return state
                await asyncio.sleep(LOOK_EVERY_SECONDS)


class PlainJson(JsonDataConverter):
    """Values of the durable history, which are plain JSON: no objects to look out for."""

    def serialize(self, value: Any) -> str | None:
        """As the SDK does."""
        return None if value is None else to_json(value).decode()

    def deserialize(self, data: str | None, target_type: type | None = None) -> Any:
        """As the SDK does."""
        return from_json(data) if data else None


class StoryWorker(SdkWorker):
    """Executes stories with the SDK, and steps with the app's own deeds."""

    def __init__(self, hub: TaskHub, outside: Outside) -> None:
        super().__init__(hub, data_converter=PlainJson())
        self._outside = outside
        self.bugs: list[str] = []
        self.add(orchestrators=STORIES.values())

    async def answer(self, item: pb.WorkItem) -> None:
        """Execute one item and complete it."""
        if not item.HasField("activityRequest"):
            await super().answer(item)
            return
        asked = item.activityRequest
        response = pb.ActivityResponse(
            instanceId=asked.orchestrationInstance.instanceId,
            taskId=asked.taskId,
            completionToken=item.completionToken,
        )
        try:
            answer = await run(STEPS[asked.name], from_json(asked.input.value), self._outside)
            response.result.value = to_json(answer).decode()
        except TransientError as error:
            response.failureDetails.CopyFrom(new_failure_details(error))
        except Exception as error:  # noqa: BLE001 - a bug of a deed fails its step, as in the app
            self.bugs.append(f"{asked.name}: {type(error).__name__}: {error}")
            response.failureDetails.CopyFrom(new_failure_details(error))
        await self.hub.complete_activity(response)


@dataclass(kw_only=True)
class World:
    """One payer, and the people around it; time stands still while any of them is at work."""

    clock: VirtualClock
    hub: TaskHub
    client: Any
    outside: Outside
    doors: Doors
    worker: StoryWorker
    _awake: int = 0
    _people: set[asyncio.Task[None]] = field(default_factory=set)
    failures: list[BaseException] = field(default_factory=list)

    @classmethod
    async def open(
        cls,
        clock: VirtualClock,
        outside: Outside,
        make_doors: Callable[[Any, Outside], Doors] = InnerDoors,
    ) -> Self:
        """Open an empty hub in memory, and put a worker to work."""
        hub = await TaskHub.open(None, clock=clock)
        worker = StoryWorker(hub, outside)
        client = HubClient(hub)
        world = cls(
            clock=clock,
            hub=hub,
            client=client,
            outside=outside,
            doors=make_doors(client, outside),
            worker=worker,
        )
        clock.watch(lambda: world._awake > 0)
        worker.start()
        return world

    async def close(self) -> None:
        """Send everybody home, stop the worker and close the hub."""
        for task in self._people:
            task.cancel()
        await self.worker.stop()
        await self.hub.close()

    def send_out(self, life: Coroutine[Any, Any, None]) -> None:
        """Let somebody live his life beside everybody else's."""
        self._awake += 1
        task = asyncio.create_task(life)
        self._people.add(task)
        task.add_done_callback(self._at_rest)

    async def sleep_until(self, due: datetime) -> None:
        """Do nothing until a time; for somebody who was sent out."""
        if due <= self.clock.now():
            return
        self._awake -= 1
        self.clock.settled()
        try:
            await self.clock.sleep_until(due)
        finally:
            self._awake += 1

    async def sleep(self, while_: timedelta) -> None:
        """Do nothing for a while."""
        await self.sleep_until(self.clock.now() + while_)

    async def at_rest(self) -> None:
        """Return when everybody who was sent out has come home.

        Raises:
            BaseExceptionGroup: what went wrong in their lives.
        """
        while self._people:
            await asyncio.wait(self._people, return_when=asyncio.FIRST_COMPLETED)
            if self.failures:
                await self.close()
                raise BaseExceptionGroup("lives went wrong", self.failures)

    @property
    def people_out(self) -> int:
        """How many lives are under way."""
        return len(self._people)

    def _at_rest(self, task: asyncio.Task[None]) -> None:
        self._people.discard(task)
        self._awake -= 1
        self.clock.settled()
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failures.append(error)


def _refused(code: StatusCode, error: Exception) -> AioRpcError:
    return AioRpcError(code, NO_METADATA, NO_METADATA, details=str(error))
