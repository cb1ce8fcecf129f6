"""What an orchestrator asked for in a turn, one method per kind of action.

Each method runs inside the change that commits the turn, does what was asked, and returns the
event that records it in the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import durabletask.internal.orchestrator_service_pb2 as pb

from localhost.taskhub.entities import Caller
from localhost.taskhub.instances import IS_LIVING, NewInstance, Parent
from localhost.taskhub.timers import TimerKind
from localhost.taskhub.wire import event, micros_from, text_of

if TYPE_CHECKING:
    from localhost.taskhub.activities import Activities
    from localhost.taskhub.entities import Entities
    from localhost.taskhub.instances import Instances
    from localhost.taskhub.locks import Locks
    from localhost.taskhub.store import Store
    from localhost.taskhub.timers import Timers


@dataclass(frozen=True)
class Actor:
    """Who acts, and when: microseconds since 1970."""

    instance: str
    generation: int
    now: int


@dataclass(frozen=True)
class Actions:
    """Does what orchestrators ask for.

    Args:
        default_version: the version of sub-orchestrations that are started without one.
    """

    store: Store
    instances: Instances
    activities: Activities
    timers: Timers
    entities: Entities
    locks: Locks
    default_version: str

    def perform(self, actor: Actor, action: pb.OrchestratorAction, *, moves_on: bool) -> bytes:
        """Do one action; return its event.

        Args:
            moves_on: the turn continues as new, so activities and timers would have no one to
                tell, and are not started (DurableTask.Core drops them likewise).
        """
        kind = action.WhichOneof("orchestratorActionType")
        if kind == "scheduleTask":
            return self._schedule_task(actor, action, is_wanted=not moves_on)
        if kind == "createTimer":
            return self._create_timer(actor, action, is_wanted=not moves_on)
        if kind == "createSubOrchestration":
            return self._create_sub_orchestration(actor, action)
        if kind == "sendEvent":
            return self._send_event(actor, action)
        if kind == "sendEntityMessage":
            return self._send_entity_message(actor, action)
        return self._terminate(actor, action)

    def _schedule_task(
        self, actor: Actor, action: pb.OrchestratorAction, *, is_wanted: bool
    ) -> bytes:
        asked = action.scheduleTask
        if is_wanted:
            self.activities.schedule(actor.instance, actor.generation, action.id, asked)
        scheduled = pb.TaskScheduledEvent(
            name=asked.name,
            version=asked.version if asked.HasField("version") else None,
            input=asked.input if asked.HasField("input") else None,
            parentTraceContext=(
                asked.parentTraceContext if asked.HasField("parentTraceContext") else None
            ),
        )
        return event(actor.now, id=action.id, taskScheduled=scheduled)

    def _create_timer(
        self, actor: Actor, action: pb.OrchestratorAction, *, is_wanted: bool
    ) -> bytes:
        fire_at = action.createTimer.fireAt
        if is_wanted:
            self.timers.set(
                micros_from(fire_at),
                TimerKind.TIMER,
                actor.instance,
                generation=actor.generation,
                task=action.id,
            )
        created = pb.TimerCreatedEvent(fireAt=fire_at)
        return event(actor.now, id=action.id, timerCreated=created)

    def _create_sub_orchestration(self, actor: Actor, action: pb.OrchestratorAction) -> bytes:
        asked = action.createSubOrchestration
        version = text_of(asked, "version") or self.default_version or None
        trace = asked.parentTraceContext if asked.HasField("parentTraceContext") else None
        child = NewInstance(
            id=asked.instanceId,
            name=asked.name,
            version=version,
            input=text_of(asked, "input"),
            parent=Parent(actor.instance, actor.generation, action.id),
            trace=trace,
        )
        if self._is_living(child.id):
            self._refuse_child(actor, action.id, child.id)
        else:
            self.instances.create(child)
        created = pb.SubOrchestrationInstanceCreatedEvent(
            instanceId=child.id,
            name=child.name,
            version=asked.version if asked.HasField("version") else None,
            input=asked.input if asked.HasField("input") else None,
            parentTraceContext=trace,
        )
        return event(actor.now, id=action.id, subOrchestrationInstanceCreated=created)

    def _refuse_child(self, actor: Actor, task: int, child: str) -> None:
        failure = pb.TaskFailureDetails(
            errorType="OrchestrationAlreadyExists",
            errorMessage=f"An Orchestration instance with the ID {child} already exists.",
        )
        failed = pb.SubOrchestrationInstanceFailedEvent(
            taskScheduledId=task, failureDetails=failure
        )
        news = event(actor.now, subOrchestrationInstanceFailed=failed)
        self.instances.post(actor.instance, actor.generation, news)

    def _send_event(self, actor: Actor, action: pb.OrchestratorAction) -> bytes:
        asked = action.sendEvent
        data = asked.data if asked.HasField("data") else None
        raised = pb.EventRaisedEvent(name=asked.name, input=data)
        self.instances.send(asked.instance.instanceId, event(actor.now, eventRaised=raised))
        sent = pb.EventSentEvent(instanceId=asked.instance.instanceId, name=asked.name, input=data)
        return event(actor.now, id=action.id, eventSent=sent)

    def _send_entity_message(self, actor: Actor, action: pb.OrchestratorAction) -> bytes:
        message = action.sendEntityMessage
        kind = message.WhichOneof("EntityMessageType") or ""
        body = getattr(message, kind)
        caller = Caller(actor.instance, actor.generation)
        if kind == "entityOperationSignaled":
            at = body.scheduledTime if body.HasField("scheduledTime") else None
            self.entities.signal(
                body.targetInstanceId.value, event(actor.now, entityOperationSignaled=body), at
            )
        elif kind == "entityOperationCalled":
            self.entities.deliver(
                body.targetInstanceId.value, event(actor.now, entityOperationCalled=body), caller
            )
        elif kind == "entityLockRequested":
            self.locks.request(caller, body)
        else:
            self.locks.release(body.targetInstanceId.value, body.criticalSectionId)
        return event(actor.now, id=action.id, **{kind: body})

    def _terminate(self, actor: Actor, action: pb.OrchestratorAction) -> bytes:
        asked = action.terminateOrchestration
        self.instances.terminate(asked.instanceId, text_of(asked, "reason"))
        told = pb.GenericEvent(data=asked.reason if asked.HasField("reason") else None)
        return event(actor.now, id=action.id, genericEvent=told)

    def _is_living(self, instance: str) -> bool:
        found = self.store.db.execute(
            f"SELECT 1 FROM instances WHERE id=? AND {IS_LIVING}", (instance,)
        ).fetchone()
        return found is not None
