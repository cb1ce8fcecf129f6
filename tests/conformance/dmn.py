"""Runs DMN TCK-shaped cases: `python -m tests.conformance.dmn DIR [--failures] [--min PERCENT]`.

About two cases in five expect null, which an engine that always fails would pass, so the cases
that expect a value are counted on their own as well.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from shared.engine.dmn import Model, compile_model
from shared.errors import ModelError
from tests.conformance.tck_values import agrees, read_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CASE_NAMESPACE = "{http://www.omg.org/spec/DMN/20160719/testcase}"
LEVEL = re.compile(r"compliance-level-(\d)")
NO_LEVEL = "other"


@dataclass(frozen=True, slots=True)
class Check:
    """One expected result of one case.

    Attributes:
        level: "2", "3", or "other".
        suite: name of the folder.
        case: id of the case and name of the result.
        expected: the expected value.
        answer: what the engine answered.
        reason: why there is no answer, or the first diagnostic; may be empty.
        passed: whether they agree.
    """

    level: str
    suite: str
    case: str
    expected: Any
    answer: Any
    reason: str
    passed: bool


def run_folder(folder: Path) -> Iterator[Check]:
    """Every check of every case file below a folder, in the order of their paths."""
    for path in sorted(folder.rglob("*.xml")):
        root = _case_file(path)
        if root is not None:
            yield from _run_file(path, root)


def tally(checks: Sequence[Check]) -> dict[str, tuple[int, int, int, int]]:
    """Per level: passed, total, passed that expect a value, total that expect a value."""
    counts: dict[str, Counter[str]] = {}
    for check in checks:
        count = counts.setdefault(check.level, Counter())
        count["total"] += 1
        count["passed"] += check.passed
        if check.expected is not None:
            count["valued"] += 1
            count["valued passed"] += check.passed
    return {
        level: (count["passed"], count["total"], count["valued passed"], count["valued"])
        for level, count in sorted(counts.items())
    }


def tally_line(level: str, counts: tuple[int, int, int, int]) -> str:
    """One printed line of the tally."""
    passed, total, valued_passed, valued = counts
    return (
        f"level {level}: {passed}/{total} passed ({_percent(passed, total)}), "
        f"non-null {valued_passed}/{valued} passed ({_percent(valued_passed, valued)})"
    )


def failure_line(check: Check) -> str:
    """One printed line of a failure."""
    return (
        f"level {check.level} {check.suite} {check.case}: expected {check.expected!s}, "
        f"got {check.answer!s} ({check.reason})"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. 0 when every level passes at least the asked share, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.dmn")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--failures", action="store_true", help="list every failure")
    parser.add_argument("--min", type=float, default=0.0, metavar="PERCENT")
    options = parser.parse_args(arguments)
    checks = list(run_folder(options.folder))
    if not checks:
        sys.stdout.write(f"no cases under {options.folder}\n")
        return 1
    levels = tally(checks)
    lines = [tally_line(level, counts) for level, counts in levels.items()]
    if options.failures:
        lines += [failure_line(check) for check in checks if not check.passed]
    sys.stdout.write("\n".join([*lines, ""]))
    enough = all(100 * counts[0] >= options.min * counts[1] for counts in levels.values())
    return 0 if enough else 1


def _case_file(path: Path) -> ET.Element | None:
    try:
        root = ET.parse(path).getroot()  # noqa: S314 - the cases are files that we chose
    except ET.ParseError:
        return None
    return root if root.tag == f"{CASE_NAMESPACE}testCases" else None


def _run_file(path: Path, root: ET.Element) -> Iterator[Check]:
    found = LEVEL.search(path.as_posix())
    level = found[1] if found else NO_LEVEL
    model_name = (root.findtext(f"{CASE_NAMESPACE}modelName") or "").strip()
    try:
        model: Model | None = _load(path.parent / (model_name or f"{path.parent.name}.dmn"))
        reason = ""
    except (ModelError, OSError) as error:
        model, reason = None, str(error)
    for case in root.iter(f"{CASE_NAMESPACE}testCase"):
        for node in case.iter(f"{CASE_NAMESPACE}resultNode"):
            expected_element = node.find(f"{CASE_NAMESPACE}expected")
            expected = None if expected_element is None else read_value(expected_element)
            answer, why = (None, reason) if model is None else _answer(model, case, node)
            passed = model is not None and agrees(answer, expected)
            name = f"{case.get('id')} {node.get('name')}"
            yield Check(level, path.parent.name, name, expected, answer, why, passed)


def _load(path: Path) -> Model:
    """The model of a file; the models it may import are its neighbours."""
    neighbours: dict[str, Path] = {}
    for other in sorted(path.parent.glob("*.dmn")):
        namespace = re.search(r'\snamespace\s*=\s*"([^"]*)"', other.read_text("utf-8"))
        if namespace:
            neighbours.setdefault(namespace[1], other)

    def find(namespace: str) -> Model | None:
        return _load(neighbours[namespace]) if namespace in neighbours else None

    return compile_model(path.read_bytes(), file=path.name, imports=find, lenient=True)


def _answer(model: Model, case: ET.Element, node: ET.Element) -> tuple[Any, str]:
    inputs = {}
    for given in case.iter(f"{CASE_NAMESPACE}inputNode"):
        name, namespace = given.get("name", ""), given.get("namespace")
        inputs[f"{namespace}#{name}" if namespace else name] = read_value(given)
    name = node.get("name", "")
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    try:
        if case.get("type") == "decisionService":
            result = model.evaluate_service(case.get("invocableName", ""), inputs, now=now)
            answer = result.value.get(name)
        else:
            result = model.evaluate(name, inputs, now=now)
            answer = result.value
    except ModelError as error:
        return None, str(error)
    return answer, result.diagnostics[0].message if result.diagnostics else ""


def _percent(passed: int, total: int) -> str:
    return f"{100 * passed / total:.1f} %" if total else "none"


if __name__ == "__main__":
    sys.exit(main())
