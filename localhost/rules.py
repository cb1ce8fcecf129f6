"""`python -m localhost rules`: what the owners of the rules ask before and after a change."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localhost import rules_in_force
from shared.engine.dmn import compile_model
from shared.engine.dmn.analysis import analyse as find_faults
from shared.engine.dmn.scenarios import MutationReport, Report, mutate, read_scenarios
from shared.engine.dmn.scenarios import run_scenarios as run_all
from shared.engine.dmn.scenarios.scenario import typed_inputs
from shared.engine.feel.writing import write
from shared.errors import CareloomError, ContractError, ModelError

if TYPE_CHECKING:
    import argparse

DECISIONS = Path(__file__).parents[1] / "models" / "decisions"
SCORE_MIN = 90
FAILURES_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    asked = parser.add_subparsers(dest="asked", required=True)
    test = asked.add_parser("test", help="run the scenarios: pass, row coverage, mutation score")
    test.add_argument("model", nargs="?", default="", help="one model; none means all")
    test.add_argument("--folder", type=Path, default=DECISIONS, help="where the models lie")
    test.add_argument("--verbose", action="store_true", help="list what no scenario would notice")
    analysis = asked.add_parser("analyse", help="gaps, overlaps, dead rows and other faults")
    analysis.add_argument("model", nargs="?", default="", help="one model; none means all")
    analysis.add_argument("--folder", type=Path, default=DECISIONS, help="where the models lie")
    traced = asked.add_parser("trace", help="why each row did or did not match")
    traced.add_argument("model")
    traced.add_argument("decision")
    traced.add_argument("given", help="the inputs, as JSON")
    traced.add_argument("--folder", type=Path, default=DECISIONS, help="where the models lie")
    rules_in_force.add_arguments(asked)


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked; answers the exit code."""
    try:
        return ANSWERS[arguments.asked](arguments)
    except CareloomError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def test(arguments: argparse.Namespace) -> int:
    """Print a line for each model; 1 where a scenario fails or the mutation score is too low."""
    width = max(len(file.stem) for file in _files(arguments))
    _print(f"{'model':{width}}  scenarios  failed  rows   reached  mistakes  noticed")
    is_good = True
    for file in _files(arguments):
        is_good &= _test(file, width, is_verbose=arguments.verbose)
    return 0 if is_good else 1


def _test(file: Path, width: int, *, is_verbose: bool) -> bool:
    model = compile_model(file.read_bytes(), file=file.name)
    beside = file.with_suffix(".scenarios.json")
    if not beside.is_file():
        raise ModelError("there are no scenarios beside the model", file=file.name)
    scenarios = read_scenarios(beside.read_bytes(), beside.name)
    now = datetime.now(UTC)
    report = run_all(model, scenarios, now=now)
    if report.failed:
        _print(f"{file.stem:{width}}  {len(scenarios):9}  {len(report.failed):6}")
        _show_failures(report)
        return False
    found = mutate(model, scenarios, now=now)
    rows = len(report.coverage.reached) + len(report.coverage.missed)
    _print(
        f"{file.stem:{width}}  {len(scenarios):9}  {0:6}  {rows:4}  {report.coverage.percent:7.1f}%"
        f"  {found.made:8}  {found.score:6.1f}%"
    )
    if is_verbose:
        _show_missed(report, found)
    return found.score >= SCORE_MIN


def _show_failures(report: Report) -> None:
    for outcome in report.failed[:FAILURES_SHOWN]:
        rows = ", ".join(row.rule_id or str(row.rule) for row in outcome.rows) or "no row"
        _print(f"  FAILED {outcome.scenario.name}: {outcome.why}")
        _print(f"    expected {outcome.scenario.expect}, was {outcome.answer}, by {rows}")


def _show_missed(report: Report, found: MutationReport) -> None:
    for row in report.coverage.missed:
        _print(f"  no scenario reaches {row.decision}, row {row.rule_id or row.rule}")
    for survivor in found.survivors:
        row_name = survivor.rule_id or survivor.rule
        _print(f"  unnoticed: {survivor.decision}, row {row_name}: {survivor.mistake}")


def analyse(arguments: argparse.Namespace) -> int:
    """Print what is wrong with each model; 1 where something is an error."""
    is_good = True
    for file in _files(arguments):
        analysis = find_faults(file.read_bytes(), file=file.name)
        is_good &= not analysis.errors
        _print(f"{file.stem}: {len(analysis.errors)} errors, {len(analysis.findings)} findings")
        for finding in analysis.findings:
            _print(f"  {finding.severity}: {finding.kind}: {finding.element}: {finding.message}")
            for cell in finding.cells:
                row = f"row {cell.rule_id or cell.rule}"
                _print(
                    f"      {row}, {cell.column}: {cell.text}" if cell.column else f"      {row}"
                )
            if finding.example:
                shown = ", ".join(f"{name} = {text}" for name, text in finding.example.items())
                _print(f"      for example {shown}")
    return 0 if is_good else 1


def trace(arguments: argparse.Namespace) -> int:
    """Print the answer, and of each row the cells that kept it from matching."""
    [file] = _files(arguments)
    model = compile_model(file.read_bytes(), file=file.name)
    given = typed_inputs(model, read_given(arguments.given))
    now = datetime.now(UTC)
    result = model.evaluate(arguments.decision, given, now=now, trace=True)
    _print(f"answer: {write([result.value])[1:-1]}")
    for note in result.diagnostics:
        _print(f"  {note.element}: {note.message}")
    decided = {(row.decision, row.rule) for row in result.matched}
    for table in result.trace:
        _print(f"{table.decision} ({table.hit_policy})")
        for row in table.rows:
            is_deciding = (table.decision, row.rule) in decided
            mark = "decides" if is_deciding else "fits" if row.matched else "-"
            _print(f"  {mark:8} row {row.rule_id or row.rule}")
            for cell in row.cells:
                if not cell.matched:
                    why = f" ({cell.reason})" if cell.reason else ""
                    shown = write([cell.value])[1:-1]
                    _print(f"             {cell.input} = {shown} is not {cell.test}{why}")
    return 0


def read_given(text: str) -> dict[str, Any]:
    """Inputs from the command line.

    Raises:
        ContractError: the text is no JSON object.
    """
    try:
        given = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise ContractError("the inputs are no JSON") from error
    if not isinstance(given, dict):
        raise ContractError("the inputs are no JSON object")
    return given


def _files(arguments: argparse.Namespace) -> list[Path]:
    files = sorted(arguments.folder.glob(f"{arguments.model or '*'}.dmn"))
    if not files:
        raise ModelError(f"there is no model {arguments.model or 'at all'} in the folder")
    return files


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


ANSWERS = {
    "test": test,
    "analyse": analyse,
    "trace": trace,
    "rerun": rules_in_force.rerun,
    "compare": rules_in_force.compare,
}
