"""Columns for the values of paths, and the SQL indexes over them.

Cosmos DB indexes every path. Here a path gets a column when the container's policy names it, or
when queries have twice had to read many documents for want of it. The column is filled for old
documents a slice at a time, so that writes go on meanwhile. An index holds the documents that have
its first path, so that those of another kind cost it nothing.
"""

# ruff: noqa: S608 - tables and columns are named by numbers of ours, never by a request

import functools
import json
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from .answers import not_found
from .containers import Container, Path
from .items import Session

DEMANDS_BEFORE_BUILDING = 2
COLUMNS_MAX = 64
INDEXES_MAX = 64
SLICE_ROWS = 500

type Write = Callable[[Callable[[Session], Any]], Awaitable[Any]]


def load(container: Container, columns: str, built: str) -> None:
    """Restores what was built before the gateway last stopped.

    A column that was being filled is filled again when a query asks for it.
    """
    for path, column, is_filled in json.loads(columns):
        (container.columns if is_filled else container.building)[tuple(path)] = column
    container.indexes = json.loads(built)


def add_to_empty(
    connection: sqlite3.Connection,
    container: Container,
    paths: Sequence[Path],
    *,
    unique: bool = False,
) -> None:
    """Gives a container that has no documents yet an index over these paths."""
    for path in paths:
        if path not in container.usable():
            container.columns[path] = _add_column(connection, container)
    columns = [container.usable()[path] for path in paths]
    _add_index(connection, container, columns, unique=unique)
    _save(connection, container)


async def build(write: Write, container: Container, paths: list[Path]) -> None:
    """Gives a container in use an index over these paths; one build at a time.

    Raises:
        ApiError: 404, the container was dropped meanwhile.
    """
    fresh = [path for path in paths if path not in container.usable()]
    columns = len(container.columns) + len(container.building) + len(fresh)
    if columns > COLUMNS_MAX or len(container.indexes) >= INDEXES_MAX:
        return

    def begin(session: Session) -> int:
        _refuse_dropped(container)
        for path in fresh:
            if path not in container.building:
                container.building[path] = _add_column(session.connection, container)
        _save(session.connection, container)
        return container.next_row

    end = await write(begin)
    for start in range(0, end if fresh else 0, SLICE_ROWS):
        await write(functools.partial(_fill, container=container, paths=fresh, first=start))

    def finish(session: Session) -> None:
        _refuse_dropped(container)
        filled = {path: container.building.pop(path) for path in fresh}
        container.columns = {**container.columns, **filled}
        columns = [container.usable()[path] for path in paths]
        _add_index(session.connection, container, columns)
        _save(session.connection, container)

    await write(finish)


def _add_column(connection: sqlite3.Connection, container: Container) -> str:
    column = f"k{len(container.columns) + len(container.building) + 1}"
    connection.execute(f"ALTER TABLE heads_{container.number} ADD COLUMN {column} BLOB")
    return column


def _fill(session: Session, container: Container, paths: list[Path], first: int) -> None:
    _refuse_dropped(container)
    settings = ", ".join(f"{container.building[path]} = key_at(b.body, ?)" for path in paths)
    session.connection.execute(
        f"UPDATE heads_{container.number} AS h SET {settings} "
        f"FROM bodies_{container.number} b WHERE b.row = h.row AND h.row >= ? AND h.row < ?",
        (*(json.dumps(path) for path in paths), first, first + SLICE_ROWS),
    )


def _add_index(
    connection: sqlite3.Connection,
    container: Container,
    columns: list[str],
    *,
    unique: bool = False,
) -> None:
    if any(existing[: len(columns)] == columns for existing in container.indexes) and not unique:
        return
    name = f"heads_{container.number}_x{len(container.indexes) + 1}"
    if unique:
        # A missing value is a value here: one document of a partition may lack the key.
        keys = ["pk", *(f"COALESCE({column}, x'')" for column in columns)]
        kind, condition = "UNIQUE INDEX", ""
    else:
        # The last two let a count be answered from the index alone.
        keys = columns + [column for column in ("pk", "expires") if column not in columns]
        kind, condition = "INDEX", f"WHERE {columns[0]} IS NOT NULL"
    connection.execute(
        f"CREATE {kind} {name} ON heads_{container.number} ({', '.join(keys)}) {condition}"
    )
    container.indexes = [*container.indexes, keys if unique else columns]


def _refuse_dropped(container: Container) -> None:
    if container.dropped:
        raise not_found("Owner resource")


def _save(connection: sqlite3.Connection, container: Container) -> None:
    columns = [
        (path, column, filled)
        for group, filled in ((container.columns, True), (container.building, False))
        for path, column in group.items()
    ]
    connection.execute(
        "UPDATE containers SET columns = ?, indexes = ? WHERE number = ?",
        (json.dumps(columns), json.dumps(container.indexes), container.number),
    )
