"""Running scenarios against a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.engine.dmn.scenarios.coverage import Coverage, coverage_of
from shared.engine.dmn.scenarios.scenario import Scenario, plain, same, typed_inputs
from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from shared.engine.dmn.model import Model
    from shared.engine.dmn.table import Match


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one scenario.

    Attributes:
        passed: whether the answer is the expected one.
        answer: the answer, as JSON has it.
        why: what is wrong; empty where it passed.
        rows: the rows that decided.
    """

    scenario: Scenario
    passed: bool
    answer: Any
    why: str
    rows: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What came of all scenarios."""

    outcomes: tuple[Outcome, ...]
    coverage: Coverage

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Those that did not pass."""
        return tuple(outcome for outcome in self.outcomes if not outcome.passed)


def run_scenarios(model: Model, scenarios: Sequence[Scenario], *, now: datetime) -> Report:
    """Run every scenario.

    Args:
        now: the time of now() and today().
    """
    outcomes = tuple(_run(model, scenario, now) for scenario in scenarios)
    decided = (row for outcome in outcomes for row in outcome.rows)
    return Report(outcomes, coverage_of(model, decided))


def _run(model: Model, scenario: Scenario, now: datetime) -> Outcome:
    try:
        given = typed_inputs(model, scenario.given)
        result = model.evaluate(scenario.decision, given, now=now)
    except ModelError as error:
        return Outcome(scenario, passed=False, answer=None, why=str(error), rows=())
    answer = plain(result.value)
    why = ""
    if not same(answer, scenario.expect):
        why = "another answer than expected"
    elif answer is not None and result.diagnostics:
        first = result.diagnostics[0]
        why = f"{first.element}: {first.message}"
    return Outcome(scenario, passed=not why, answer=answer, why=why, rows=result.matched)
