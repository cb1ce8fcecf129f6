"""What clients ask of instances: start, tell, stop, wait. One coroutine per call of the service."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb

from localhost.taskhub.errors import InstanceExists, InstanceNotFound, InvalidRequest, WrongState
from localhost.taskhub.instances import (
    COMPLETED,
    FAILED,
    LIVING,
    PENDING,
    RUNNING,
    SUSPENDED,
    TERMINATED,
    NewInstance,
)
from localhost.taskhub.states import read_state
from localhost.taskhub.wire import event, micros_from, text_of

if TYPE_CHECKING:
    from localhost.taskhub.instances import Instances
    from localhost.taskhub.rewinding import Rewinding
    from localhost.taskhub.store import Store
    from localhost.taskhub.waiters import Waiters

ENDED = frozenset({COMPLETED, FAILED, TERMINATED})
STARTED = frozenset({RUNNING, SUSPENDED, *ENDED})


class Management:
    """Clients' calls about instances.

    Args:
        default_version: the version of instances that are started without one.
    """

    def __init__(
        self,
        store: Store,
        instances: Instances,
        rewinding: Rewinding,
        waiters: Waiters,
        *,
        default_version: str,
    ) -> None:
        self._store = store
        self._instances = instances
        self._rewinding = rewinding
        self._waiters = waiters
        self._default_version = default_version

    async def start_instance(self, request: pb.CreateInstanceRequest) -> pb.CreateInstanceResponse:
        """Start an instance, now or at the scheduled time.

        Raises:
            InvalidRequest: no name, or an id that belongs to entities.
            InstanceExists: the id is taken by an instance that has not ended, or that the
                request's reuse policy does not let go.
        """
        if not request.name:
            raise InvalidRequest("An orchestration needs a name.", where="name")
        if request.instanceId.startswith("@"):
            raise InvalidRequest("Instance ids that begin with @ are entities'", where="instanceId")
        instance = request.instanceId or uuid.uuid4().hex
        await self._store.journal.change(self._start, instance, request)
        return pb.CreateInstanceResponse(instanceId=instance)

    def _start(self, instance: str, request: pb.CreateInstanceRequest) -> None:
        row = self._status_of(instance)
        if row is not None:
            replaceable = ENDED
            if request.HasField("orchestrationIdReusePolicy"):
                replaceable = frozenset(request.orchestrationIdReusePolicy.replaceableStatus)
            if row not in replaceable:
                raise InstanceExists(instance)
            if row in LIVING:
                self._instances.terminate(instance, None)
        scheduled = request.HasField("scheduledStartTimestamp")
        traced = request.HasField("parentTraceContext")
        self._instances.create(
            NewInstance(
                id=instance,
                name=request.name,
                version=text_of(request, "version") or self._default_version or None,
                input=text_of(request, "input"),
                start_at=micros_from(request.scheduledStartTimestamp) if scheduled else None,
                trace=request.parentTraceContext if traced else None,
            )
        )

    async def get_instance(self, request: pb.GetInstanceRequest) -> pb.GetInstanceResponse:
        """An instance's state, with its payloads where they are asked for."""
        response: pb.GetInstanceResponse = await self._store.journal.read(
            read_state, self._store.db, request
        )
        return response

    async def wait_for_completion(self, request: pb.GetInstanceRequest) -> pb.GetInstanceResponse:
        """The state of an instance once it has ended; at once where it does not exist."""
        return await self._wait(request, ENDED)

    async def wait_for_start(self, request: pb.GetInstanceRequest) -> pb.GetInstanceResponse:
        """The state of an instance once it has begun; at once where it does not exist."""
        return await self._wait(request, STARTED)

    async def _wait(
        self, request: pb.GetInstanceRequest, statuses: frozenset[int]
    ) -> pb.GetInstanceResponse:
        with self._waiters.waiting_for(request.instanceId, statuses) as done:
            response = await self.get_instance(request)
            status = response.orchestrationState.orchestrationStatus
            if not response.exists or status in statuses:
                return response
            await done
        return await self.get_instance(request)

    async def raise_event(self, request: pb.RaiseEventRequest) -> pb.RaiseEventResponse:
        """Send an external event; it waits until the orchestrator asks for it.

        Raises:
            InvalidRequest: the event has no name.
            InstanceNotFound: there is no such instance.
            WrongState: the instance has ended.
        """
        if not request.name:
            raise InvalidRequest("An event needs a name.", where="name")
        body = request.input if request.HasField("input") else None
        raised = pb.EventRaisedEvent(name=request.name, input=body)
        await self._store.journal.change(self._tell, request.instanceId, {"eventRaised": raised})
        return pb.RaiseEventResponse()

    def _tell(self, instance: str, body: dict[str, Any]) -> None:
        if not self._instances.send(instance, event(self._store.now(), **body)):
            raise self._refusal(instance)

    def _refusal(self, instance: str) -> InstanceNotFound | WrongState:
        if self._status_of(instance) is None:
            return InstanceNotFound(instance)
        return WrongState(
            f"The orchestration instance with the provided instance id is not running: {instance}"
        )

    async def terminate(self, request: pb.TerminateRequest) -> pb.TerminateResponse:
        """End an instance at once, and with `recursive` its sub-orchestrations too.

        Raises:
            InstanceNotFound: there is no such instance.
            WrongState: the instance has ended.
        """
        await self._store.journal.change(self._terminate, request)
        return pb.TerminateResponse()

    def _terminate(self, request: pb.TerminateRequest) -> None:
        output = text_of(request, "output")
        if self._status_of(request.instanceId) not in LIVING:
            raise self._refusal(request.instanceId)
        family = [request.instanceId]
        for member in family:
            if request.recursive:
                family += self.children_of(member)
            self._instances.terminate(member, output)

    def children_of(self, instance: str) -> list[str]:
        """Inside a change: the instances that this one started and may wait for."""
        rows = self._store.db.execute("SELECT id FROM instances WHERE parent=?", (instance,))
        return [row[0] for row in rows]

    async def suspend(self, request: pb.SuspendRequest) -> pb.SuspendResponse:
        """Let no more turns run; what happens meanwhile waits.

        Raises:
            InstanceNotFound: there is no such instance.
            WrongState: the instance has ended.
        """
        reason = request.reason if request.HasField("reason") else None
        body = {"executionSuspended": pb.ExecutionSuspendedEvent(input=reason)}
        await self._store.journal.change(self._hold, request.instanceId, body, SUSPENDED)
        return pb.SuspendResponse()

    async def resume(self, request: pb.ResumeRequest) -> pb.ResumeResponse:
        """Let turns run again.

        Raises:
            InstanceNotFound: there is no such instance.
            WrongState: the instance has ended.
        """
        reason = request.reason if request.HasField("reason") else None
        body = {"executionResumed": pb.ExecutionResumedEvent(input=reason)}
        await self._store.journal.change(self._hold, request.instanceId, body, RUNNING)
        return pb.ResumeResponse()

    def _hold(self, instance: str, body: dict[str, Any], status: int) -> None:
        present = self._status_of(instance)
        if present in LIVING and (present == SUSPENDED) is (status == SUSPENDED):
            return
        self._tell(instance, body)
        self._store.db.execute(
            "UPDATE instances SET updated=?, status="
            f"CASE WHEN ?={SUSPENDED} THEN {SUSPENDED} WHEN events=0 THEN {PENDING} "
            f"ELSE {RUNNING} END WHERE id=?",
            (self._store.now(), status, instance),
        )

    async def rewind(self, request: pb.RewindInstanceRequest) -> pb.RewindInstanceResponse:
        """Take a failed instance back to before its failure.

        Raises:
            InstanceNotFound: there is no such instance.
            WrongState: it did not fail.
        """
        await self._store.journal.change(
            self._rewinding.begin, request.instanceId, text_of(request, "reason")
        )
        return pb.RewindInstanceResponse()

    async def restart(self, request: pb.RestartInstanceRequest) -> pb.RestartInstanceResponse:
        """Start an ended instance anew with its input, under its own id or a new one.

        Raises:
            InstanceNotFound: there is no such instance.
            WrongState: it has not ended, and was to keep its id.
        """
        instance = await self._store.journal.change(self._restart, request)
        return pb.RestartInstanceResponse(instanceId=instance)

    def _restart(self, request: pb.RestartInstanceRequest) -> str:
        row = self._store.db.execute(
            "SELECT status, name, version, input FROM instances WHERE id=?", (request.instanceId,)
        ).fetchone()
        if row is None:
            raise InstanceNotFound(request.instanceId)
        if row[0] in LIVING and not request.restartWithNewInstanceId:
            raise WrongState(f"The instance '{request.instanceId}' has not ended.")
        instance = uuid.uuid4().hex if request.restartWithNewInstanceId else request.instanceId
        self._instances.create(NewInstance(instance, *row[1:]))
        return instance

    def _status_of(self, instance: str) -> int | None:
        row = self._store.db.execute(
            "SELECT status FROM instances WHERE id=?", (instance,)
        ).fetchone()
        return row[0] if row else None
