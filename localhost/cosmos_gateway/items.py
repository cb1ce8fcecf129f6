"""What can be done to one item.

Each function runs inside the writer's transaction. It checks everything before it writes, so that a
refusal leaves nothing behind.
"""

# ruff: noqa: S608 - tables and columns are named by numbers of ours, never by a request

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .answers import (
    SUB_STATUS_CONDITION_NOT_MET,
    Answer,
    bad_request,
    condition_failed,
    conflict,
    not_found,
)
from .containers import Container
from .documents import (
    SYSTEM_PROPERTIES,
    Incoming,
    etag_of,
    expires_at,
    receive,
    stored_text,
)
from .patching import patched
from .query import QueryError, matches
from .query.dates import now_seconds
from .storage import column_value


@dataclass(slots=True)
class Session:
    """One transaction's view: the connection, the time, and where versions come from."""

    connection: sqlite3.Connection
    now: int
    next_version: Callable[[], int]


@dataclass(slots=True)
class Version:
    """Where the current version of an item stands."""

    row: int
    lsn: int


def create(session: Session, container: Container, incoming: Incoming) -> Answer:
    """Stores a new item; 409 where its id is taken in its partition."""
    if _current(session, container, incoming.pk, incoming.id):
        raise conflict("Entity with the specified id")
    return _insert(session, container, incoming)


def upsert(session: Session, container: Container, incoming: Incoming, if_match: str) -> Answer:
    """Stores an item, new or in place of the one with its id."""
    current = _current(session, container, incoming.pk, incoming.id)
    if current is None:
        return _insert(session, container, incoming)
    _check_match(current, if_match)
    return _update(session, container, incoming, current.row)


def replace(
    session: Session, container: Container, id_key: bytes, incoming: Incoming, if_match: str
) -> Answer:
    """Stores a new version of an existing item."""
    if incoming.id != id_key:
        raise bad_request("The id in the item differs from the id in the link.")
    current = _existing(session, container, incoming.pk, id_key)
    _check_match(current, if_match)
    return _update(session, container, incoming, current.row)


def delete(
    session: Session, container: Container, pk: bytes, id_key: bytes, if_match: str
) -> Answer:
    """Removes an item."""
    current = _existing(session, container, pk, id_key)
    _check_match(current, if_match)
    session.next_version()  # The container's version advances, as a session token shows.
    _remove(session, container, current.row)
    return Answer(204)


def patch(
    session: Session, container: Container, address: tuple[bytes, bytes], body: Any, if_match: str
) -> Answer:
    """Applies a partial update, under a condition where one is given.

    Args:
        session: the transaction.
        container: where the item is.
        address: the keys of its partition and its id.
        body: a list of operations, or an object with "operations" and maybe a "condition".
        if_match: the ETag that the item must have; empty for any.
    """
    operations = body.get("operations") if isinstance(body, dict) else body
    condition = body.get("condition") if isinstance(body, dict) else None
    current = _existing(session, container, *address)
    _check_match(current, if_match)
    document = json.loads(_body(session.connection, container, current.row))
    if condition and not _holds(condition, document, session.now):
        raise condition_failed(
            "The patch's filter predicate is not met.", sub_status=SUB_STATUS_CONDITION_NOT_MET
        )
    for name in SYSTEM_PROPERTIES:
        document.pop(name, None)
    changed = patched(document, operations, container.partition_path)
    incoming = receive(container, changed, None, address[0])
    return _update(session, container, incoming, current.row)


def read(
    connection: sqlite3.Connection,
    container: Container,
    address: tuple[bytes, bytes],
    now: int,
    if_none_match: str = "",
) -> Answer:
    """An item as stored; 304 where the caller has that version."""
    found = connection.execute(
        f"SELECT h.lsn, h.expires, b.body FROM heads_{container.number} h "
        f"JOIN bodies_{container.number} b USING (row) WHERE h.pk = ? AND h.id = ?",
        address,
    ).fetchone()
    if found is None or (found[1] is not None and found[1] <= now):
        raise not_found("Entity with the specified id")
    etag = etag_of(found[0])
    if if_none_match == etag:
        return Answer(304, etag=etag)
    return Answer(200, found[2], etag=etag)


