import subprocess
import sys
from pathlib import Path

from localhost.__main__ import COMMANDS

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "localhost", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_help_names_every_command() -> None:
    shown = run("--help")

    assert shown.returncode == 0
    for command in COMMANDS:
        assert f"{command}:" in shown.stdout


def test_every_command_has_help_of_its_own() -> None:
    for command in COMMANDS:
        assert run(command, "--help").returncode == 0


def test_an_unknown_command_is_refused() -> None:
    shown = run("fly")

    assert shown.returncode == 2
    assert "fly" in shown.stderr


def test_another_python_is_told_which_one_is_needed() -> None:
    pretend = (
        "import sys, runpy; sys.version_info = (3, 9, 0, 'final', 0); "
        "sys.argv = ['localhost', 'serve']; runpy.run_module('localhost', run_name='__main__')"
    )

    shown = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", pretend],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert shown.returncode == 2
    assert shown.stderr.startswith("Careloom needs Python 3.13, and this is 3.9: ")
    assert shown.stderr.count("\n") == 1
