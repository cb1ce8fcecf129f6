"""Turns: an instance's news handed to its orchestrator, and what comes back committed as one.

A turn's news leave the inbox, its events enter the history, and all that it asked for is written
down, in a single change. A turn that was overtaken, because its instance was terminated or started
anew in the meantime, changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import durabletask.internal.orchestrator_service_pb2 as pb

from localhost.taskhub.actions import Actions, Actor
from localhost.taskhub.dispatch import Dispatcher, Kind
from localhost.taskhub.instances import (
    FAILED,
    IS_LIVING,
    PENDING,
    RUNNING,
    End,
    NewInstance,
    ended_event,
)
from localhost.taskhub.wire import as_past, event, text_of
from shared.errors import CareloomError

if TYPE_CHECKING:
    from localhost.taskhub.claims import Turn
    from localhost.taskhub.dispatch import Lease
    from localhost.taskhub.instances import Instances
    from localhost.taskhub.rewinding import Rewinding
    from localhost.taskhub.store import Store
    from localhost.taskhub.waiters import Waiters

CONTINUED_AS_NEW = pb.ORCHESTRATION_STATUS_CONTINUED_AS_NEW

_GO_ON = (
    f"UPDATE instances SET status=CASE status WHEN {PENDING} THEN {RUNNING} ELSE status END, "
    "custom_status=?, updated=?, trace=?, events=events+? "
    f"WHERE id=? AND generation=? AND {IS_LIVING}"
)
_END = (
    "UPDATE instances SET status=?, output=?, failure=?, completed=?, "
    "custom_status=?, updated=?, trace=?, events=events+? "
    f"WHERE id=? AND generation=? AND {IS_LIVING}"
)
_CONTINUE_AS_NEW = (
    f"UPDATE instances SET status=CASE status WHEN {PENDING} THEN {RUNNING} ELSE status END, "
    "generation=?, version=?, input=?, events=0, custom_status=?, updated=?, trace=NULL "
    f"WHERE id=? AND generation=? AND {IS_LIVING}"
)


class Turns:
    """Commits orchestrators' answers.

    Args:
        events_max: an instance whose history would grow beyond this many events fails.
    """

    def __init__(
        self,
        store: Store,
        dispatcher: Dispatcher,
        instances: Instances,
        actions: Actions,
        rewinding: Rewinding,
        waiters: Waiters,
        *,
        events_max: int,
    ) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._instances = instances
        self._actions = actions
        self._rewinding = rewinding
        self._waiters = waiters
        self._events_max = events_max

    async def complete(self, response: pb.OrchestratorResponse) -> None:
        """Commit what an orchestrator answered; an answer that nobody waits for changes nothing.

        An answer that cannot be written down fails its instance: the next turn would answer alike.
        """
        lease = self._dispatcher.finish(response.completionToken)
        if lease is None:
            return
        try:
            await self._store.journal.insist(self._commit, lease, response)
        except CareloomError:
            self._dispatcher.give_back(lease)
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the instance must not loop
            await self._store.journal.insist(self._fail_turn, lease, type(error).__name__)

    def _fail_turn(self, lease: Lease, reason: str) -> None:
        self._store.journal.after_commit(self._dispatcher.release, lease)
        failure = pb.TaskFailureDetails(
            errorType="TurnNotCommitted",
            errorMessage=f"The orchestrator's answer could not be committed: {reason}.",
            isNonRetriable=True,
        )
        self._instances.break_off(lease.memory.instance, End(FAILED, failure=failure))

    def _commit(self, lease: Lease, response: pb.OrchestratorResponse) -> None:
        turn: Turn = lease.memory
        if turn.is_full:
            self._store.journal.after_commit(
                self._dispatcher.ready, Kind.ORCHESTRATION, turn.instance
            )
        self._store.journal.after_commit(self._dispatcher.release, lease)
        actions, last = [], None
        for action in response.actions:
            if action.HasField("completeOrchestration") or action.HasField("rewindOrchestration"):
                last = action
            else:
                actions.append(action)
        if last is not None and last.HasField("rewindOrchestration"):
            self._rewinding.rewrite(
                turn.instance, turn.generation, turn.last_number, last.rewindOrchestration
            )
        elif last is None and turn.events + len(turn.news) + len(actions) > self._events_max:
            self._end(turn, response, [], _history_limit(self._events_max))
        elif last is None:
            self._go_on(turn, response, actions)
        elif last.completeOrchestration.orchestrationStatus == CONTINUED_AS_NEW:
            self._continue_as_new(turn, response, actions, last.completeOrchestration)
        else:
            self._end(turn, response, actions, _end_of(last.completeOrchestration))

    def _go_on(
        self,
        turn: Turn,
        response: pb.OrchestratorResponse,
        actions: list[pb.OrchestratorAction],
    ) -> None:
        now = self._store.now()
        count = len(turn.news) + len(actions) + 1
        if not self._store.db.execute(
            _GO_ON,
            (
                *(text_of(response, "customStatus"), now, _trace_of(response), count),
                *(turn.instance, turn.generation),
            ),
        ).rowcount:
            return
        self._consume(turn)
        past = self._perform(turn, now, actions)
        past.append(event(now, orchestratorCompleted=_COMPLETED))
        added = as_past(past)
        self._instances.append(turn.generation, added)
        journal = self._store.journal
        journal.after_commit(self._store.histories.keep, turn.generation, turn.history + added)
        if not turn.events:
            journal.after_commit(self._waiters.notify, turn.instance, RUNNING)

    def _end(
        self,
        turn: Turn,
        response: pb.OrchestratorResponse,
        actions: list[pb.OrchestratorAction],
        end: End,
    ) -> None:
        now = self._store.now()
        failure = end.failure.SerializeToString() if end.failure is not None else None
        if not self._store.db.execute(
            _END,
            (
                *(end.status, end.output, failure, now),
                *(text_of(response, "customStatus"), now, _trace_of(response)),
                *(len(turn.news) + len(actions) + 2, turn.instance, turn.generation),
            ),
        ).rowcount:
            return
        past = self._perform(turn, now, actions)
        past += [ended_event(now, end), event(now, orchestratorCompleted=_COMPLETED)]
        self._instances.append(turn.generation, as_past(past))
        self._instances.close(turn.instance, turn.generation, end, turn.parent)

    def _continue_as_new(
        self,
        turn: Turn,
        response: pb.OrchestratorResponse,
        actions: list[pb.OrchestratorAction],
        done: pb.CompleteOrchestrationAction,
    ) -> None:
        now = self._store.now()
        version = text_of(done, "newVersion") or turn.version
        new = NewInstance(
            turn.instance, turn.name, version, text_of(done, "result"), parent=turn.parent
        )
        generation = next(self._store.numbers)
        if not self._store.db.execute(
            _CONTINUE_AS_NEW,
            (
                *(generation, new.version, new.input, text_of(response, "customStatus"), now),
                *(turn.instance, turn.generation),
            ),
        ).rowcount:
            return
        self._consume(turn)
        self._perform(turn, now, actions, moves_on=True)
        carried = [kept.SerializeToString() for kept in done.carryoverEvents]
        self._instances.begin_generation(turn.generation, generation, new, carried)
        self._store.journal.after_commit(self._waiters.notify, turn.instance, RUNNING)

    def _consume(self, turn: Turn) -> None:
        self._store.db.execute(
            "DELETE FROM inbox WHERE generation=? AND number<=?",
            (turn.generation, turn.last_number),
        )

    def _perform(
        self,
        turn: Turn,
        now: int,
        actions: list[pb.OrchestratorAction],
        *,
        moves_on: bool = False,
    ) -> list[bytes]:
        """The turn's part of the history: its news, then one event per action."""
        actor = Actor(turn.instance, turn.generation, now)
        perform = self._actions.perform
        return turn.news + [perform(actor, action, moves_on=moves_on) for action in actions]


_COMPLETED = pb.OrchestratorCompletedEvent()


def _end_of(done: pb.CompleteOrchestrationAction) -> End:
    failure = done.failureDetails if done.HasField("failureDetails") else None
    return End(done.orchestrationStatus, text_of(done, "result"), failure)


def _history_limit(events_max: int) -> End:
    failure = pb.TaskFailureDetails(
        errorType="HistoryLimitExceeded",
        errorMessage=(
            f"The history would exceed {events_max} events: continue as new, or divide the work "
            "into sub-orchestrations."
        ),
        isNonRetriable=True,
    )
    return End(FAILED, failure=failure)


def _trace_of(response: pb.OrchestratorResponse) -> bytes | None:
    if not response.HasField("orchestrationTraceContext"):
        return None
    return response.orchestrationTraceContext.SerializeToString() or None
