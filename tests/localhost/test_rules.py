"""The command of those who own the rules, as they type it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from localhost.started_host import StartedHost
from tests.shared.engine.dmn.samples import table_model
from tests.triggers.sending import submit_sample

ROOT = Path(__file__).resolve().parents[2]
FEES = [["< 18", "5"], [">= 18", "10"]]


def rules(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "localhost", "rules", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one model that its scenarios test well."""
    (tmp_path / "fee.dmn").write_text(table_model(["age"], FEES))
    write_scenarios(tmp_path, {17: 5, 18: 10, 40: 10})
    return tmp_path


def write_scenarios(folder: Path, answers: dict[int, int]) -> None:
    listed = [
        {"name": f"age {age}", "decision": "D", "given": {"age": age}, "expect": expect}
        for age, expect in answers.items()
    ]
    (folder / "fee.scenarios.json").write_text(json.dumps({"scenarios": listed}))


def test_every_shipped_table_is_tested_and_its_scenarios_notice_nine_mistakes_of_ten() -> None:
    code, said = rules("test")
    assert code == 0, said
    lines = said.splitlines()[1:]
    assert len(lines) == len(list((ROOT / "models" / "decisions").glob("*.dmn")))
    assert all(float(line.split()[-1].rstrip("%")) >= 90 for line in lines)


def test_a_failing_scenario_is_shown_with_its_row(folder: Path) -> None:
    write_scenarios(folder, {17: 5, 18: 11})
    code, said = rules("test", "--folder", str(folder))
    assert code == 1
    assert "FAILED age 18: another answer than expected" in said
    assert "expected 11, was 10, by r2" in said


def test_mistakes_that_nothing_notices_fail_the_test_and_are_listed(folder: Path) -> None:
    write_scenarios(folder, {4: 5, 40: 10})
    code, said = rules("test", "fee", "--folder", str(folder), "--verbose")
    assert code == 1
    assert "80.0%" in said
    assert "unnoticed: D, row r1: age is <= 18" in said


def test_a_model_without_scenarios_fails(folder: Path) -> None:
    (folder / "fee.scenarios.json").unlink()
    code, said = rules("test", "--folder", str(folder))
    assert code == 1
    assert said.splitlines()[-1] == "fee.dmn: there are no scenarios beside the model"


def test_analysis_names_cells_and_example_and_fails_on_an_error(folder: Path) -> None:
    (folder / "fee.dmn").write_text(table_model(["age"], [["<= 18", "5"], [">= 18", "10"]]))
    code, said = rules("analyse", "--folder", str(folder))
    assert code == 1
    assert "error: overlap: D: both rows fit the same values, which UNIQUE forbids" in said
    assert "row r1, age: <= 18" in said
    assert "for example age = 18" in said


def test_a_trace_tells_why_each_row_did_not_match(folder: Path) -> None:
    code, said = rules("trace", "fee", "D", '{"age": 4}', "--folder", str(folder))
    assert code == 0
    assert said.splitlines() == [
        "answer: 5",
        "D (UNIQUE)",
        "  decides  row r1",
        "  -        row r2",
        "             age = 4 is not >= 18",
    ]
    assert rules("trace", "fee", "D", "4", "--folder", str(folder))[0] == 1


def test_a_case_is_decided_again_and_a_version_compared(careloom: StartedHost) -> None:
    case_id, _ = submit_sample(careloom, "auto-approved")
    code, said = rules("rerun", case_id, "--url", careloom.url)
    assert code == 0, said
    assert "auto-approval@" in said
    last = said.splitlines()[-1].split()
    assert last[0] == last[2] != "0"
    code, said = rules("compare", "auto-approval", "latest", "--url", careloom.url)
    assert code == 0, said
    assert said.startswith("0 of ")


def test_a_host_that_is_not_there_is_said_in_one_line() -> None:
    code, said = rules("rerun", "case-1", "--url", "http://127.0.0.1:9")
    assert code == 1
    assert len(said.splitlines()) == 1


def test_a_case_that_is_not_there_is_said(careloom: StartedHost) -> None:
    code, said = rules("rerun", "no-such-case", "--url", careloom.url)
    assert (code, "404" in said) == (1, True)
