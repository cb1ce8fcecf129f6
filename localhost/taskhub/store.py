"""What every room of the hub works with: the database, the journal, the time and new numbers."""

from __future__ import annotations

from collections import OrderedDict
from itertools import count
from typing import TYPE_CHECKING

from localhost.taskhub.clock import micros_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from localhost.taskhub.clock import Clock
    from localhost.taskhub.journal import Journal

EPOCH_BITS = 32
HOT_BYTES_MAX = 64 << 20


class Store:
    """The hub's database and what goes with it.

    Args:
        db: the open database.
        journal: where changes go.
        clock: what time it is.
    """

    def __init__(self, db: sqlite3.Connection, journal: Journal, clock: Clock) -> None:
        self.db = db
        self.journal = journal
        self.clock = clock
        self.histories = Histories(db)
        self.numbers = _numbers_of_new_epoch(db)

    def now(self) -> int:
        """The present in microseconds since 1970."""
        return micros_of(self.clock.now())


class Histories:
    """The hottest histories in memory, whole, as joined past events; the others in the table.

    Bounded by bytes. Only committed turns are kept here.
    """

    def __init__(self, db: sqlite3.Connection, bytes_max: int = HOT_BYTES_MAX) -> None:
        self._db = db
        self._bytes_max = bytes_max
        self._bytes = 0
        self._hot: OrderedDict[int, bytes] = OrderedDict()

    def read(self, generation: int, events: int) -> bytes:
        """The history of a generation that has so many events."""
        history = self._hot.get(generation)
        if history is not None:
            self._hot.move_to_end(generation)
            return history
        if not events:
            return b""
        rows = self._db.execute(
            "SELECT events FROM history WHERE generation=? ORDER BY number", (generation,)
        )
        return b"".join([row[0] for row in rows])

    def keep(self, generation: int, history: bytes) -> None:
        """Remember a history after the commit of a turn."""
        self.forget(generation)
        self._hot[generation] = history
        self._bytes += len(history)
        while self._bytes > self._bytes_max:
            _, coldest = self._hot.popitem(last=False)
            self._bytes -= len(coldest)

    def forget(self, generation: int) -> None:
        """Drop a history that has ended or changed."""
        history = self._hot.pop(generation, None)
        if history is not None:
            self._bytes -= len(history)


def _numbers_of_new_epoch(db: sqlite3.Connection) -> Iterator[int]:
    """Numbers that no opening of this database has given out, rising from opening to opening."""
    epoch = db.execute(
        "INSERT INTO epochs(epoch) SELECT coalesce(max(epoch), 0) + 1 FROM epochs RETURNING epoch"
    ).fetchone()[0]
    db.execute("DELETE FROM epochs WHERE epoch<?", (epoch,))
    return count((epoch << EPOCH_BITS) + 1)
