from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from localhost.taskhub.errors import DatabaseRefused
from localhost.taskhub.schema import MIGRATIONS, open_database

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_file_gets_the_latest_schema(tmp_path: Path) -> None:
    db = open_database(tmp_path / "hub.db", "normal")

    assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    db.close()


@pytest.mark.parametrize(("durability", "synchronous"), [("normal", 1), ("full", 2)])
def test_durability_decides_how_commits_are_forced(
    tmp_path: Path, durability: str, synchronous: int
) -> None:
    db = open_database(tmp_path / "hub.db", durability)  # type: ignore[arg-type]  # parametrized

    assert db.execute("PRAGMA synchronous").fetchone() == (synchronous,)
    db.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    path.write_bytes(b"not a database at all" * 1000)

    with pytest.raises(DatabaseRefused, match="corrupt or not a database"):
        open_database(path, "normal")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    db = open_database(path, "normal")
    db.executemany(
        "INSERT INTO history(generation, number, events) VALUES(1, ?, ?)",
        [(number, bytes(1000)) for number in range(200)],
    )
    db.close()
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 8192] = b"\xff" * 8192
    path.write_bytes(content)

    with pytest.raises(DatabaseRefused, match="corrupt"):
        open_database(path, "normal")


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    db = open_database(path, "normal")
    db.execute(f"PRAGMA user_version={len(MIGRATIONS) + 1}")
    db.close()

    with pytest.raises(DatabaseRefused, match=f"has schema {len(MIGRATIONS) + 1}"):
        open_database(path, "normal")

    with sqlite3.connect(path) as left:
        assert left.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)
    left.close()


def test_another_products_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs(a)")
    other.close()

    content = path.read_bytes()

    with pytest.raises(DatabaseRefused, match="not a task hub"):
        open_database(path, "normal")

    assert path.read_bytes() == content


def test_a_file_in_use_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    first = open_database(path, "normal")

    with pytest.raises(DatabaseRefused, match="in use"):
        open_database(path, "normal")
    first.close()


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseRefused, match="cannot be opened"):
        open_database(tmp_path / "none" / "hub.db", "normal")


def test_an_older_schema_is_migrated_step_by_step(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    open_database(path, "normal").close()
    later = (*MIGRATIONS, "CREATE TABLE added(a)", "ALTER TABLE added ADD COLUMN b")

    db = open_database(path, "normal", later)

    assert db.execute("PRAGMA user_version").fetchone() == (len(later),)
    assert db.execute("SELECT a, b FROM added").fetchall() == []
    db.close()
