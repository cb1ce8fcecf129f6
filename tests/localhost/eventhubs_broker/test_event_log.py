"""What is committed stays, is found by position, and goes when its time is over."""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from localhost.eventhubs_broker.database import SCHEMA_VERSION
from localhost.eventhubs_broker.event_log import EventLog, Retention
from localhost.eventhubs_broker.messages import Event
from localhost.eventhubs_broker.partitions import Partition
from shared.errors import PermanentError


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


async def append(log: EventLog, partition: Partition, *bodies: bytes) -> None:
    done: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
    log.append(partition, [Event(None, b"", 0, body) for body in bodies], done.set_result)
    failure = await done
    if failure is not None:
        raise failure


def bodies(log: EventLog, partition: Partition) -> list[bytes]:
    return [event.body for event in log.read(partition, 0, 1000)]


async def test_events_and_hubs_are_there_after_a_restart(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "a.sqlite", clock=Clock())
    partition = log.declare("Orders", 2).partitions[1]
    await append(log, partition, b"one", b"two")
    await log.close()

    again = EventLog(tmp_path / "a.sqlite", clock=Clock())
    found = again.declare("orders", 8).partitions
    await append(again, found[1], b"three")

    assert len(found) == 2
    assert bodies(again, found[1]) == [b"one", b"two", b"three"]
    assert [event.sequence for event in again.read(found[1], 0, 9)] == [0, 1, 2]
    assert [event.offset for event in again.read(found[1], 0, 9)] == [0, 3, 6]
    await again.close()


async def test_what_is_appended_together_is_committed_together(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "a.sqlite")
    first, second = log.declare("orders", 2).partitions

    await asyncio.gather(*(append(log, first, b"a"), append(log, second, b"b")))

    commits = [event.enqueued_ms for event in (*log.read(first, 0, 1), *log.read(second, 0, 1))]
    assert commits[0] == commits[1]
    await log.close()


async def test_a_group_that_cannot_be_committed_is_reported_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    log = EventLog(tmp_path / "a.sqlite")
    partition = log.declare("orders", 1).partitions[0]
    await append(log, partition, b"kept")
    log._writer.execute(
        "CREATE TRIGGER full BEFORE INSERT ON event WHEN NEW.body = x'00'"
        " BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    )

    with pytest.raises(sqlite3.Error, match="disk full"):
        await append(log, partition, b"lost", b"\x00")
    await append(log, partition, b"next")

    assert bodies(log, partition) == [b"kept", b"next"]
    assert partition.last_sequence == 1
    assert log.pending_bytes == 0
    await log.close()


async def test_positions_are_found_by_offset_sequence_and_time(tmp_path: Path) -> None:
    clock = Clock()
    log = EventLog(tmp_path / "a.sqlite", clock=clock)
    partition = log.declare("orders", 1).partitions[0]
    for body in (b"aa", b"bb", b"cc"):
        await append(log, partition, body)
        clock.now_s += 1

    def after(by: str, value: int, *, inclusive: bool) -> int:
        return log.sequence_after(partition, by, value, inclusive=inclusive)  # type: ignore[arg-type]

    assert after("offset", 2, inclusive=False) == 2
    assert after("offset", 2, inclusive=True) == 1
    assert after("offset", 4, inclusive=False) == 3
    assert after("sequence", 0, inclusive=False) == 1
    assert after("sequence", 0, inclusive=True) == 0
    assert after("enqueued_ms", 1_000_500, inclusive=True) == 1
    assert after("enqueued_ms", 1_001_000, inclusive=True) == 1
    assert after("enqueued_ms", 1_001_000, inclusive=False) == 2
    await log.close()


async def test_events_older_than_the_retention_go_and_the_numbers_go_on(tmp_path: Path) -> None:
    clock = Clock()
    retention = Retention(age_max=timedelta(hours=1))
    log = EventLog(tmp_path / "a.sqlite", clock=clock, retention=retention)
    partition = log.declare("orders", 1).partitions[0]
    await append(log, partition, b"old")
    clock.now_s += 3000
    await append(log, partition, b"young")
    clock.now_s += 700

    await log.enforce_retention()
    first_after_an_hour = bodies(log, partition)
    clock.now_s += 9000
    await log.enforce_retention()
    await log.close()
    again = EventLog(tmp_path / "a.sqlite", clock=clock, retention=retention)
    found = again.hubs["orders"].partitions[0]
    await append(again, found, b"new")

    assert first_after_an_hour == [b"young"]
    assert [(event.sequence, event.body) for event in again.read(found, 0, 9)] == [(2, b"new")]
    assert found.first_sequence == 2
    await again.close()


async def test_the_oldest_events_go_when_a_partition_holds_too_much(tmp_path: Path) -> None:
    retention = Retention(partition_bytes_max=250)
    log = EventLog(tmp_path / "a.sqlite", retention=retention)
    partition = log.declare("orders", 1).partitions[0]
    await append(log, partition, *(bytes([number]) * 100 for number in range(5)))

    await log.enforce_retention()

    assert [body[0] for body in bodies(log, partition)] == [3, 4]
    assert log.sequence_after(partition, "offset", 0, inclusive=True) == 3
    await log.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").write_bytes(b"this is a text file, and no short one" * 40)

    with pytest.raises(PermanentError, match="cannot be used as a database"):
        EventLog(tmp_path / "a.sqlite")


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "a.sqlite")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()

    with pytest.raises(PermanentError, match="newer version"):
        EventLog(tmp_path / "a.sqlite")


async def test_a_database_that_is_in_use_is_refused(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "a.sqlite")

    with pytest.raises(PermanentError, match="in use"):
        EventLog(tmp_path / "a.sqlite")
    await log.close()


async def test_full_durability_syncs_each_group(tmp_path: Path) -> None:
    full = EventLog(tmp_path / "full.sqlite", durability="full")
    normal = EventLog(tmp_path / "normal.sqlite")

    assert full._writer.execute("PRAGMA synchronous").fetchone() == (2,)
    assert normal._writer.execute("PRAGMA synchronous").fetchone() == (1,)
    await full.close()
    await normal.close()
