"""The hub's tables: opening the file, refusing what cannot be used, and migrating what is older.

Every row that belongs to one generation of an instance is keyed by the generation's number, which
is never used again: a late completion finds no row and no living generation, so it does nothing.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Literal

from localhost.taskhub.errors import DatabaseRefused

if TYPE_CHECKING:
    from pathlib import Path

type Durability = Literal["normal", "full"]

APPLICATION_ID = 0x43_4C_54_48  # "CLTH": the file command and we recognise our own.
CHECKED_BYTES_MAX = 256 << 20  # Larger files are checked page by page as they are read.
CHECKPOINT_PAGES = 8_000
PAGE_CACHE_KIBIBYTES = 16_384
LOCK_WAIT_SECONDS = 1.0

# One entry per schema version, in order. Never edit one that was released: add the next.
MIGRATIONS = (
    """
    CREATE TABLE epochs(epoch INTEGER PRIMARY KEY);
    CREATE TABLE instances(
        id TEXT PRIMARY KEY,
        generation INTEGER NOT NULL,
        name TEXT NOT NULL,
        version TEXT,
        status INTEGER NOT NULL,
        events INTEGER NOT NULL,
        created INTEGER NOT NULL,
        updated INTEGER NOT NULL,
        completed INTEGER,
        start_at INTEGER,
        parent TEXT,
        parent_generation INTEGER,
        parent_task INTEGER,
        custom_status TEXT,
        trace BLOB,
        input TEXT,
        output TEXT,
        failure BLOB
    );
    CREATE INDEX instances_by_creation ON instances(created, id);
    CREATE INDEX instances_by_completion ON instances(completed, id) WHERE completed IS NOT NULL;
    CREATE INDEX instances_by_parent ON instances(parent) WHERE parent IS NOT NULL;
    CREATE TABLE history(
        generation INTEGER, number INTEGER, events BLOB NOT NULL,
        PRIMARY KEY(generation, number)
    ) WITHOUT ROWID;
    CREATE TABLE inbox(
        generation INTEGER, number INTEGER, kind INTEGER NOT NULL,
        instance TEXT NOT NULL, event BLOB NOT NULL,
        PRIMARY KEY(generation, number)
    ) WITHOUT ROWID;
    CREATE TABLE activities(
        generation INTEGER, number INTEGER, task INTEGER NOT NULL,
        instance TEXT NOT NULL, request BLOB NOT NULL,
        PRIMARY KEY(generation, number)
    ) WITHOUT ROWID;
    CREATE TABLE timers(
        due INTEGER, number INTEGER, kind INTEGER NOT NULL, target TEXT NOT NULL,
        generation INTEGER, task INTEGER, event BLOB,
        PRIMARY KEY(due, number)
    ) WITHOUT ROWID;
    CREATE INDEX timers_by_generation ON timers(generation) WHERE generation IS NOT NULL;
    CREATE TABLE entities(
        id TEXT PRIMARY KEY,
        state TEXT,
        updated INTEGER NOT NULL,
        section TEXT,
        owner TEXT,
        owner_generation INTEGER
    );
    CREATE INDEX entities_by_owner ON entities(owner_generation)
        WHERE owner_generation IS NOT NULL;
    CREATE TABLE entity_inbox(
        entity TEXT, number INTEGER, event BLOB NOT NULL,
        caller TEXT, caller_generation INTEGER, section TEXT,
        PRIMARY KEY(entity, number)
    ) WITHOUT ROWID;
    CREATE INDEX entity_inbox_by_lock ON entity_inbox(caller_generation, number)
        WHERE section IS NOT NULL;
    """,
)


def open_database(
    path: Path | None, durability: Durability, migrations: tuple[str, ...] = MIGRATIONS
) -> sqlite3.Connection:
    """Open the hub's database, creating or migrating it as needed.

    Args:
        path: the file; None keeps everything in memory.
        durability: "full" forces every commit to the disk; "normal" survives the death of the
            process, and after a power cut may lose the last commits but never consistency.
        migrations: the schema's steps.

    Raises:
        DatabaseRefused: the file is corrupt, of a newer schema, in use, or not a task hub.
    """
    place = str(path) if path else "an in-memory database"
    db: sqlite3.Connection | None = None
    try:
        db = _connect(path)
        # The exclusive lock keeps a second hub away, and SQLite's index in plain memory.
        db.execute("PRAGMA locking_mode=EXCLUSIVE")
        _recognise(db, place, migrations)
        _set_up(db, durability)
        _check(db, path)
        _migrate(db, migrations)
    except (sqlite3.Error, DatabaseRefused) as error:
        if db is not None:
            db.close()
        raise _refusal(place, error) from error
    return db


def _connect(path: Path | None) -> sqlite3.Connection:
    return sqlite3.connect(
        path or ":memory:",
        isolation_level=None,
        check_same_thread=False,
        timeout=LOCK_WAIT_SECONDS,
        cached_statements=256,
    )


def _refusal(place: str, error: Exception) -> DatabaseRefused:
    if isinstance(error, DatabaseRefused):
        return error
    if isinstance(error, sqlite3.OperationalError):
        if "locked" in str(error):
            return DatabaseRefused(f"{place} is in use by another task hub.")
        return DatabaseRefused(f"{place} cannot be opened: {error}.")
    return DatabaseRefused(
        f"{place} is corrupt or not a database ({error}). Restore it from a copy, or move it "
        "away to start with an empty task hub."
    )


def _recognise(db: sqlite3.Connection, place: str, migrations: tuple[str, ...]) -> None:
    """Refuse what is not ours before anything is written to it."""
    version = db.execute("PRAGMA user_version").fetchone()[0]
    owner = db.execute("PRAGMA application_id").fetchone()[0]
    tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and owner != APPLICATION_ID:
        raise DatabaseRefused(f"{place} is a database, but not a task hub of this product.")
    if version > len(migrations):
        raise DatabaseRefused(
            f"{place} has schema {version}, and this release knows {len(migrations)}: run the "
            "release that wrote it, or a newer one."
        )


def _set_up(db: sqlite3.Connection, durability: Durability) -> None:
    db.execute("PRAGMA journal_mode=WAL")
    db.execute(f"PRAGMA synchronous={'FULL' if durability == 'full' else 'NORMAL'}")
    db.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
    db.execute(f"PRAGMA cache_size=-{PAGE_CACHE_KIBIBYTES}")
    db.execute("PRAGMA temp_store=MEMORY")


def _check(db: sqlite3.Connection, path: Path | None) -> None:
    if path and path.stat().st_size <= CHECKED_BYTES_MAX:
        verdict = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)


def _migrate(db: sqlite3.Connection, migrations: tuple[str, ...]) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    for number in range(version, len(migrations)):
        db.executescript(
            f"BEGIN IMMEDIATE; {migrations[number]};"
            f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={number + 1}; COMMIT;"
        )
