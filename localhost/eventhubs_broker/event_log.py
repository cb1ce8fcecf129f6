"""The partitions' logs in SQLite: appended in groups, read by position, cut by retention.

One thread writes and one connection on the event loop reads; write-ahead logging lets them work
side by side. What is appended while a group is being committed forms the next group.
"""

import asyncio
import logging
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

from localhost.eventhubs_broker.database import connect, lock
from localhost.eventhubs_broker.messages import Event, StoredEvent
from localhost.eventhubs_broker.partitions import End, Hub, Partition
from shared.errors import PermanentError

READ_BYTES_MAX = 1 << 20
"""What one read collects at most, beyond its first event."""

_ID_STRIDE = 1 << 40
"""An event's row id is its log's number times this, plus its sequence number."""

_LOGGER = logging.getLogger(__name__)

type PositionField = Literal["offset", "sequence", "enqueued_ms"]


@dataclass(frozen=True, slots=True)
class Retention:
    """How long events stay.

    Attributes:
        age_max: older events go.
        partition_bytes_max: the oldest go when a partition holds more.
    """

    age_max: timedelta = timedelta(days=7)
    partition_bytes_max: int = 1 << 30


class _Append(NamedTuple):
    partition: Partition
    events: list[Event]
    done: Callable[[Exception | None], None]


type _Row = tuple[int, int, int, str | None, bytes, int, bytes]


