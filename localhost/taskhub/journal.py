"""The commit group: many changes of state, one transaction, one commit.

A change is a plain function that runs on the event loop inside the open transaction. Nobody hears
of its result, and none of its effects outside the database happens, before the commit. While one
group is being committed on the database thread, the next one gathers.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from localhost.taskhub.errors import HubClosed, StorageFailed
from shared.errors import CareloomError

if TYPE_CHECKING:
    from collections.abc import Callable

type Change = tuple[asyncio.Future[Any], Callable[..., Any], tuple[Any, ...]]

_log = logging.getLogger("taskhub")

GROUP_CHANGES_MAX = 512
RETRY_SECONDS = 0.5


class Journal:
    """Runs changes in groups and commits them.

    Args:
        db: the connection; the journal alone uses it while a commit is under way.
        on_settled: called on the event loop after every group.
    """

    def __init__(self, db: sqlite3.Connection, on_settled: Callable[[], None]) -> None:
        self.db = db
        self._on_settled = on_settled
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="taskhub-database")
        self._is_in_memory = not db.execute("PRAGMA database_list").fetchone()[2]
        self._pending: deque[Change] = deque()
        self._alone: deque[Change] = deque()
        self._effects: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        self._is_scheduled = False
        self._is_committing = False
        self._is_closed = False
        self._is_refused = False
        self._insisting: set[asyncio.Task[Any]] = set()
        self._drained: asyncio.Event | None = None  # Set while closing.

    @property
    def is_free(self) -> bool:
        """Whether the connection may be read now: no commit is under way."""
        return not (self._is_committing or self._is_closed or self._drained)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is waiting to be changed or committed."""
        return not (self._pending or self._alone or self._is_committing)

    def change(self, function: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        """Run `function(*args)` in the next group.

        Returns:
            A future of its result, done after the commit. A CareloomError that it raises before
            writing anything fails it alone; any other error undoes it alone.

        Raises:
            HubClosed: the journal takes no more changes.
        """
        if self._is_closed or self._drained:
            raise HubClosed
        future = self._loop.create_future()
        self._pending.append((future, function, args))
        self._schedule()
        return future

    async def insist(self, function: Callable[..., Any], *args: Any) -> Any:
        """The result of a change that must not be lost: tried until the database takes it.

        Raises:
            HubClosed: the journal takes no more changes.
        """
        while True:
            try:
                return await self.change(function, *args)
            except StorageFailed:
                await asyncio.sleep(RETRY_SECONDS)

    def ensure(self, function: Callable[..., Any], *args: Any) -> None:
        """Run a change that nobody waits for, until the database takes it or the hub closes."""
        change = asyncio.Task(self.insist(function, *args), loop=self._loop, eager_start=True)
        self._insisting.add(change)
        change.add_done_callback(self._ensured)

    def _ensured(self, change: asyncio.Task[Any]) -> None:
        self._insisting.discard(change)
        error = None if change.cancelled() else change.exception()
        if error is not None and not isinstance(error, HubClosed):
            _log.error("A change of the task hub failed", exc_info=error)

    async def read(self, function: Callable[..., Any], *args: Any) -> Any:
        """The result of `function(*args)`, which only reads what is committed.

        Raises:
            HubClosed: the journal was closed.
        """
        if self.is_free:
            return function(*args)
        return await self.change(function, *args)

    def after_commit(self, effect: Callable[..., None], *args: Any) -> None:
        """Inside a change: call `effect(*args)` once the group is committed."""
        self._effects.append((effect, args))

    async def close(self) -> None:
        """Take no more changes, commit those that are pending, then close the database."""
        if self._is_closed:
            return
        self._drained = asyncio.Event()
        if not self.is_idle:
            await self._drained.wait()
        self._give_up()
        await self._loop.run_in_executor(self._thread, self.db.close)
        self._thread.shutdown()

    def abandon(self) -> None:
        """Stop as a crash would: uncommitted work is lost. For simulations."""
        self._give_up()
        self._pending.clear()
        self._alone.clear()
        self._thread.shutdown()
        self.db.close()

    def _give_up(self) -> None:
        self._is_closed = True
        for change in self._insisting:
            change.cancel()

    def _schedule(self) -> None:
        if not (self._is_scheduled or self._is_committing or self._is_closed):
            self._is_scheduled = True
            self._loop.call_soon(self._run_group)

    def _run_group(self) -> None:
        self._is_scheduled = False
        if self._is_closed or self._is_committing:
            return
        group = self._next_group()
        if not group:
            return
        written = self.db.total_changes
        try:
            self.db.execute("BEGIN IMMEDIATE")
            outcomes = [self._run(change) for change in group]
        except Exception as error:  # noqa: BLE001 - whatever a change raised is given to its caller
            self._undo(group, error)
            return
        effects, self._effects = self._effects, []
        if self._is_in_memory or self.db.total_changes == written:
            self.db.execute("COMMIT")  # There is no disk to wait for.
            self._announce(outcomes, effects)
            return
        self._is_committing = True
        commit = self._loop.run_in_executor(self._thread, self.db.execute, "COMMIT")
        commit.add_done_callback(lambda done: self._committed(done, outcomes, effects))

    def _next_group(self) -> list[Change]:
        if self._alone:
            return [self._alone.popleft()]
        size = min(len(self._pending), GROUP_CHANGES_MAX)
        return [self._pending.popleft() for _ in range(size)]

    def _run(self, change: Change) -> tuple[asyncio.Future[Any], Any, CareloomError | None]:
        future, function, args = change
        written = self.db.total_changes
        try:
            return future, function(*args), None
        except CareloomError as refusal:
            if self.db.total_changes != written:
                raise
            return future, None, refusal

    def _undo(self, group: list[Change], error: Exception) -> None:
        """Roll the group back; its changes run again one by one, so that only the bad one fails."""
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")
        self._effects.clear()
        if len(group) == 1:
            _fail(group[0][0], self._refusal(error) if _is_of_storage(error) else error)
        else:
            self._alone.extend(group)
        self._settle()

    def _committed(
        self,
        commit: asyncio.Future[Any],
        outcomes: list[tuple[asyncio.Future[Any], Any, CareloomError | None]],
        effects: list[tuple[Callable[..., None], tuple[Any, ...]]],
    ) -> None:
        self._is_committing = False
        if self._is_closed:
            return
        if error := commit.exception():
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            refusal = self._refusal(error)
            for future, _, _ in outcomes:
                _fail(future, refusal)
            self._settle()
            return
        if self._is_refused:
            self._is_refused = False
            _log.warning("The task hub's database takes changes again")
        self._announce(outcomes, effects)

    def _refusal(self, error: BaseException) -> StorageFailed:
        if not self._is_refused:
            self._is_refused = True
            _log.error("The task hub's database refuses changes: %s", error)
        return StorageFailed(f"The database refused a change: {error}.")

    def _announce(
        self,
        outcomes: list[tuple[asyncio.Future[Any], Any, CareloomError | None]],
        effects: list[tuple[Callable[..., None], tuple[Any, ...]]],
    ) -> None:
        for effect, args in effects:
            effect(*args)
        for future, result, refusal in outcomes:
            if refusal is not None:
                _fail(future, refusal)
            elif not future.done():
                future.set_result(result)
        self._settle()

    def _settle(self) -> None:
        self._on_settled()
        if self._pending or self._alone:
            self._schedule()
        elif self._drained is not None:
            self._drained.set()


def _is_of_storage(error: Exception) -> bool:
    """Whether the file is to blame (full, read-only, unreadable), and not what was written."""
    return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
