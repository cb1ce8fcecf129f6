"""Orchestration instances: created, told of news, ended; one row each, and the rows beside it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import durabletask.internal.orchestrator_service_pb2 as pb

from localhost.taskhub.timers import Timer, TimerKind, Timers
from localhost.taskhub.wire import as_past, event, execution_id, text, timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from localhost.taskhub.gathering import Gathering
    from localhost.taskhub.store import Store
    from localhost.taskhub.waiters import Waiters

RUNNING = pb.ORCHESTRATION_STATUS_RUNNING
COMPLETED = pb.ORCHESTRATION_STATUS_COMPLETED
FAILED = pb.ORCHESTRATION_STATUS_FAILED
TERMINATED = pb.ORCHESTRATION_STATUS_TERMINATED
PENDING = pb.ORCHESTRATION_STATUS_PENDING
SUSPENDED = pb.ORCHESTRATION_STATUS_SUSPENDED

LIVING = (RUNNING, PENDING, SUSPENDED)
IS_LIVING = f"status IN ({RUNNING}, {PENDING}, {SUSPENDED})"

# The rows that belong to one generation.
TABLES_OF_A_GENERATION = ("history", "inbox", "activities", "timers")


class News(IntEnum):
    """What kind of event waits in an inbox."""

    COMPLETION = 0  # Belongs to its generation, and is dropped with it.
    CARRIED = 1  # Belongs to the instance, and goes over to the next generation.
    REWIND = 2  # Needs a turn of its own.


@dataclass(frozen=True)
class Parent:
    """The orchestration that waits for a sub-orchestration's end."""

    instance: str
    generation: int
    task: int


@dataclass(frozen=True)
class NewInstance:
    """What an instance starts with. `start_at` is microseconds since 1970, None for at once."""

    id: str
    name: str
    version: str | None = None
    input: str | None = None
    start_at: int | None = None
    parent: Parent | None = None
    trace: pb.TraceContext | None = None


@dataclass(frozen=True)
class End:
    """How an instance ended: the status, its serialized output, its serialized failure."""

    status: int
    output: str | None = None
    failure: pb.TaskFailureDetails | None = None