class EventLog:
    """Every hub of a namespace."""

    def __init__(
        self,
        path: Path,
        *,
        retention: Retention | None = None,
        clock: Callable[[], float] = time.time,
        durability: Literal["normal", "full"] = "normal",
    ) -> None:
        """Opens the database, or makes it.

        Args:
            path: the SQLite file.
            retention: 7 days and 1 GiB a partition unless said otherwise.
            clock: seconds since 1970.
            durability: `full` fsyncs each group; `normal` survives the process, not the machine.

        Raises:
            PermanentError: the file is corrupt, of a newer version, or in use.
        """
        self._lock = lock(path)
        try:
            self._writer = connect(path, durability)
            self._reader = connect(path, durability)
        except PermanentError:
            self._lock.close()
            raise
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="eventhubs-commit")
        self._retention = retention or Retention()
        self._clock = clock
        self._pending: list[_Append] = []
        self._new_hubs: list[Hub] = []
        self._commit: asyncio.Task[None] | None = None
        self.hubs: dict[str, Hub] = {}
        self.pending_bytes = 0
        self._load()

    def declare(self, name: str, partition_count: int) -> Hub:
        """The hub of that name, made if there is none. A hub keeps its number of partitions."""
        hub = self.hubs.get(name.lower())
        if hub is None:
            first_id = sum(len(other.partitions) for other in self.hubs.values())
            hub = Hub(name, int(self._clock() * 1000), [])
            hub.partitions = [
                Partition(name, number, first_id + number) for number in range(partition_count)
            ]
            self.hubs[name.lower()] = hub
            self._new_hubs.append(hub)
        return hub

    def append(
        self, partition: Partition, events: list[Event], done: Callable[[Exception | None], None]
    ) -> None:
        """Appends in the next group; `done` hears of the commit, or of why there is none."""
        self._pending.append(_Append(partition, events, done))
        self.pending_bytes += sum(event.size_bytes for event in events)
        if self._commit is None:
            self._commit = asyncio.get_running_loop().create_task(self._commit_groups())

    def read(self, partition: Partition, sequence: int, limit: int) -> list[StoredEvent]:
        """Up to `limit` committed events from `sequence` on, and about READ_BYTES_MAX bytes."""
        base = partition.log_id * _ID_STRIDE
        cursor = self._reader.execute(
            "SELECT id - ?, position, enqueued_ms, partition_key, annotations, annotation_count,"
            " body FROM event WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?",
            (base, base + max(sequence, 0), base + partition.last_sequence, limit),
        )
        found: list[StoredEvent] = []
        size = 0
        for row in cursor:
            found.append(StoredEvent(*row))
            size += len(row[-1])
            if size > READ_BYTES_MAX:
                break
        cursor.close()
        return found

    def sequence_after(
        self, partition: Partition, by: PositionField, value: int, *, inclusive: bool
    ) -> int:
        """The first sequence number whose field is beyond `value`, or at it when inclusive."""
        if by == "sequence":
            return max(value if inclusive else value + 1, partition.first_sequence)
        kept = range(partition.first_sequence, partition.last_sequence + 1)
        bisect = bisect_left if inclusive else bisect_right
        column = {"offset": "position", "enqueued_ms": "enqueued_ms"}[by]
        query = f"SELECT {column} FROM event WHERE id = ?"  # noqa: S608 - one of two constants
        base = partition.log_id * _ID_STRIDE

        def field_of(sequence: int) -> int:
            row: tuple[int] = self._reader.execute(query, (base + sequence,)).fetchone()
            return row[0]

        return partition.first_sequence + bisect(kept, value, key=field_of)

    async def enforce_retention(self) -> None:
        """Deletes what is older, or more, than is to be kept."""
        oldest_ms = int((self._clock() - self._retention.age_max.total_seconds()) * 1000)
        loop = asyncio.get_running_loop()
        for hub in list(self.hubs.values()):
            for partition in hub.partitions:
                keep_from = self._first_kept(partition, oldest_ms)
                if keep_from > partition.first_sequence:
                    base = partition.log_id * _ID_STRIDE
                    bounds = (base + partition.first_sequence, base + keep_from - 1)
                    partition.first_sequence = keep_from
                    await loop.run_in_executor(self._thread, self._delete, bounds)

    async def close(self) -> None:
        """Commits what is pending and closes the database."""
        if self._commit is not None:
            await self._commit
        await asyncio.get_running_loop().run_in_executor(self._thread, self._write, [])
        self._thread.shutdown()
        self._reader.close()
        self._writer.close()
        self._lock.close()

    def _first_kept(self, partition: Partition, oldest_ms: int) -> int:
        if partition.is_empty:
            return partition.first_sequence
        by_age = self.sequence_after(partition, "enqueued_ms", oldest_ms, inclusive=True)
        room_from = partition.end_offset - self._retention.partition_bytes_max
        by_size = self.sequence_after(partition, "offset", room_from, inclusive=True)
        return max(by_age, by_size)

    def _load(self) -> None:
        for name, created_ms in self._reader.execute("SELECT name, created_ms FROM hub"):
            self.hubs[name.lower()] = Hub(name, created_ms, [])
        rows = self._reader.execute(
            "SELECT log_id, hub, number, last_sequence, last_offset, end_offset, last_enqueued_ms"
            " FROM partition ORDER BY log_id"
        ).fetchall()
        for log_id, hub, number, last_sequence, last_offset, end_offset, enqueued_ms in rows:
            base = log_id * _ID_STRIDE
            (first,) = self._reader.execute(
                "SELECT min(id) FROM event WHERE id BETWEEN ? AND ?", (base, base + last_sequence)
            ).fetchone()
            partition = Partition(
                hub,
                number,
                log_id,
                first_sequence=last_sequence + 1 if first is None else first - base,
                last_sequence=last_sequence,
                last_offset=last_offset,
                end_offset=end_offset,
                last_enqueued_ms=enqueued_ms,
            )
            self.hubs[hub.lower()].partitions.append(partition)

    async def _commit_groups(self) -> None:
        """Commits group after group until nothing is pending."""
        while self._pending:
            group, self._pending = self._pending, []
            ends, rows = self._number(group)
            failure = await self._try_write(rows, ends)
            self.pending_bytes -= sum(
                event.size_bytes for append in group for event in append.events
            )
            for append in group:
                _tell(partial(append.done, failure))
            if failure is None:
                for watcher in [one for partition in ends for one in partition.watchers]:
                    _tell(watcher)
        self._commit = None

    async def _try_write(self, rows: list[_Row], ends: dict[Partition, End]) -> Exception | None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._write, rows, ends)
        except Exception as error:
            _LOGGER.exception("a group of events could not be committed")
            return error
        for partition, end in ends.items():
            end.apply_to(partition)
        return None

    def _number(self, group: list[_Append]) -> tuple[dict[Partition, End], list[_Row]]:
        """Gives the events of a group their places; nothing changes until they are committed."""
        now_ms = int(self._clock() * 1000)
        ends: dict[Partition, End] = {}
        rows: list[_Row] = []
        for partition, events, _ in group:
            end = ends.get(partition)
            if end is None:
                end = ends[partition] = End.of(partition, now_ms)
            base = partition.log_id * _ID_STRIDE
            for event in events:
                position = end.place(event)
                rows.append(
                    (
                        base + end.sequence,
                        position,
                        end.enqueued_ms,
                        event.partition_key,
                        event.annotations,
                        event.annotation_count,
                        event.body,
                    )
                )
        return ends, rows

    def _write(self, rows: list[_Row], ends: dict[Partition, End] | None = None) -> None:
        """One transaction, on the writing thread."""
        new_hubs = list(self._new_hubs)
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            self._insert_hubs(new_hubs)
            self._writer.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            self._writer.executemany(
                "UPDATE partition SET last_sequence = ?, last_offset = ?, end_offset = ?,"
                " last_enqueued_ms = ? WHERE log_id = ?",
                [
                    (end.sequence, end.offset, end.end_offset, end.enqueued_ms, partition.log_id)
                    for partition, end in (ends or {}).items()
                ],
            )
            self._writer.execute("COMMIT")
        except BaseException:
            self._writer.execute("ROLLBACK")
            raise
        del self._new_hubs[: len(new_hubs)]

    def _insert_hubs(self, hubs: Iterable[Hub]) -> None:
        for hub in hubs:
            self._writer.execute("INSERT INTO hub VALUES (?, ?)", (hub.name, hub.created_ms))
            self._writer.executemany(
                "INSERT INTO partition VALUES (?, ?, ?, -1, -1, 0, 0)",
                [(one.log_id, hub.name, one.number) for one in hub.partitions],
            )

    def _delete(self, bounds: tuple[int, int]) -> None:
        self._writer.execute("DELETE FROM event WHERE id BETWEEN ? AND ?", bounds)


def _tell(hearer: Callable[[], None]) -> None:
    """One connection's trouble with what it hears must not keep the others from hearing."""
    try:
        hearer()
    except Exception:
        _LOGGER.exception("a connection failed on hearing of a commit")
