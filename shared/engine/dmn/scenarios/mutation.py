"""The mutation score: how many of an author's possible mistakes the scenarios would notice.

A mistake that changes no answer is none, and does not count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from shared.engine.dmn.analysis.domains import input_domains
from shared.engine.dmn.analysis.equivalence import are_equivalent
from shared.engine.dmn.definitions import (
    Context,
    DecisionTable,
    Definitions,
    Entry,
    Expression,
    FunctionExpression,
)
from shared.engine.dmn.linking import Linked
from shared.engine.dmn.model import Model
from shared.engine.dmn.scenarios.mutants import Mutant, mutants_of
from shared.engine.dmn.scenarios.scenario import Scenario, plain, same, typed_inputs
from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mistake that no scenario would notice.

    Attributes:
        decision: the owner of the table.
        rule: the number of the row, from 1; rule_id: its id.
        mistake: what was changed, in words.
    """

    decision: str
    rule: int
    rule_id: str
    mistake: str


@dataclass(frozen=True, slots=True)
class MutationReport:
    """What the scenarios noticed.

    Attributes:
        made: mistakes that were tried, without those that change no answer.
        equivalent: mistakes that change no answer.
        survivors: those that no scenario noticed.
    """

    made: int
    equivalent: int
    survivors: tuple[Survivor, ...]

    @property
    def score(self) -> float:
        """The share of mistakes noticed, in percent; 100 where there are none to make."""
        return 100 * (self.made - len(self.survivors)) / self.made if self.made else 100.0


@dataclass(frozen=True, slots=True)
class _Ask:
    """A scenario made ready: its inputs typed, and the rows that decide it in the true model."""

    decision: str
    given: dict[str, Any]
    expect: Any
    rows: frozenset[tuple[str, int]]


def mutate(model: Model, scenarios: Sequence[Scenario], *, now: datetime) -> MutationReport:
    """Try every mistake on every table of a model.

    Args:
        scenarios: all of them hold for the model.

    Raises:
        ModelError: the model imports others, which this does not follow.
    """
    if model.definitions.imports:
        raise ModelError("mutation does not follow imports", file=model.definitions.file)
    asks = [_ask(model, scenario, now) for scenario in scenarios]
    made = equivalent = 0
    survivors = []
    for owner, table in model.tables:
        domains = input_domains(table, model)
        for mutant in mutants_of(table, model):
            if _is_noticed(model, owner, table, mutant, asks, now):
                made += 1
            elif are_equivalent(table, mutant.table, domains):
                equivalent += 1
            else:
                made += 1
                survivors.append(Survivor(owner, mutant.rule, mutant.rule_id, mutant.mistake))
    return MutationReport(made, equivalent, tuple(survivors))


def _ask(model: Model, scenario: Scenario, now: datetime) -> _Ask:
    given = typed_inputs(model, scenario.given)
    matched = model.evaluate(scenario.decision, given, now=now).matched
    rows = frozenset((row.decision, row.rule) for row in matched)
    return _Ask(scenario.decision, given, scenario.expect, rows)


def _is_noticed(
    model: Model,
    owner: str,
    table: DecisionTable,
    mutant: Mutant,
    asks: Sequence[_Ask],
    now: datetime,
) -> bool:
    try:
        linked = Linked(_with_table(model.definitions, table, mutant.table), [], None)
        mutated = Model(linked, "", is_timeless=model.is_timeless)
    except ModelError:
        return True
    # A scenario that the row decides is the likeliest to notice.
    likely = sorted(asks, key=lambda ask: (owner, mutant.rule) not in ask.rows)
    return any(not _holds(mutated, ask, now) for ask in likely)


def _holds(model: Model, ask: _Ask, now: datetime) -> bool:
    try:
        result = model.evaluate(ask.decision, ask.given, now=now)
    except ModelError:
        return False
    return same(plain(result.value), ask.expect) and (ask.expect is None or not result.diagnostics)


def _with_table(definitions: Definitions, old: DecisionTable, new: DecisionTable) -> Definitions:
    return replace(
        definitions,
        decisions=tuple(
            replace(decision, logic=_replaced(decision.logic, old, new))
            for decision in definitions.decisions
        ),
        knowledge=tuple(
            replace(knowledge, logic=_replaced(knowledge.logic, old, new))
            for knowledge in definitions.knowledge
        ),
    )


def _replaced(logic: Any, old: DecisionTable, new: DecisionTable) -> Any:
    if logic is old:
        return new
    match logic:
        case Context(entries=entries):
            return replace(logic, entries=tuple(_entry(each, old, new) for each in entries))
        case FunctionExpression(body=body):
            return replace(logic, body=_replaced(body, old, new))
    return logic


def _entry(entry: Entry, old: DecisionTable, new: DecisionTable) -> Entry:
    value: Expression | None = _replaced(entry.value, old, new)
    return replace(entry, value=value)
