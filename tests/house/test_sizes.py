from pathlib import Path

from tests.house.tree import ROOMS, ROOT, functions, modules, shown

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
STORY_LINES_MAX = 120
DOOR_LINES_MAX = 40
APP_LINES_MAX = 60


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_longer_than_500_lines() -> None:
    files = modules(*ROOMS, "samples", "tests")
    long = [f"{shown(path)}: {_lines(path)}" for path in files if _lines(path) > FILE_LINES_MAX]
    assert not long


def test_no_function_is_longer_than_70_lines() -> None:
    long = [
        f"{shown(path)}:{each.name}"
        for path in modules()
        for each in functions(path)
        if (each.end_lineno or 0) - each.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert not long


def test_no_story_is_longer_than_120_lines() -> None:
    long = [shown(path) for path in modules("orchestrators") if _lines(path) > STORY_LINES_MAX]
    assert long in ([], ["orchestrators/running.py"])


def test_no_door_is_longer_than_40_lines() -> None:
    long = [
        f"{shown(path)}:{each.name}"
        for path in modules("triggers")
        for each in functions(path)
        if (each.end_lineno or 0) - each.lineno + 1 > DOOR_LINES_MAX
    ]
    assert not long


def test_the_function_app_only_registers() -> None:
    assert _lines(ROOT / "function_app.py") <= APP_LINES_MAX