def _holds(condition: Any, document: dict[str, Any], now: int) -> bool:
    token = now_seconds.set(now)
    try:
        return matches(str(condition), document)
    except QueryError as error:
        raise bad_request(f"The patch's condition: {error}") from error
    finally:
        now_seconds.reset(token)


def _current(session: Session, container: Container, pk: bytes, id_key: bytes) -> Version | None:
    if container.dropped:
        raise not_found("Owner resource")
    found = session.connection.execute(
        f"SELECT row, lsn, expires FROM heads_{container.number} WHERE pk = ? AND id = ?",
        (pk, id_key),
    ).fetchone()
    if found is None:
        return None
    if found[2] is not None and found[2] <= session.now:
        _remove(session, container, found[0])
        return None
    return Version(found[0], found[1])


def _existing(session: Session, container: Container, pk: bytes, id_key: bytes) -> Version:
    current = _current(session, container, pk, id_key)
    if current is None:
        raise not_found("Entity with the specified id")
    return current


def _check_match(current: Version, if_match: str) -> None:
    if if_match and if_match not in ("*", etag_of(current.lsn)):
        raise condition_failed(
            "Operation cannot be performed because one of the specified precondition is not met."
        )


def _insert(session: Session, container: Container, incoming: Incoming) -> Answer:
    row, lsn = container.next_row, session.next_version()
    container.next_row += 1
    columns, values = _columns(container, incoming)
    expires = expires_at(container, incoming.document, session.now)
    names = "".join(f", {column}" for column in columns)
    statement = (
        f"INSERT INTO heads_{container.number} (row, pk, id, lsn, ts, expires{names}) "
        f"VALUES (?, ?, ?, ?, ?, ?{', ?' * len(columns)})"
    )
    arguments = (row, incoming.pk, incoming.id, lsn, session.now, expires, *values)
    body = stored_text(container, incoming, row, lsn, session.now)
    _keeping_unique(session, container, incoming.pk, lambda: _run(session, statement, arguments))
    _run(session, f"INSERT INTO bodies_{container.number} VALUES (?, ?)", (row, body))
    return Answer(201, body, etag=etag_of(lsn))


def _update(session: Session, container: Container, incoming: Incoming, row: int) -> Answer:
    lsn = session.next_version()
    columns, values = _columns(container, incoming)
    expires = expires_at(container, incoming.document, session.now)
    settings = "".join(f", {column} = ?" for column in columns)
    statement = (
        f"UPDATE heads_{container.number} SET lsn = ?, ts = ?, expires = ?{settings} WHERE row = ?"
    )
    arguments = (lsn, session.now, expires, *values, row)
    body = stored_text(container, incoming, row, lsn, session.now)
    _keeping_unique(session, container, incoming.pk, lambda: _run(session, statement, arguments))
    _run(session, f"UPDATE bodies_{container.number} SET body = ? WHERE row = ?", (body, row))
    return Answer(200, body, etag=etag_of(lsn))


def _columns(container: Container, incoming: Incoming) -> tuple[list[str], list[bytes | None]]:
    columns: list[str] = []
    values: list[bytes | None] = []
    for path, column in (*container.columns.items(), *container.building.items()):
        columns.append(column)
        values.append(column_value(incoming.document, path))
    return columns, values


def _keeping_unique(
    session: Session, container: Container, pk: bytes, write: Callable[[], None]
) -> None:
    """Writes; where only documents past their time hold a unique key, removes those first."""
    try:
        write()
    except sqlite3.IntegrityError:
        for (row,) in session.connection.execute(
            f"SELECT row FROM heads_{container.number} WHERE pk = ? AND expires <= ?",
            (pk, session.now),
        ).fetchall():
            _remove(session, container, row)
        try:
            write()
        except sqlite3.IntegrityError as error:
            raise conflict("Unique index constraint violation: the key") from error


def _run(session: Session, statement: str, arguments: tuple[Any, ...]) -> None:
    session.connection.execute(statement, arguments)


def _remove(session: Session, container: Container, row: int) -> None:
    _run(session, f"DELETE FROM heads_{container.number} WHERE row = ?", (row,))
    _run(session, f"DELETE FROM bodies_{container.number} WHERE row = ?", (row,))


def _body(connection: sqlite3.Connection, container: Container, row: int) -> str:
    found = connection.execute(
        f"SELECT body FROM bodies_{container.number} WHERE row = ?",
        (row,),
    ).fetchone()
    return str(found[0])
