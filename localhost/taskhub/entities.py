"""Entities: their state, the operations that wait for them, and the batches in workers' hands.

An entity's inbox is strictly first in, first out. A lock request waits in the inbox of every
entity that it names (see locks.py), and nothing behind it is delivered before it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import durabletask.internal.orchestrator_service_pb2 as pb

from localhost.taskhub.dispatch import Claim, Dispatcher, Kind
from localhost.taskhub.instances import IS_LIVING, NewInstance
from localhost.taskhub.timers import Timer, TimerKind, Timers
from localhost.taskhub.wire import event, micros_from, text, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from google.protobuf.timestamp_pb2 import Timestamp
    from google.protobuf.wrappers_pb2 import StringValue

    from localhost.taskhub.dispatch import Lease
    from localhost.taskhub.instances import Instances
    from localhost.taskhub.store import Store

OPERATIONS_MAX = 500


@dataclass(frozen=True)
class Caller:
    """Who called an entity and waits for its answer."""

    instance: str
    generation: int


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation in a worker's hands: its place in the inbox, its id, who waits for it."""

    number: int
    request_id: str
    caller: Caller | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What a worker was asked to do with one entity."""

    entity: str
    operations: list[Operation]


class Entities:
    """The entities' rows and inboxes.

    Args:
        default_version: the version of the orchestrations that entities start.
    """

    def __init__(
        self,
        store: Store,
        dispatcher: Dispatcher,
        timers: Timers,
        instances: Instances,
        *,
        default_version: str,
    ) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._timers = timers
        self._instances = instances
        self._default_version = default_version
        self._grant: Callable[[str], None] | None = None
        dispatcher.serve(Kind.ENTITY, self._claim)
        timers.serve(TimerKind.SIGNAL, self._signal_is_due)

    def when_lock_is_first(self, grant: Callable[[str], None]) -> None:
        """Call `grant(entity)`, inside a change, when a lock request is first in its inbox."""
        self._grant = grant

    def signal(self, entity: str, news: bytes, at: Timestamp | None) -> None:
        """Inside a change: deliver an operation that nobody waits for, now or at a time."""
        due = micros_from(at) if at is not None else 0
        if due > self._store.now():
            self._timers.set(due, TimerKind.SIGNAL, entity, event=news)
        else:
            self.deliver(entity, news)

    def _signal_is_due(self, timer: Timer) -> None:
        if timer.event is not None:
            self.deliver(timer.target, timer.event)

    def deliver(self, entity: str, news: bytes, caller: Caller | None = None) -> None:
        """Inside a change: put an operation into the entity's inbox."""
        self.create(entity)
        self._store.db.execute(
            "INSERT INTO entity_inbox(entity, number, event, caller, caller_generation) "
            "VALUES(?,?,?,?,?)",
            (
                *(entity, next(self._store.numbers), news),
                *((caller.instance, caller.generation) if caller else (None, None)),
            ),
        )
        self.look_at(entity)

    def create(self, entity: str) -> None:
        """Inside a change: write the entity down, unless it is known."""
        self._store.db.execute(
            "INSERT OR IGNORE INTO entities(id, updated) VALUES(?,?)", (entity, self._store.now())
        )

    def look_at(self, entity: str) -> None:
        """Inside a change: after the commit, see what waits in the entity's inbox."""
        self._store.journal.after_commit(self._dispatcher.ready, Kind.ENTITY, entity)

    def _claim(self, entity: str) -> Claim | None:
        row = self._store.db.execute(
            "SELECT state, owner_generation FROM entities WHERE id=?", (entity,)
        ).fetchone()
        if row is None:
            return None
        state, owner_generation = row
        operations, news = [], []
        for number, operation, caller, generation, section in self._waiting(
            entity, owner_generation
        ):
            if section is not None:
                break
            parsed = pb.HistoryEvent.FromString(operation)
            news.append(parsed)
            who = Caller(caller, generation) if caller is not None else None
            operations.append(Operation(number, _request_id(parsed), who))
        if not operations:
            if owner_generation is None and self._grant is not None:
                self._store.journal.ensure(self._grant, entity)
            return None
        token = f"e{next(self._store.numbers)}"
        request = pb.EntityRequest(
            instanceId=entity, entityState=text(state), operationRequests=news
        )
        item = pb.WorkItem(entityRequestV2=request, completionToken=token)
        return Claim(token, item, Batch(entity, operations))

    def _waiting(
        self, entity: str, owner_generation: int | None
    ) -> Iterable[tuple[int, bytes, str | None, int, str | None]]:
        """What may be delivered, in order: while locked, only what the lock's owner calls."""
        columns = "number, event, caller, caller_generation, section"
        if owner_generation is None:
            return self._store.db.execute(
                f"SELECT {columns} FROM entity_inbox WHERE entity=? ORDER BY number LIMIT ?",
                (entity, OPERATIONS_MAX),
            ).fetchall()
        return self._store.db.execute(
            f"SELECT {columns} FROM entity_inbox WHERE entity=? AND caller_generation=? "
            "AND section IS NULL ORDER BY number LIMIT ?",
            (entity, owner_generation, OPERATIONS_MAX),
        ).fetchall()

    async def complete(self, result: pb.EntityBatchResult) -> None:
        """Record what a batch did: the new state, the answers, the messages it sent."""
        lease = self._dispatcher.finish(result.completionToken)
        if lease is None:
            return
        try:
            await self._store.journal.insist(self._record, lease, result)
        except Exception:
            self._dispatcher.give_back(lease)
            raise

    def _record(self, lease: Lease, result: pb.EntityBatchResult) -> None:
        store, now = self._store, self._store.now()
        store.journal.after_commit(self._dispatcher.release, lease)
        batch: Batch = lease.memory
        answers = list(result.results)
        if result.HasField("failureDetails"):
            failure = pb.OperationResultFailure(failureDetails=result.failureDetails)
            missing = len(batch.operations) - len(answers)
            answers += [pb.OperationResult(failure=failure)] * missing
        store.db.execute(
            "UPDATE entities SET state=?, updated=? WHERE id=?",
            (text_of(result, "entityState") or None, now, batch.entity),
        )
        for operation, answer in zip(batch.operations, answers, strict=False):
            store.db.execute(
                "DELETE FROM entity_inbox WHERE entity=? AND number=?",
                (batch.entity, operation.number),
            )
            if operation.caller is not None:
                self._answer(now, operation, operation.caller, answer)
        for action in result.actions:
            self._act(now, action)
        self.look_at(batch.entity)

    def _answer(
        self, now: int, operation: Operation, caller: Caller, answer: pb.OperationResult
    ) -> None:
        if answer.HasField("failure"):
            failed = pb.EntityOperationFailedEvent(
                requestId=operation.request_id, failureDetails=answer.failure.failureDetails
            )
            news = event(now, entityOperationFailed=failed)
        else:
            output: StringValue | None = None
            if answer.success.HasField("result"):
                output = answer.success.result
            completed = pb.EntityOperationCompletedEvent(
                requestId=operation.request_id, output=output
            )
            news = event(now, entityOperationCompleted=completed)
        self._instances.post(caller.instance, caller.generation, news)

    def _act(self, now: int, action: pb.OperationAction) -> None:
        if action.HasField("sendSignal"):
            sent = action.sendSignal
            at = sent.scheduledTime if sent.HasField("scheduledTime") else None
            self.signal(sent.instanceId, signal_event(now, sent, uuid.uuid4().hex), at)
            return
        asked = action.startNewOrchestration
        instance = asked.instanceId or uuid.uuid4().hex
        is_running = self._store.db.execute(
            f"SELECT 1 FROM instances WHERE id=? AND {IS_LIVING}", (instance,)
        ).fetchone()
        if is_running is None:
            self._instances.create(
                NewInstance(
                    id=instance,
                    name=asked.name,
                    version=text_of(asked, "version") or self._default_version or None,
                    input=text_of(asked, "input"),
                    start_at=(
                        micros_from(asked.scheduledTime)
                        if asked.HasField("scheduledTime")
                        else None
                    ),
                )
            )


def signal_event(
    now: int, asked: pb.SendSignalAction | pb.SignalEntityRequest, request_id: str
) -> bytes:
    """The event by which an entity is asked for an operation that nobody waits for."""
    signaled = pb.EntityOperationSignaledEvent(
        requestId=request_id,
        operation=asked.name,
        input=asked.input if asked.HasField("input") else None,
        targetInstanceId=text(asked.instanceId),
    )
    return event(now, entityOperationSignaled=signaled)


def _request_id(operation: pb.HistoryEvent) -> str:
    if operation.HasField("entityOperationCalled"):
        return operation.entityOperationCalled.requestId
    return operation.entityOperationSignaled.requestId