class Instances:
    """The instances' rows and inboxes; every method runs inside a change."""

    def __init__(
        self, store: Store, gathering: Gathering, timers: Timers, waiters: Waiters
    ) -> None:
        self._store = store
        self._gathering = gathering
        self._timers = timers
        self._waiters = waiters
        self._on_end: list[Callable[[int], None]] = []
        timers.serve(TimerKind.TIMER, self._timer_fired)
        timers.serve(TimerKind.START, self._start_is_due)

    def when_ended(self, react: Callable[[int], None]) -> None:
        """Call `react(generation)`, inside the change, whenever a generation ends."""
        self._on_end.append(react)

    def create(self, new: NewInstance) -> int:
        """Write a new instance, in the place of an ended one of the same id.

        Returns:
            The number of its first generation.
        """
        store, now = self._store, self._store.now()
        generation = next(store.numbers)
        start_at = new.start_at if new.start_at is not None and new.start_at > now else None
        parent = new.parent
        row = (
            *(new.id, generation, new.name, new.version, PENDING, 0, now, now, start_at),
            *((parent.instance, parent.generation, parent.task) if parent else (None, None, None)),
            new.input,
        )
        insert = (
            "INTO instances(id, generation, name, version, status, events, created, updated, "
            "start_at, parent, parent_generation, parent_task, input) "
            "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)"
        )
        if not store.db.execute(f"INSERT OR IGNORE {insert}", row).rowcount:
            self.forget(self.generation_of(new.id))
            store.db.execute(f"REPLACE {insert}", row)
        self._put_in(new.id, generation, self.started_event(new, generation), News.CARRIED)
        if start_at is None:
            self._wake(new.id)
        else:
            self._timers.set(start_at, TimerKind.START, new.id, generation=generation)
        return generation

    def _timer_fired(self, timer: Timer) -> None:
        if timer.generation is not None and timer.task is not None:
            fired = pb.TimerFiredEvent(fireAt=timestamp(timer.due), timerId=timer.task)
            news = event(self._store.now(), timerFired=fired)
            self.post(timer.target, timer.generation, news)

    def _start_is_due(self, timer: Timer) -> None:
        self._wake(timer.target)

    def _wake(self, instance: str) -> None:
        self._store.journal.after_commit(self._gathering.ready, instance)

    def started_event(self, new: NewInstance, generation: int) -> bytes:
        """The event with which a generation begins."""
        parent = new.parent
        started = pb.ExecutionStartedEvent(
            name=new.name,
            version=text(new.version),
            input=text(new.input),
            orchestrationInstance=pb.OrchestrationInstance(
                instanceId=new.id, executionId=text(execution_id(generation))
            ),
            parentTraceContext=new.trace,
        )
        if new.start_at is not None:
            started.scheduledStartTimestamp.CopyFrom(timestamp(new.start_at))
        if parent is not None:
            started.parentInstance.taskScheduledId = parent.task
            started.parentInstance.orchestrationInstance.instanceId = parent.instance
            started.parentInstance.orchestrationInstance.executionId.value = execution_id(
                parent.generation
            )
        return event(self._store.now(), executionStarted=started)

    def generation_of(self, instance: str) -> int:
        """The present generation of an instance that exists."""
        row = self._store.db.execute(
            "SELECT generation FROM instances WHERE id=?", (instance,)
        ).fetchone()
        generation: int = row[0]
        return generation

    def post(
        self, instance: str, generation: int, news: bytes, *, more_to_come: bool = False
    ) -> bool:
        """Tell one generation of an instance; False where it has ended or moved on.

        Args:
            more_to_come: the news may wait a moment for others that are under way.
        """
        store = self._store
        posted = store.db.execute(
            "INSERT INTO inbox(generation, number, kind, instance, event) SELECT ?,?,?,?,? "
            f"FROM instances WHERE id=? AND generation=? AND {IS_LIVING}",
            (
                *(generation, next(store.numbers), News.COMPLETION, instance, news),
                *(instance, generation),
            ),
        ).rowcount
        if posted and more_to_come:
            store.journal.after_commit(self._gathering.ready_soon, instance)
        elif posted:
            self._wake(instance)
        return bool(posted)

    def send(self, instance: str, news: bytes, kind: News = News.CARRIED) -> bool:
        """Tell an instance, whatever generation it is in; False where it has ended."""
        row = self._store.db.execute(
            f"SELECT generation FROM instances WHERE id=? AND {IS_LIVING}", (instance,)
        ).fetchone()
        if row is None:
            return False
        self._put_in(instance, row[0], news, kind)
        self._wake(instance)
        return True

    def _put_in(self, instance: str, generation: int, news: bytes, kind: News) -> None:
        self._store.db.execute(
            "INSERT INTO inbox(generation, number, kind, instance, event) VALUES(?,?,?,?,?)",
            (generation, next(self._store.numbers), kind, instance, news),
        )

    def begin_generation(
        self, old: int, generation: int, new: NewInstance, carried: list[bytes]
    ) -> None:
        """Go on as a new generation: the events kept by the old one first, then unread ones."""
        store = self._store
        unread = store.db.execute(
            "SELECT event FROM inbox WHERE generation=? AND kind=? ORDER BY number",
            (old, News.CARRIED),
        ).fetchall()
        self.forget(old, but="activities")
        self._end_generation(old)
        for news in (self.started_event(new, generation), *carried, *(row[0] for row in unread)):
            self._put_in(new.id, generation, news, News.CARRIED)
        self._wake(new.id)

    def close(self, instance: str, generation: int, end: End, parent: Parent | None) -> None:
        """Clear up after an instance whose row says that it has ended, and tell its parent.

        Activities that were scheduled still run, as in Azure; nobody hears of their results.
        """
        db = self._store.db
        db.execute("DELETE FROM inbox WHERE generation=?", (generation,))
        db.execute("DELETE FROM timers WHERE generation=?", (generation,))
        self._end_generation(generation)
        if parent is not None:
            self.post(parent.instance, parent.generation, self.told_to_parent(parent.task, end))
        self._store.journal.after_commit(self._store.histories.forget, generation)
        self._store.journal.after_commit(self._waiters.notify, instance, end.status)

    def _end_generation(self, generation: int) -> None:
        for react in self._on_end:
            react(generation)

    def told_to_parent(self, task: int, end: End) -> bytes:
        """The event by which a parent learns how its sub-orchestration ended."""
        now = self._store.now()
        if end.status == COMPLETED:
            completed = pb.SubOrchestrationInstanceCompletedEvent(
                taskScheduledId=task, result=text(end.output)
            )
            return event(now, subOrchestrationInstanceCompleted=completed)
        failure = end.failure or pb.TaskFailureDetails(
            errorType="OrchestrationTerminated", errorMessage="The sub-orchestration was terminated"
        )
        failed = pb.SubOrchestrationInstanceFailedEvent(
            taskScheduledId=task, failureDetails=failure
        )
        return event(now, subOrchestrationInstanceFailed=failed)

    def break_off(self, instance: str, end: End, because: bytes | None = None) -> bool:
        """End an instance without asking its orchestrator; False where it has ended already.

        Args:
            because: the event that says why, for the history.
        """
        store, now = self._store, self._store.now()
        row = store.db.execute(
            "SELECT generation, parent, parent_generation, parent_task FROM instances "
            f"WHERE id=? AND {IS_LIVING}",
            (instance,),
        ).fetchone()
        if row is None:
            return False
        generation = row[0]
        events = [*([because] if because else []), ended_event(now, end)]
        store.db.execute(
            "UPDATE instances SET status=?, output=?, failure=?, updated=?, completed=?, "
            "events=events+? WHERE id=?",
            (
                *(end.status, end.output, end.failure and end.failure.SerializeToString()),
                *(now, now, len(events), instance),
            ),
        )
        self.append(generation, as_past(events))
        self.close(instance, generation, end, Parent(*row[1:]) if row[1] else None)
        return True

    def terminate(self, instance: str, output: str | None) -> bool:
        """End an instance at once, whoever works on it; False where it has ended already."""
        terminated = pb.ExecutionTerminatedEvent(input=text(output))
        because = event(self._store.now(), executionTerminated=terminated)
        return self.break_off(instance, End(TERMINATED, output), because)

    def append(self, generation: int, past: bytes) -> None:
        """Add a piece to a generation's history."""
        self._store.db.execute(
            "INSERT INTO history(generation, number, events) VALUES(?,?,?)",
            (generation, next(self._store.numbers), past),
        )

    def forget(self, generation: int, but: str = "") -> None:
        """Delete every row that belongs to a generation, except those in the table `but`."""
        for table in TABLES_OF_A_GENERATION:
            if table != but:
                self._store.db.execute(f"DELETE FROM {table} WHERE generation=?", (generation,))
        self._store.journal.after_commit(self._store.histories.forget, generation)


def ended_event(now: int, end: End) -> bytes:
    """The event with which a history ends."""
    completed = pb.ExecutionCompletedEvent(
        orchestrationStatus=end.status,  # type: ignore[arg-type]  # the enum's number
        result=text(end.output),
        failureDetails=end.failure,
    )
    return event(now, executionCompleted=completed)
