"""Rewind: a failed instance goes back to before its failure and tries again what failed.

The worker rewrites the history (durabletask/worker.py, `_build_rewind_result`); the hub keeps it
and makes sure that everything which the rewritten history waits for is really under way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import durabletask.internal.orchestrator_service_pb2 as pb

from localhost.taskhub.errors import InstanceNotFound, WrongState
from localhost.taskhub.instances import (
    FAILED,
    LIVING,
    RUNNING,
    End,
    NewInstance,
    News,
    Parent,
)
from localhost.taskhub.timers import TimerKind
from localhost.taskhub.wire import as_past, event, micros_from, text, text_of

if TYPE_CHECKING:
    from localhost.taskhub.activities import Activities
    from localhost.taskhub.instances import Instances
    from localhost.taskhub.store import Store
    from localhost.taskhub.timers import Timers


class Rewinding:
    """Both halves of a rewind; every method runs inside a change."""

    def __init__(
        self,
        store: Store,
        instances: Instances,
        activities: Activities,
        timers: Timers,
    ) -> None:
        self._store = store
        self._instances = instances
        self._activities = activities
        self._timers = timers

    def begin(self, instance: str, reason: str | None) -> None:
        """Bring a failed instance back to life and ask its worker to rewrite the history.

        Raises:
            InstanceNotFound: there is no such instance.
            WrongState: it did not fail.
        """
        row = self._store.db.execute(
            "SELECT status FROM instances WHERE id=?", (instance,)
        ).fetchone()
        if row is None:
            raise InstanceNotFound(instance)
        if row[0] != FAILED:
            raise WrongState(f"The instance '{instance}' is not in a failed state.")
        now = self._store.now()
        self._store.db.execute(
            "UPDATE instances SET status=?, output=NULL, failure=NULL, completed=NULL, updated=? "
            "WHERE id=?",
            (RUNNING, now, instance),
        )
        rewound = pb.ExecutionRewoundEvent(reason=text(reason))
        self._instances.send(instance, event(now, executionRewound=rewound), News.REWIND)

    def rewrite(
        self,
        instance: str,
        generation: int,
        last_number: int,
        action: pb.RewindOrchestrationAction,
    ) -> None:
        """Put the rewritten history in the place of the old one, and wake the instance."""
        db, events = self._store.db, list(action.newHistory)
        kept = db.execute(
            "UPDATE instances SET events=? WHERE id=? AND generation=? AND status=?",
            (len(events), instance, generation, RUNNING),
        ).rowcount
        if not kept:
            return
        db.execute("DELETE FROM inbox WHERE generation=? AND number<=?", (generation, last_number))
        db.execute("DELETE FROM history WHERE generation=?", (generation,))
        self._instances.append(generation, as_past(e.SerializeToString() for e in events))
        self._store.journal.after_commit(self._store.histories.forget, generation)
        for unfinished in _unfinished(events):
            self._resume(instance, generation, unfinished)
        # A turn needs news. This event says nothing, and lets the orchestrator go on.
        nudge = pb.GenericEvent(data=text("Rewound"))
        self._instances.send(instance, event(self._store.now(), genericEvent=nudge))

    def _resume(self, instance: str, generation: int, unfinished: pb.HistoryEvent) -> None:
        if unfinished.HasField("taskScheduled"):
            self._activities.reschedule_if_lost(instance, generation, unfinished)
        elif unfinished.HasField("timerCreated"):
            due = micros_from(unfinished.timerCreated.fireAt)
            self._timers.set(
                due, TimerKind.TIMER, instance, generation=generation, task=unfinished.eventId
            )
        else:
            self._resume_child(Parent(instance, generation, unfinished.eventId), unfinished)

    def _resume_child(self, parent: Parent, created: pb.HistoryEvent) -> None:
        """A child that failed is rewound, one that ended is reported, one that is gone restarts."""
        asked = created.subOrchestrationInstanceCreated
        row = self._store.db.execute(
            "SELECT status, output, failure FROM instances WHERE id=?", (asked.instanceId,)
        ).fetchone()
        if row is None:
            version, given = text_of(asked, "version"), text_of(asked, "input")
            self._instances.create(
                NewInstance(asked.instanceId, asked.name, version, given, parent=parent)
            )
        elif row[0] == FAILED:
            self.begin(asked.instanceId, None)
        elif row[0] not in LIVING:
            failure = pb.TaskFailureDetails.FromString(row[2]) if row[2] else None
            news = self._instances.told_to_parent(parent.task, End(row[0], row[1], failure))
            self._instances.post(parent.instance, parent.generation, news)


def _unfinished(events: list[pb.HistoryEvent]) -> list[pb.HistoryEvent]:
    """What a history waits for: activities, timers and sub-orchestrations without an end."""
    waiting: dict[int, pb.HistoryEvent] = {}
    for past in events:
        kind = past.WhichOneof("eventType")
        if kind in ("taskScheduled", "timerCreated", "subOrchestrationInstanceCreated"):
            waiting[past.eventId] = past
        elif kind == "taskCompleted":
            waiting.pop(past.taskCompleted.taskScheduledId, None)
        elif kind == "timerFired":
            waiting.pop(past.timerFired.timerId, None)
        elif kind == "subOrchestrationInstanceCompleted":
            waiting.pop(past.subOrchestrationInstanceCompleted.taskScheduledId, None)
    return list(waiting.values())
