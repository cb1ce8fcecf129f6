"""The broker's SQLite file: its tables, how it is opened, and when it is refused."""

import fcntl
import sqlite3
from pathlib import Path
from typing import IO, Literal

from shared.errors import PermanentError

SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE hub (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    created_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE partition (
    log_id INTEGER PRIMARY KEY,
    hub TEXT NOT NULL REFERENCES hub (name),
    number INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    last_offset INTEGER NOT NULL,
    end_offset INTEGER NOT NULL,
    last_enqueued_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    position INTEGER NOT NULL,
    enqueued_ms INTEGER NOT NULL,
    partition_key TEXT,
    annotations BLOB NOT NULL,
    annotation_count INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
"""


def lock(path: Path) -> IO[str]:
    """Holds the database for this process until the returned file is closed.

    Raises:
        PermanentError: another broker holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    held = path.with_name(f"{path.name}.lock").open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        raise PermanentError(f"{path.name} is in use by another broker") from None
    return held


def connect(path: Path, durability: Literal["normal", "full"]) -> sqlite3.Connection:
    """A connection to the database, which is made when it does not exist.

    Raises:
        PermanentError: the file is no database, or a newer version wrote it.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        version = _version(connection, path.name)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {durability.upper()}")
        if version == 0:
            connection.executescript(
                f"BEGIN; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
            )
    except sqlite3.DatabaseError as error:
        connection.close()
        raise PermanentError(f"{path.name} cannot be used as a database: {error}") from error
    except PermanentError:
        connection.close()
        raise
    return connection


def _version(connection: sqlite3.Connection, name: str) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise PermanentError(
            f"{name} has schema {version}, and this broker knows {SCHEMA_VERSION}:"
            " a newer version wrote it"
        )
    return int(version)
