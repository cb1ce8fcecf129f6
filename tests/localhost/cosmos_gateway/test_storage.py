import sqlite3
from pathlib import Path

import pytest

from localhost.cosmos_gateway.server import serve
from localhost.cosmos_gateway.storage import (
    SCHEMA_VERSION,
    UnusableFileError,
    key_at,
    prepare,
    value_at,
)


def test_a_new_file_is_prepared_and_then_accepted(tmp_path: Path) -> None:
    file = tmp_path / "cosmos.db"
    prepare(file)
    prepare(file)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "cosmos.db"
    file.write_text("these are notes, not a database" * 100)
    with pytest.raises(UnusableFileError, match="not a usable gateway file"):
        prepare(file)
    assert file.read_text().startswith("these are notes")


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(UnusableFileError, match="not one of the Cosmos gateway's"):
        prepare(file)


def test_a_file_of_a_newer_version_is_refused_with_both_versions(tmp_path: Path) -> None:
    file = tmp_path / "cosmos.db"
    prepare(file)
    newer = sqlite3.connect(file)
    newer.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    newer.close()
    with pytest.raises(UnusableFileError, match=f"schema {SCHEMA_VERSION + 1}"):
        prepare(file)


async def test_a_corrupt_file_is_refused_when_the_gateway_starts(tmp_path: Path) -> None:
    file = tmp_path / "cosmos.db"
    prepare(file)
    data = bytearray(file.read_bytes())
    data[4096:12288] = b"\x5a" * 8192
    file.write_bytes(data)
    with pytest.raises(UnusableFileError):
        await serve(file)


def test_a_value_is_found_by_its_path() -> None:
    document = {"a": {"b": [1]}, "n": None}
    assert value_at(document, ("a", "b")) == [1]
    assert value_at(document, ("n",)) is None
    assert value_at(document, ("a", "x")) is object
    assert key_at('{"a": {"b": "x"}}', '["a", "b"]') == b"\x05x"
    assert key_at('{"a": 1}', '["a", "b"]') is None
