"""Activities: scheduled by a turn, run at least once, completed exactly once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import durabletask.internal.orchestrator_service_pb2 as pb

from localhost.taskhub.dispatch import Claim, Dispatcher, Kind
from localhost.taskhub.wire import event, text

if TYPE_CHECKING:
    from localhost.taskhub.dispatch import Lease
    from localhost.taskhub.instances import Instances
    from localhost.taskhub.store import Store


class Activities:
    """The activities that wait for a worker or for its answer, one row each.

    A retry uses its task's id again, so rows and completion tokens carry a number of their own:
    a late answer to the first attempt is not taken for an answer to the second.
    """

    def __init__(self, store: Store, dispatcher: Dispatcher, instances: Instances) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._instances = instances
        dispatcher.serve(Kind.ACTIVITY, self._claim)

    def schedule(
        self, instance: str, generation: int, task: int, asked: pb.ScheduleTaskAction
    ) -> None:
        """Inside a change: write the activity down, to be handed out after the commit."""
        request = pb.ActivityRequest(
            name=asked.name,
            input=asked.input if asked.HasField("input") else None,
            version=asked.version if asked.HasField("version") else None,
            orchestrationInstance=pb.OrchestrationInstance(instanceId=instance),
            taskId=task,
            parentTraceContext=(
                asked.parentTraceContext if asked.HasField("parentTraceContext") else None
            ),
            tags=asked.tags,
        )
        number = next(self._store.numbers)
        self._store.db.execute(
            "INSERT INTO activities(generation, number, task, instance, request) VALUES(?,?,?,?,?)",
            (generation, number, task, instance, request.SerializeToString()),
        )
        key = (generation, number)
        self._store.journal.after_commit(self._dispatcher.ready, Kind.ACTIVITY, key)

    def reschedule_if_lost(
        self, instance: str, generation: int, scheduled: pb.HistoryEvent
    ) -> None:
        """Inside a change: schedule again what a rewound history waits for and nobody runs."""
        found = self._store.db.execute(
            "SELECT 1 FROM activities WHERE generation=? AND task=?",
            (generation, scheduled.eventId),
        ).fetchone()
        if found is None:
            was = scheduled.taskScheduled
            asked = pb.ScheduleTaskAction(
                name=was.name, input=text(was.input.value if was.HasField("input") else None)
            )
            self.schedule(instance, generation, scheduled.eventId, asked)

    def _claim(self, key: tuple[int, int]) -> Claim | None:
        row = self._store.db.execute(
            "SELECT request FROM activities WHERE generation=? AND number=?", key
        ).fetchone()
        if row is None:
            return None
        token = f"a{key[0]}:{key[1]}"
        request = pb.ActivityRequest.FromString(row[0])
        return Claim(token, pb.WorkItem(activityRequest=request, completionToken=token))

    async def complete(self, response: pb.ActivityResponse) -> None:
        """Record an activity's result; a second or late one changes nothing.

        An answer from a worker that outlived a restart of the hub counts: its token is the row's.
        """
        lease = self._dispatcher.finish(response.completionToken)
        try:
            await self._store.journal.insist(self._record, lease, response)
        except Exception:
            if lease is not None:
                self._dispatcher.give_back(lease)
            raise

    def _record(self, lease: Lease | None, response: pb.ActivityResponse) -> None:
        if lease is not None:
            self._store.journal.after_commit(self._dispatcher.release, lease)
        generation, _, number = response.completionToken[1:].partition(":")
        if not (generation.isdecimal() and number.isdecimal()):
            return
        row = self._store.db.execute(
            "DELETE FROM activities WHERE generation=? AND number=? RETURNING instance, task",
            (int(generation), int(number)),
        ).fetchone()
        if row is None:
            return
        instance, task = row
        now = self._store.now()
        if response.HasField("failureDetails"):
            failed = pb.TaskFailedEvent(
                taskScheduledId=task, failureDetails=response.failureDetails
            )
            news = event(now, taskFailed=failed)
        else:
            result = response.result if response.HasField("result") else None
            completed = pb.TaskCompletedEvent(taskScheduledId=task, result=result)
            news = event(now, taskCompleted=completed)
        others = self._store.db.execute(
            "SELECT 1 FROM activities WHERE generation=? LIMIT 1", (int(generation),)
        ).fetchone()
        self._instances.post(instance, int(generation), news, more_to_come=others is not None)
