from __future__ import annotations

import asyncio
import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest

from localhost.taskhub.errors import HubClosed, StorageFailed, WrongState
from localhost.taskhub.journal import RETRY_SECONDS, Journal
from localhost.taskhub.schema import open_database
from tests.localhost.taskhub.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    db = open_database(tmp_path / "hub.db", "normal", ("CREATE TABLE kept(n UNIQUE)",))
    journal = Journal(db, lambda: None)
    yield journal
    await journal.close()


def keep(journal: Journal, number: int) -> int:
    journal.db.execute("INSERT INTO kept VALUES(?)", (number,))
    return number


def kept(journal: Journal) -> list[int]:
    return [row[0] for row in journal.db.execute("SELECT n FROM kept ORDER BY n")]


async def test_changes_of_one_moment_share_a_commit(journal: Journal) -> None:
    commits: list[str] = []
    journal.db.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)

    results = await asyncio.gather(*(journal.change(keep, journal, n) for n in range(100)))

    assert results == list(range(100))
    assert len(commits) == 1


async def test_a_journal_in_memory_commits_without_its_thread() -> None:
    journal = Journal(open_database(None, "normal", ("CREATE TABLE kept(n UNIQUE)",)), lambda: None)

    assert await journal.change(keep, journal, 1) == 1

    assert not journal.db.in_transaction
    assert not any(each.name.startswith("taskhub-database") for each in threading.enumerate())
    with pytest.raises(sqlite3.IntegrityError):
        await journal.change(keep, journal, 1)
    assert kept(journal) == [1]
    await journal.close()


async def test_nobody_hears_of_a_change_before_its_commit(journal: Journal) -> None:
    heard: list[str] = []
    journal.db.set_trace_callback(lambda sql: heard.append(sql) if sql == "COMMIT" else None)

    def change() -> None:
        keep(journal, 1)
        journal.after_commit(heard.append, "effect")

    await journal.change(change)
    heard.append("result")

    assert heard == ["COMMIT", "effect", "result"]


async def test_a_refusal_fails_its_caller_alone(journal: Journal) -> None:
    def refuse() -> None:
        raise WrongState("no")

    outcomes = await asyncio.gather(
        journal.change(keep, journal, 1),
        journal.change(refuse),
        journal.change(keep, journal, 2),
        return_exceptions=True,
    )

    assert [outcomes[0], outcomes[2]] == [1, 2]
    assert isinstance(outcomes[1], WrongState)
    assert kept(journal) == [1, 2]


async def test_a_change_that_breaks_after_writing_is_undone_alone(journal: Journal) -> None:
    effects: list[int] = []

    def good(number: int) -> None:
        keep(journal, number)
        journal.after_commit(effects.append, number)

    def bad() -> None:
        good(99)
        raise ZeroDivisionError

    outcomes = await asyncio.gather(
        journal.change(good, 1),
        journal.change(bad),
        journal.change(good, 2),
        return_exceptions=True,
    )

    assert isinstance(outcomes[1], ZeroDivisionError)
    assert kept(journal) == [1, 2]
    assert effects == [1, 2]


async def test_what_the_database_refuses_is_a_storage_failure(journal: Journal) -> None:
    journal.db.execute("PRAGMA query_only=ON")

    with pytest.raises(StorageFailed, match="readonly"):
        await journal.change(keep, journal, 1)


async def test_what_cannot_be_written_is_the_fault_of_its_change(journal: Journal) -> None:
    await journal.change(keep, journal, 1)

    with pytest.raises(sqlite3.IntegrityError):
        await journal.change(keep, journal, 1)


async def test_a_change_that_must_not_be_lost_is_made_once_the_database_takes_it(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    journal.db.execute("PRAGMA query_only=ON")
    asked = asyncio.create_task(journal.insist(keep, journal, 1))
    journal.ensure(keep, journal, 2)
    await asyncio.sleep(RETRY_SECONDS * 2.5)
    assert kept(journal) == []

    journal.db.execute("PRAGMA query_only=OFF")

    assert await asked == 1
    await until(lambda: kept(journal) == [1, 2])
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


async def test_closing_gives_up_what_the_database_does_not_take(journal: Journal) -> None:
    journal.db.execute("PRAGMA query_only=ON")
    asked = asyncio.create_task(journal.insist(keep, journal, 1))
    await asyncio.sleep(RETRY_SECONDS / 2)

    await journal.close()

    with pytest.raises(HubClosed):
        await asked


async def test_a_commit_that_fails_fails_every_change_of_its_group(journal: Journal) -> None:
    journal.db.execute("PRAGMA foreign_keys=ON")
    journal.db.execute("CREATE TABLE parent(n PRIMARY KEY)")
    journal.db.execute("CREATE TABLE child(n REFERENCES parent(n) DEFERRABLE INITIALLY DEFERRED)")

    def orphan() -> None:
        journal.db.execute("INSERT INTO child VALUES(1)")

    outcomes = await asyncio.gather(
        journal.change(keep, journal, 1), journal.change(orphan), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes] == [StorageFailed, StorageFailed]
    assert kept(journal) == []
    assert await journal.change(keep, journal, 2) == 2


async def test_closing_commits_what_is_pending_and_refuses_more(journal: Journal) -> None:
    pending = journal.change(keep, journal, 1)
    closing = asyncio.create_task(journal.close())
    await asyncio.sleep(0)

    with pytest.raises(HubClosed):
        journal.change(keep, journal, 2)

    assert await pending == 1
    await closing


async def test_a_read_while_a_commit_is_under_way_waits_for_it(journal: Journal) -> None:
    change = journal.change(keep, journal, 1)
    await asyncio.sleep(0)
    was_free = journal.is_free

    assert await journal.read(kept, journal) == [1]
    assert not was_free
    assert change.done()
