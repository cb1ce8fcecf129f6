"""The task hub: durable orchestrations, activities and entities in one process on one SQLite file.

One event loop decides everything; one database thread commits. See journal.py for the rule that
nothing is dispatched or acknowledged before its commit.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from localhost.taskhub.actions import Actions
from localhost.taskhub.activities import Activities
from localhost.taskhub.claims import Claims
from localhost.taskhub.clock import SystemClock
from localhost.taskhub.dispatch import Dispatcher, Kind, Limits, Worker
from localhost.taskhub.entities import Entities
from localhost.taskhub.entity_management import EntityManagement
from localhost.taskhub.errors import HubClosed
from localhost.taskhub.gathering import Gathering
from localhost.taskhub.instances import Instances
from localhost.taskhub.journal import Journal
from localhost.taskhub.locks import Locks
from localhost.taskhub.management import Management
from localhost.taskhub.queries import Queries
from localhost.taskhub.rewinding import Rewinding
from localhost.taskhub.schema import open_database
from localhost.taskhub.store import Store
from localhost.taskhub.timers import Timers
from localhost.taskhub.turns import Turns
from localhost.taskhub.versions import VersionFailure, VersionMatch, VersionRule
from localhost.taskhub.waiters import Waiters

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncIterator
    from pathlib import Path

    import durabletask.internal.orchestrator_service_pb2 as pb

    from localhost.taskhub.clock import Clock
    from localhost.taskhub.schema import Durability

HISTORY_EVENTS_MAX = 50_000
NO_LIMITS = Limits()


class TaskHub:
    """The hub, opened with `TaskHub.open`. Each of the service's calls is one coroutine."""

    def __init__(
        self, db: sqlite3.Connection, clock: Clock, rule: VersionRule, events_max: int
    ) -> None:
        self._clock = clock
        self._waiters = Waiters()
        self._journal = Journal(db, self._on_settled)
        self._store = store = Store(db, self._journal, clock)
        self._dispatcher = dispatcher = Dispatcher(lambda: self._journal.is_free, clock.settled)
        self._timers = Timers(store)
        self._gathering = Gathering(clock, dispatcher)
        instances = Instances(store, self._gathering, self._timers, self._waiters)
        self._activities = Activities(store, dispatcher, instances)
        self._entities = Entities(
            store, dispatcher, self._timers, instances, default_version=rule.default
        )
        locks = Locks(store, instances, self._entities)
        actions = Actions(
            store, instances, self._activities, self._timers, self._entities, locks, rule.default
        )
        rewinding = Rewinding(store, instances, self._activities, self._timers)
        self._claims = Claims(store, dispatcher, instances, rule)
        self._turns = Turns(
            *(store, dispatcher, instances, actions, rewinding, self._waiters),
            events_max=events_max,
        )
        management = Management(
            *(store, instances, rewinding, self._waiters), default_version=rule.default
        )
        entity_management = EntityManagement(store, self._entities)
        queries = Queries(store, instances, entity_management)

        self.complete_orchestrator = self._turns.complete
        self.complete_activity = self._activities.complete
        self.complete_entity = self._entities.complete
        self.start_instance = management.start_instance
        self.get_instance = management.get_instance
        self.wait_for_completion = management.wait_for_completion
        self.wait_for_start = management.wait_for_start
        self.raise_event = management.raise_event
        self.terminate = management.terminate
        self.suspend = management.suspend
        self.resume = management.resume
        self.rewind = management.rewind
        self.restart = management.restart
        self.query = queries.query
        self.list_instance_ids = queries.list_instance_ids
        self.history = queries.history
        self.purge = queries.purge
        self.signal_entity = entity_management.signal_entity
        self.get_entity = entity_management.get_entity
        self.query_entities = entity_management.query_entities
        self.clean_entity_storage = entity_management.clean_entity_storage

    @classmethod
    async def open(
        cls,
        path: Path | None,
        *,
        durability: Durability = "normal",
        clock: Clock | None = None,
        default_version: str = "",
        version_match: VersionMatch = VersionMatch.CURRENT_OR_OLDER,
        version_failure: VersionFailure = VersionFailure.REJECT,
        history_events_max: int = HISTORY_EVENTS_MAX,
    ) -> Self:
        """Open a hub and take up all the work that its file remembers.

        Args:
            path: the database file, created if absent; None keeps everything in memory.
            durability: "full" forces each commit group to the disk.
            clock: what time it is; the machine's clock by default.
            default_version: the application's version (host.json `defaultVersion`).
            version_match: which versions run (`versionMatchStrategy`).
            version_failure: whether others wait or fail (`versionFailureStrategy`).
            history_events_max: an instance that would exceed this fails.

        Raises:
            DatabaseRefused: the file is corrupt, of a newer schema, in use, or not a task hub.
        """
        db = await asyncio.to_thread(open_database, path, durability)
        rule = VersionRule(default_version, version_match, version_failure)
        hub = cls(db, clock or SystemClock(), rule, history_events_max)
        hub._recover()
        return hub

    def _recover(self) -> None:
        """Make ready whatever the tables say is unfinished."""
        db, ready = self._store.db, self._dispatcher.ready
        for (instance,) in db.execute("SELECT DISTINCT instance FROM inbox"):
            ready(Kind.ORCHESTRATION, instance)
        for key in db.execute("SELECT generation, number FROM activities ORDER BY number"):
            ready(Kind.ACTIVITY, key)
        for (entity,) in db.execute("SELECT DISTINCT entity FROM entity_inbox"):
            ready(Kind.ENTITY, entity)
        self._clock.watch(self._is_busy)
        self._timers.start()

    def join(self, limits: Limits = NO_LIMITS) -> Worker:
        """A new worker, which takes items one by one until it leaves or dies.

        Several workers may take at once. An item goes to one of them, which completes it with a
        `complete_` call or gives it back.

        Args:
            limits: how many items of each kind this worker holds at once.
        """
        return self._dispatcher.join(limits)

    async def work_items(self, limits: Limits = NO_LIMITS) -> AsyncIterator[pb.WorkItem]:
        """Take work items as a new worker; cancelling returns an undelivered one.

        The iteration ends when the hub is closed.
        """
        worker = self.join(limits)
        try:
            while True:
                yield await worker.take()
        except HubClosed:
            return
        finally:
            worker.leave()

    def abandon(self, item: pb.WorkItem) -> None:
        """Put an item back into the queue, because its worker died; once finished, it stays so."""
        self._dispatcher.abandon(item.completionToken)

    def abandon_token(self, token: str) -> None:
        """Put the item of a completion token back into the queue."""
        self._dispatcher.abandon(token)

    async def close(self) -> None:
        """Commit what is under way, then close the file. Items in workers' hands run again."""
        self._timers.stop()
        await self._journal.close()
        self._gathering.stop()
        self._dispatcher.close(HubClosed())

    def _is_busy(self) -> bool:
        return not self._journal.is_idle or self._dispatcher.is_busy

    def _on_settled(self) -> None:
        self._dispatcher.pump()
