"""Claims: an instance's news put together as a work item for its orchestrator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import durabletask.internal.orchestrator_service_pb2 as pb

from localhost.taskhub.dispatch import Claim, Dispatcher, Kind
from localhost.taskhub.instances import (
    FAILED,
    IS_LIVING,
    SUSPENDED,
    End,
    News,
    Parent,
)
from localhost.taskhub.versions import VersionFailure
from localhost.taskhub.wire import as_new, event, execution_id

if TYPE_CHECKING:
    from localhost.taskhub.instances import Instances
    from localhost.taskhub.store import Store
    from localhost.taskhub.versions import VersionRule

NEWS_MAX = 5_000

_STARTED = pb.OrchestratorStartedEvent()


@dataclass(frozen=True, slots=True)
class Turn:
    """What was handed to an orchestrator: the instance as it was, and the news."""

    instance: str
    generation: int
    name: str
    version: str | None
    parent: Parent | None
    history: bytes
    events: int
    news: list[bytes]
    last_number: int
    is_full: bool


class Claims:
    """Makes orchestrators' work items from what is committed.

    Args:
        rule: which versions may run.
    """

    def __init__(
        self, store: Store, dispatcher: Dispatcher, instances: Instances, rule: VersionRule
    ) -> None:
        self._store = store
        self._instances = instances
        self._rule = rule
        dispatcher.serve(Kind.ORCHESTRATION, self._claim)

    def _claim(self, instance: str) -> Claim | None:
        row = self._store.db.execute(
            "SELECT status, start_at, version, generation, name, events, trace, "
            f"parent, parent_generation, parent_task FROM instances WHERE id=? AND {IS_LIVING}",
            (instance,),
        ).fetchone()
        if row is None or row[0] == SUSPENDED:
            return None
        now = self._store.now()
        _, start_at, version, generation, name, events, trace, *parent = row
        if start_at is not None and start_at > now:
            return None
        if not self._rule.admits(version):
            if self._rule.failure is VersionFailure.FAIL:
                self._store.journal.ensure(self._fail_version, instance, version)
            return None
        rows = self._store.db.execute(
            "SELECT number, kind, event FROM inbox WHERE generation=? ORDER BY number LIMIT ?",
            (generation, NEWS_MAX),
        ).fetchall()
        if not rows:
            return None
        if rows[0][1] == News.REWIND:
            del rows[1:]
        turn = Turn(
            instance,
            generation,
            name,
            version,
            Parent(*parent) if parent[0] else None,
            self._store.histories.read(generation, events),
            events,
            [event(now, orchestratorStarted=_STARTED), *(row[2] for row in rows)],
            rows[-1][0],
            is_full=len(rows) == NEWS_MAX or rows[0][1] == News.REWIND,
        )
        return self._claim_of(turn, trace)

    def _claim_of(self, turn: Turn, trace: bytes | None) -> Claim:
        request = pb.OrchestratorRequest.FromString(turn.history + as_new(turn.news))
        request.instanceId = turn.instance
        request.executionId.value = execution_id(turn.generation)
        if trace is not None:
            request.orchestrationTraceContext.MergeFromString(trace)
        token = f"o{next(self._store.numbers)}"
        return Claim(token, pb.WorkItem(orchestratorRequest=request, completionToken=token), turn)

    def _fail_version(self, instance: str, version: str | None) -> None:
        failure = pb.TaskFailureDetails(
            errorType="VersionMismatch",
            errorMessage=(
                f"The orchestration version '{version or ''}' does not match the worker version "
                f"'{self._rule.default}' under the strategy {self._rule.match}."
            ),
            isNonRetriable=True,
        )
        self._instances.break_off(instance, End(FAILED, failure=failure))
