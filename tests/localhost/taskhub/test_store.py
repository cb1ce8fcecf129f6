from __future__ import annotations

from typing import TYPE_CHECKING

from localhost.taskhub.schema import open_database
from localhost.taskhub.store import Histories, _numbers_of_new_epoch

if TYPE_CHECKING:
    from pathlib import Path


def test_numbers_rise_from_opening_to_opening(tmp_path: Path) -> None:
    given: list[int] = []
    for _ in range(3):
        db = open_database(tmp_path / "hub.db", "normal")
        numbers = _numbers_of_new_epoch(db)
        given += [next(numbers) for _ in range(3)]
        db.close()

    assert given == sorted(set(given))


def test_hot_histories_are_bounded_and_the_coldest_are_read_again() -> None:
    db = open_database(None, "normal")
    histories = Histories(db, bytes_max=100)
    db.execute("INSERT INTO history(generation, number, events) VALUES(1, 1, ?)", (b"a" * 30,))
    db.execute("INSERT INTO history(generation, number, events) VALUES(1, 2, ?)", (b"b" * 30,))

    for generation in (1, 2, 3):
        histories.keep(generation, bytes(40))

    assert histories.read(1, events=2) == b"a" * 30 + b"b" * 30
    assert histories.read(3, events=2) == bytes(40)
    assert histories._bytes <= 100
    db.close()


def test_a_history_larger_than_the_bound_is_not_kept() -> None:
    db = open_database(None, "normal")
    histories = Histories(db, bytes_max=100)

    histories.keep(1, bytes(500))

    assert histories._bytes == 0
    assert histories.read(1, events=1) == b""
    db.close()
