"""The SQLite file: how it is opened, its schema, and when it is refused.

Each container has two tables. `heads_N` is narrow: keys, versions and the values of indexed paths,
so that a filter over every document reads little. `bodies_N` holds the JSON text as it is answered.
"""

import json
import sqlite3
from pathlib import Path
from typing import Any, Literal

from .extents import effective_key
from .keys import encode

SCHEMA_VERSION = 1
APPLICATION_ID = 0x0CA4E100  # Marks the file as one of ours.
STATEMENTS_CACHED = 512

type Durability = Literal["normal", "full"]

_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('lsn', 0);
CREATE TABLE databases (name TEXT PRIMARY KEY, definition TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE containers (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    database TEXT NOT NULL,
    name TEXT NOT NULL,
    definition TEXT NOT NULL,
    columns TEXT NOT NULL,
    indexes TEXT NOT NULL,
    UNIQUE (database, name)
);
"""

_CONTAINER_SCHEMA = """
CREATE TABLE heads_{n} (
    row INTEGER PRIMARY KEY,
    pk BLOB NOT NULL,
    id BLOB NOT NULL,
    lsn INTEGER NOT NULL,
    ts INTEGER NOT NULL,
    expires INTEGER,
    UNIQUE (pk, id)
);
CREATE INDEX heads_{n}_lsn ON heads_{n} (lsn);
CREATE INDEX heads_{n}_expires ON heads_{n} (expires) WHERE expires IS NOT NULL;
CREATE TABLE bodies_{n} (row INTEGER PRIMARY KEY, body TEXT NOT NULL);
"""


class UnusableFileError(Exception):
    """The data file is corrupt, belongs to something else, or was written by a newer version."""


def connect(path: Path, durability: Durability) -> sqlite3.Connection:
    """A connection to a prepared file, in autocommit mode, for use by one thread at a time."""
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=STATEMENTS_CACHED
    )
    connection.execute("PRAGMA busy_timeout = 10000")
    connection.execute(f"PRAGMA synchronous = {'FULL' if durability == 'full' else 'NORMAL'}")
    connection.execute("PRAGMA secure_delete = OFF")
    connection.execute("PRAGMA cache_size = -32768")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.create_function("key_at", 2, key_at, deterministic=True)
    connection.create_function("effective_key", 1, effective_key, deterministic=True)
    return connection


def claim(path: Path) -> sqlite3.Connection:
    """Keeps a file for this gateway; the claim ends with the connection, or with the process.

    Raises:
        UnusableFileError: another gateway has it.
    """
    connection = sqlite3.connect(f"{path}.claim", isolation_level=None, timeout=0)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        connection.close()
        raise UnusableFileError(f"{path.name} is in use by another gateway.") from error
    return connection


def prepare(path: Path) -> None:
    """Makes the file, or checks that it is one this version can use.

    Raises:
        UnusableFileError: with the reason; the file is left as it was.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        _prepare(connection, path)
    except sqlite3.DatabaseError as error:
        message = f"{path.name} is not a usable gateway file: {error}. Restore it or remove it."
        raise UnusableFileError(message) from error
    finally:
        connection.close()


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
    if not tables:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(
            f"BEGIN; {_SCHEMA} PRAGMA application_id = {APPLICATION_ID};"
            f"PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )
        return
    if application != APPLICATION_ID:
        raise UnusableFileError(f"{path.name} is a database, but not one of the Cosmos gateway's.")
    if version > SCHEMA_VERSION:
        raise UnusableFileError(
            f"{path.name} has schema {version}; this gateway knows up to {SCHEMA_VERSION}. "
            "Use the newer version that wrote it."
        )
    # A quick check costs a read of the file, once, and finds torn or overwritten pages.
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise UnusableFileError(f"{path.name} is corrupt: {verdict}. Restore it or remove it.")


def create_container_tables(connection: sqlite3.Connection, number: int) -> None:
    """The empty tables of a new container, within the caller's transaction."""
    for statement in _CONTAINER_SCHEMA.format(n=number).split(";"):
        connection.execute(statement)


def drop_container_tables(connection: sqlite3.Connection, number: int) -> None:
    """Removes a container's documents and indexes, within the caller's transaction."""
    connection.execute(f"DROP TABLE heads_{number}")
    connection.execute(f"DROP TABLE bodies_{number}")


def key_at(body: str, path: str) -> bytes | None:
    """What a column holds of a document: see `column_value`; also an SQL function.

    Args:
        body: the document's JSON.
        path: a JSON array of names.
    """
    return column_value(json.loads(body), json.loads(path))


def column_value(document: Any, path: tuple[str, ...] | list[str]) -> bytes | None:
    """The key of the value at a path; None, so NULL, where it is undefined.

    NULL lets an index pass over the documents that lack a path, which are most where a container
    holds documents of several kinds.
    """
    return encode(value_at(document, path)) or None


def value_at(document: Any, path: tuple[str, ...] | list[str]) -> Any:
    """The value at a path of names; the class `object` where there is none."""
    value = document
    for name in path:
        if type(value) is not dict or name not in value:
            return object
        value = value[name]
    return value
