"""Pages that can go stale are held against what they tell of."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from localhost.__main__ import COMMANDS
from tests.house.tree import ROOMS, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "CHANGELOG.md"]


def test_every_make_command_of_the_readme_is_a_target() -> None:
    named = set(re.findall(r"`make ([a-z-]+)`", README))
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    assert named >= {"run", "demo", "test", "check", "bench"}
    assert named <= targets


def test_every_local_command_is_in_the_readme_or_behind_make() -> None:
    for command in COMMANDS:
        assert f"localhost {command}" in README or f"`make {command}`" in README


def test_the_gate_runs_the_test_command_of_the_readme() -> None:
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    check = MAKEFILE.split("\ncheck:")[1].split("\n\n")[0]
    assert "make check" in gate
    assert "$(MAKE) test" in check


def test_every_room_is_in_the_tree_of_the_readme() -> None:
    assert all(f"{room}/" in README for room in ROOMS)


@pytest.mark.parametrize("document", PAGES, ids=lambda each: each.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        if not link.startswith(("http://", "https://")):
            assert (document.parent / link).exists(), link


def test_the_command_line_explains_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "localhost", "--help"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert all(command in done.stdout for command in COMMANDS)
