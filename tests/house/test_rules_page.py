"""docs/rules.md is held against the product that it describes."""

import json
import re
import shlex
import subprocess
import sys
from typing import Any

from tests.house.tree import ROOT
from triggers.http.rules import rules

SHOWN = re.compile(r"```console\n\$ python (-m localhost rules [^\n]+)\n(.*?)```", re.DOTALL)
PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")


def test_the_page_tells_every_route_and_no_other() -> None:
    triggers: list[Any] = [builder._function.get_trigger() for builder in rules._function_builders]
    served = {
        f"{method.value} /{each.route}"
        for each in triggers
        if each.get_binding_name() == "httpTrigger"
        for method in each.methods
    }
    assert set(re.findall(r"`((?:GET|POST) /api/[^`]+)`", PAGE)) == served


def test_the_commands_print_what_the_page_shows() -> None:
    """A line of dots stands for what is left out."""
    shown = re.findall(
        r"```console\n\$ python (-m localhost rules [^\n]+)\n(.*?)```", PAGE, re.DOTALL
    )
    run = [(command, output) for command, output in shown if not _is_tested_elsewhere(command)]
    assert len(run) == 3
    for command, output in run:
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, *shlex.split(command)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
        )
        for part in output.split("...\n"):
            assert part in done.stdout, command


def test_the_page_uploads_what_the_door_takes() -> None:
    [program] = re.findall(r"<<'END'.*?\n(.*?)END", PAGE, re.DOTALL)
    done = subprocess.run(  # noqa: S603 - the program of our own page
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert set(json.loads(done.stdout)) == {"xml", "scenarios"}


def _is_tested_elsewhere(command: str) -> bool:
    """With the command: what asks a host, and the long test of all tables."""
    return " rerun " in command or " compare " in command or command.endswith(" test")
