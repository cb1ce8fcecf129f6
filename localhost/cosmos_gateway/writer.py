"""The one thread that writes, with group commit.

Requests that arrive while a transaction is being committed wait, and share the next one. Each is
answered only after the commit that holds it.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from typing import Any

GROUP_SIZE_MAX = 512
SWEEP_SECONDS = 5.0

type Job = Callable[[sqlite3.Connection], Any]


class Writer:
    """Runs jobs in order on its own connection, several to a transaction.

    A job that raises before it has written anything fails alone. A job that may fail half-way opens
    its own savepoint. An SQLite error fails the whole group, because nothing of it was committed.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        before_commit: Job,
        sweep: Job,
        monotonic: Callable[[], float],
    ) -> None:
        self._connection = connection
        self._before_commit = before_commit
        self._sweep = sweep
        self._monotonic = monotonic
        self._swept_at = monotonic()
        self._loop = asyncio.get_running_loop()
        self._waiting: queue.SimpleQueue[tuple[Job, asyncio.Future[Any]] | None] = (
            queue.SimpleQueue()
        )
        self._thread = threading.Thread(target=self._run, name="cosmos-writer", daemon=True)
        self._thread.start()

    async def perform(self, job: Job) -> Any:
        """The job's result, once it is committed; or what it raised."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting.put((job, future))
        return await future

    async def stop(self) -> None:
        """Finishes what was asked, then ends the thread."""
        self._waiting.put(None)
        await asyncio.to_thread(self._thread.join)
        self._connection.close()

    def _run(self) -> None:
        stopping = False
        while not stopping:
            group = [self._waiting.get()]
            while group[-1] is not None and len(group) < GROUP_SIZE_MAX:
                try:
                    group.append(self._waiting.get_nowait())
                except queue.Empty:
                    break
            stopping = group[-1] is None
            jobs = [entry for entry in group if entry is not None]
            if jobs:
                self._loop.call_soon_threadsafe(_deliver, self._commit(jobs))

    def _commit(
        self, group: list[tuple[Job, asyncio.Future[Any]]]
    ) -> list[tuple[asyncio.Future[Any], Any, Exception | None]]:
        connection = self._connection
        outcomes: list[tuple[asyncio.Future[Any], Any, Exception | None]] = []
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job, future in group:
                try:
                    outcomes.append((future, job(connection), None))
                except sqlite3.Error:
                    raise
                except Exception as error:  # noqa: BLE001 - handed to the request that caused it
                    outcomes.append((future, None, error))
            now = self._monotonic()
            if now - self._swept_at >= SWEEP_SECONDS:
                self._swept_at = now
                self._sweep(connection)
            self._before_commit(connection)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            return [(future, None, error) for _, future in group]
        return outcomes


def _deliver(outcomes: list[tuple[asyncio.Future[Any], Any, Exception | None]]) -> None:
    for future, result, error in outcomes:
        if future.cancelled():
            continue
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)
