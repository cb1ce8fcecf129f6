import json
from pathlib import Path

import pytest

from localhost.functions_host.keys import ADMIN, ANONYMOUS, FUNCTION, Keys, open_keys

KEYS = Keys("m", "h", "d", "c", "e", {"door": "f"})


@pytest.mark.parametrize(
    ("level", "opening"),
    [
        (ANONYMOUS, {"", "m", "h", "f", "d", "wrong"}),
        (FUNCTION, {"m", "h", "f"}),
        (ADMIN, {"m"}),
    ],
)
def test_a_level_is_opened_by_its_keys_alone(level: str, opening: set[str]) -> None:
    offered = {"", "m", "h", "f", "d", "wrong"}

    assert {key for key in offered if KEYS.opens(level, "door", key)} == opening


def test_the_key_of_another_function_opens_nothing() -> None:
    assert not KEYS.opens(FUNCTION, "other", "f")
    assert not KEYS.opens(FUNCTION, "other", "")


def test_keys_are_kept(tmp_path: Path) -> None:
    first = open_keys(tmp_path, ["a"])
    second = open_keys(tmp_path, ["a", "b"])

    assert second.functions["a"] == first.functions["a"]
    assert (second.master, second.cosmos) == (first.master, first.cosmos)
    assert open_keys(tmp_path) == second


def test_keys_differ_and_are_the_owners_alone(tmp_path: Path) -> None:
    open_keys(tmp_path, ["a", "b"])

    file = tmp_path / "keys.json"
    content = json.loads(file.read_text())
    values = [*content.pop("functions").values(), *content.values()]
    assert len(set(values)) == len(values) == 7
    assert file.stat().st_mode & 0o077 == 0
