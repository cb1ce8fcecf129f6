"""What the host itself remembers across restarts: timers' last runs and consumers' positions.

One small SQLite file below the data folder; its writes take well under a millisecond and happen at
most once per timer run or event batch, so that they are made where they arise.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from localhost.functions_host.startup import StartupError

if TYPE_CHECKING:
    from pathlib import Path

FILE = "host.db"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS timers (
    function TEXT PRIMARY KEY, last TEXT, next TEXT NOT NULL, updated TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS checkpoints (
    hub TEXT, consumer_group TEXT, partition TEXT, offset TEXT NOT NULL, sequence INTEGER NOT NULL,
    PRIMARY KEY (hub, consumer_group, partition)
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class TimerStatus:
    """When a timer ran, and when it is due; all in UTC.

    Attributes:
        last: the occurrence of the last run; None where it never ran.
        next: the occurrence that was due next when this was written.
        updated: the moment from which next was reckoned.
    """

    last: datetime | None
    next: datetime
    updated: datetime


class HostStore:
    """The host's own memory.

    Raises:
        StartupError: if the file is not such a memory.
    """

    def __init__(self, data: Path, durability: Literal["normal", "full"] = "normal") -> None:
        self._database = sqlite3.connect(data / FILE, isolation_level=None)
        try:
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute(f"PRAGMA synchronous={durability}")
            self._database.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            self._database.close()
            msg = f"{data / FILE} cannot be used: {error}; move it away to start without it"
            raise StartupError(msg) from error

    def timer_status(self, function: str) -> TimerStatus | None:
        """The status of a timer, or None where it was never written."""
        row = self._database.execute(
            "SELECT last, next, updated FROM timers WHERE function = ?", (function,)
        ).fetchone()
        if row is None:
            return None
        last, due, updated = (datetime.fromisoformat(each) if each else None for each in row)
        assert due is not None  # noqa: S101 - NOT NULL in the schema
        assert updated is not None  # noqa: S101 - the same
        return TimerStatus(last, due, updated)

    def keep_timer_status(self, function: str, status: TimerStatus) -> None:
        """Remember the status of a timer."""
        self._database.execute(
            "INSERT OR REPLACE INTO timers VALUES (?, ?, ?, ?)",
            (
                function,
                status.last.isoformat() if status.last else None,
                status.next.isoformat(),
                status.updated.isoformat(),
            ),
        )

    def checkpoints(self, hub: str, consumer_group: str) -> dict[str, str]:
        """The offset of the last event handled, by partition."""
        rows = self._database.execute(
            "SELECT partition, offset FROM checkpoints WHERE hub = ? AND consumer_group = ?",
            (hub, consumer_group),
        )
        return {str(partition): str(offset) for partition, offset in rows}

    def keep_checkpoint(
        self, hub: str, consumer_group: str, partition: str, offset: str, sequence: int
    ) -> None:
        """Remember the last event handled of one partition."""
        self._database.execute(
            "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?)",
            (hub, consumer_group, partition, offset, sequence),
        )

    def close(self) -> None:
        """Close the file."""
        self._database.close()
