"""The account: its databases and containers, and who may use the file when.

Three connections share the file. The writer's thread owns one; queries and feeds run on a reader's
thread with another; single items are read on the event loop with the third, because a look-up of
some microseconds costs less than a change of thread. In WAL mode readers never wait for the writer
and see only what is committed.
"""

# ruff: noqa: S608 - tables and columns are named by numbers of ours, never by a request

import asyncio
import contextlib
import json
import sqlite3
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path as File
from typing import Any

from . import indexes, storage
from .answers import ApiError, conflict, not_found
from .containers import Container, Path, declared_indexes, replaced_container, unique_key_paths
from .items import Session
from .writer import Writer

SWEEP_ROWS_MAX = 500
VERSIONS_RESERVED = 1000


class Store:
    """One open data file."""

    def __init__(
        self,
        path: File | None,
        *,
        durability: storage.Durability,
        clock: Callable[[], float],
    ) -> None:
        self._temporary = None if path else tempfile.TemporaryDirectory(prefix="cosmos-gateway-")
        file = path or File(self._temporary.name if self._temporary else "") / "cosmos.db"
        file.parent.mkdir(parents=True, exist_ok=True)
        self._claim = storage.claim(file)
        try:
            storage.prepare(file)
        except storage.UnusableFileError:
            self._claim.close()
            raise
        self.clock = clock
        self.databases: dict[str, dict[str, Any]] = {}
        self.containers: dict[tuple[str, str], Container] = {}
        self.points = storage.connect(file, durability)
        self._reading = storage.connect(file, durability)
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cosmos-reader")
        self.lsn = self._load()
        self._last_version = self.lsn
        self._reserved_version = self.lsn
        self._demands: dict[tuple[int, tuple[Path, ...]], int] = {}
        self._building = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writer = Writer(
            storage.connect(file, durability),
            before_commit=self._reserve_versions,
            sweep=self._sweep,
            monotonic=time.monotonic,
        )

    async def stop(self) -> None:
        """Finishes what was asked, and closes the file."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._writer.stop()
        await asyncio.to_thread(self._reader.shutdown)
        self._reading.close()
        self.points.close()
        self._claim.close()
        if self._temporary:
            self._temporary.cleanup()

    def now(self) -> int:
        """The second on the gateway's clock."""
        return int(self.clock())

    def container(self, database: str, name: str) -> Container:
        """A container in use.

        Raises:
            ApiError: 404, there is none.
        """
        found = self.containers.get((database, name))
        if found is None:
            raise not_found("Owner resource")
        return found

    async def write[T](self, operation: Callable[[Session], T]) -> T:
        """The operation's result, after the commit that holds it."""

        def job(connection: sqlite3.Connection) -> tuple[T, int]:
            session = Session(connection, self.now(), self._next_version)
            return operation(session), self._last_version

        result, lsn = await self._writer.perform(job)
        self.lsn = max(self.lsn, lsn)
        return result  # type: ignore[no-any-return]

    async def query[T](self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """The operation's result, on the reader's thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, operation, self._reading)

    async def create_database(self, definition: dict[str, Any]) -> None:
        """Adds a database; 409 where its name is taken."""

        def job(session: Session) -> None:
            try:
                session.connection.execute(
                    "INSERT INTO databases VALUES (?, ?)",
                    (definition["id"], json.dumps(definition)),
                )
            except sqlite3.IntegrityError as error:
                raise conflict("Resource with specified id or name") from error

        await self.write(job)
        self.databases[definition["id"]] = definition

    async def delete_database(self, name: str) -> None:
        """Removes a database with its containers."""
        if name not in self.databases:
            raise not_found("Resource")
        for database, container in [key for key in self.containers if key[0] == name]:
            await self.delete_container(database, container)

        def job(session: Session) -> None:
            session.connection.execute("DELETE FROM databases WHERE name = ?", (name,))

        await self.write(job)
        self.databases.pop(name, None)

    async def create_container(self, database: str, definition: dict[str, Any]) -> None:
        """Adds a container with the indexes that it declares; 409 where its name is taken."""
        if database not in self.databases:
            raise not_found("Owner resource")
        name = definition["id"]

        def job(session: Session) -> Container:
            try:
                cursor = session.connection.execute(
                    "INSERT INTO containers (database, name, definition, columns, indexes) "
                    "VALUES (?, ?, ?, '[]', '[]')",
                    (database, name, json.dumps(definition)),
                )
            except sqlite3.IntegrityError as error:
                raise conflict("Resource with specified id or name") from error
            container = Container(cursor.lastrowid or 0, database, name, definition)
            storage.create_container_tables(session.connection, container.number)
            for paths in declared_indexes(definition):
                indexes.add_to_empty(session.connection, container, paths)
            for paths in unique_key_paths(definition):
                indexes.add_to_empty(session.connection, container, paths, unique=True)
            return container

        self.containers[database, name] = await self.write(job)

    async def replace_container(self, container: Container, body: Any) -> None:
        """Changes a container's definition; a new time to live holds for old documents too."""
        definition = replaced_container(container, body, self.clock())

        def job(session: Session) -> None:
            session.connection.execute(
                "UPDATE containers SET definition = ? WHERE number = ?",
                (json.dumps(definition), container.number),
            )
            if definition.get("defaultTtl") != container.definition.get("defaultTtl"):
                _set_expiry(session.connection, container.number, definition.get("defaultTtl"))

        await self.write(job)
        container.definition = definition
        for paths in declared_indexes(definition):
            self._start_building(container, tuple(paths))

    async def delete_container(self, database: str, name: str) -> None:
        """Removes a container with its documents."""
        container = self.container(database, name)

        def job(session: Session) -> None:
            if container.dropped:
                raise not_found("Resource")
            container.dropped = True
            session.connection.execute(
                "DELETE FROM containers WHERE number = ?", (container.number,)
            )
            storage.drop_container_tables(session.connection, container.number)

        await self.write(job)
        self.containers.pop((database, name), None)

    def demand_index(self, container: Container, paths: tuple[Path, ...]) -> None:
        """Notes that a query had to read many documents for want of an index on these paths.

        The second such query has the index built, in the background.
        """
        key = (container.number, paths)
        self._demands[key] = self._demands.get(key, 0) + 1
        if self._demands[key] == indexes.DEMANDS_BEFORE_BUILDING:
            self._start_building(container, paths)

    def _start_building(self, container: Container, paths: tuple[Path, ...]) -> None:
        task = asyncio.create_task(self._build_index(container, paths))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _build_index(self, container: Container, paths: tuple[Path, ...]) -> None:
        async with self._building:
            with contextlib.suppress(ApiError):  # The container may be dropped meanwhile.
                await indexes.build(self.write, container, list(paths))

    def _next_version(self) -> int:
        """The next version; called by the writer's thread only."""
        self._last_version += 1
        return self._last_version

    def _load(self) -> int:
        for name, definition in self.points.execute("SELECT name, definition FROM databases"):
            self.databases[name] = json.loads(definition)
        rows = self.points.execute(
            "SELECT number, database, name, definition, columns, indexes FROM containers"
        ).fetchall()
        for number, database, name, definition, columns, built in rows:
            container = Container(number, database, name, json.loads(definition))
            indexes.load(container, columns, built)
            last = self.points.execute(f"SELECT MAX(row) FROM heads_{number}").fetchone()[0]
            container.next_row = (last or 0) + 1
            self.containers[database, name] = container
        return int(self.points.execute("SELECT value FROM meta WHERE name = 'lsn'").fetchone()[0])

    def _reserve_versions(self, connection: sqlite3.Connection) -> None:
        """Writes down a bound above every version in use, once for many of them.

        After a restart versions go on from the bound, so that none is given twice.
        """
        if self._last_version > self._reserved_version:
            self._reserved_version = self._last_version + VERSIONS_RESERVED
            connection.execute(
                "UPDATE meta SET value = ? WHERE name = 'lsn'", (self._reserved_version,)
            )

    def _sweep(self, connection: sqlite3.Connection) -> None:
        """Removes some documents past their time; readers already pass over them."""
        for container in list(self.containers.values()):
            if container.default_ttl is None or container.dropped:
                continue
            past = f"SELECT row FROM heads_{container.number} WHERE expires <= ? LIMIT ?"
            rows = connection.execute(past, (self.now(), SWEEP_ROWS_MAX)).fetchall()
            connection.executemany(f"DELETE FROM heads_{container.number} WHERE row = ?", rows)
            connection.executemany(f"DELETE FROM bodies_{container.number} WHERE row = ?", rows)


def _set_expiry(connection: sqlite3.Connection, number: int, default: int | None) -> None:
    if default is None:
        connection.execute(f"UPDATE heads_{number} SET expires = NULL")
        return
    own = f"(SELECT json_extract(body, '$.ttl') FROM bodies_{number} b WHERE b.row = h.row)"
    connection.execute(
        f"UPDATE heads_{number} AS h SET expires = "
        f"CASE COALESCE({own}, ?) WHEN -1 THEN NULL ELSE ts + COALESCE({own}, ?) END",
        (default, default),
    )
