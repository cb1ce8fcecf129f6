"""The seven hit policies and the aggregations: from matching rules to the table's answer.

Source:
    DMN 1.5, 8.2.10 (hit policies), 8.2.11 (default outputs).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from shared.engine.dmn.definitions import Aggregation, DecisionTable, HitPolicy
from shared.engine.feel.compare import check_ordered, same
from shared.engine.feel.running import FeelError, Unit
from shared.engine.feel.values import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.engine.feel.running import Run
    from shared.engine.feel.values import Closure, Scope

type Decide = Callable[[list[int], Scope, Run], Any]


@dataclass(frozen=True, slots=True)
class Outputs:
    """The output columns of a table.

    Attributes:
        names: of the columns; one empty name where the table has a single output.
        rows: for each rule, the closures of its output cells.
        defaults: for each column the default, or None.
        allowed: for each column the allowed values, the best first.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[Closure, ...], ...]
    defaults: tuple[Closure | None, ...]
    allowed: tuple[tuple[Closure, ...], ...]

    @classmethod
    def of(
        cls,
        columns: Sequence[tuple[str, tuple[Closure, ...], Closure | None, tuple[Closure, ...]]],
        *,
        named: bool,
    ) -> Outputs:
        """Outputs of columns given as name, cells, default and allowed values."""
        return cls(
            names=tuple(name if named else "" for name, _, _, _ in columns),
            rows=tuple(zip(*(cells for _, cells, _, _ in columns), strict=True)),
            defaults=tuple(default for _, _, default, _ in columns),
            allowed=tuple(allowed for _, _, _, allowed in columns),
        )

    def row(self, rule: int, scope: Scope, run: Run) -> Any:
        """The output of a rule: a value, or a context where there are several outputs."""
        cells = self.rows[rule]
        if len(cells) == 1:
            return cells[0](scope, run)
        return {name: cell(scope, run) for name, cell in zip(self.names, cells, strict=True)}

    def default(self, scope: Scope, run: Run) -> Any:
        """The output where no rule matches; null without defaults."""
        if not any(self.defaults):
            return None
        values = [cell and cell(scope, run) for cell in self.defaults]
        if len(values) == 1:
            return values[0]
        return dict(zip(self.names, values, strict=True))

    def rank(self, output: Any, run: Run) -> tuple[int, ...]:
        """The place of an output among the allowed values, column by column."""
        values = [output] if len(self.names) == 1 else [output[name] for name in self.names]
        return tuple(
            _place(value, allowed, run)
            for value, allowed in zip(values, self.allowed, strict=True)
            if allowed
        )


def choose(table: DecisionTable, outputs: Outputs, unit: Unit) -> Decide:
    """The function that answers for the table, given the rules that match."""
    policy = POLICIES[table.hit_policy](outputs, unit)
    if table.hit_policy is HitPolicy.COLLECT:
        policy = _collect(outputs, table.aggregation, unit)

    def decide(rules: list[int], scope: Scope, run: Run) -> Any:
        if rules:
            return policy(rules, scope, run)
        return _no_match(table, outputs, unit, scope, run)

    return decide


def _no_match(table: DecisionTable, outputs: Outputs, unit: Unit, scope: Scope, run: Run) -> Any:
    if any(outputs.defaults):
        return outputs.default(scope, run)
    if table.aggregation is Aggregation.COUNT:
        return NUMBERS.create_decimal(0)
    run.note("no rule of the table matches", unit)
    return None


def _unique(outputs: Outputs, unit: Unit) -> Decide:
    def decide(rules: list[int], scope: Scope, run: Run) -> Any:
        if len(rules) == 1:
            return outputs.row(rules[0], scope, run)
        numbers = ", ".join(str(rule + 1) for rule in rules)
        run.note(f"hit policy UNIQUE, but rules {numbers} match", unit)
        return None

    return decide


def _any(outputs: Outputs, unit: Unit) -> Decide:
    def decide(rules: list[int], scope: Scope, run: Run) -> Any:
        first, *others = (outputs.row(rule, scope, run) for rule in rules)
        if all(same(first, other) for other in others):
            return first
        numbers = ", ".join(str(rule + 1) for rule in rules)
        run.note(f"hit policy ANY, but rules {numbers} match with different outputs", unit)
        return None

    return decide


def _first(outputs: Outputs, _unit: Unit) -> Decide:
    return lambda rules, scope, run: outputs.row(rules[0], scope, run)


def _priority(outputs: Outputs, unit: Unit) -> Decide:
    ordered = _output_order(outputs, unit)
    return lambda rules, scope, run: ordered(rules, scope, run)[0]


def _output_order(outputs: Outputs, _unit: Unit) -> Decide:
    def decide(rules: list[int], scope: Scope, run: Run) -> Any:
        rows = [outputs.row(rule, scope, run) for rule in rules]
        return sorted(rows, key=lambda row: outputs.rank(row, run))

    return decide


def _rule_order(outputs: Outputs, _unit: Unit) -> Decide:
    return lambda rules, scope, run: [outputs.row(rule, scope, run) for rule in rules]


def _collect(outputs: Outputs, aggregation: Aggregation, unit: Unit) -> Decide:
    aggregate = AGGREGATES.get(aggregation)

    def decide(rules: list[int], scope: Scope, run: Run) -> Any:
        rows = [outputs.row(rule, scope, run) for rule in rules]
        if aggregate is None:
            return rows
        try:
            return aggregate(rows)
        except (FeelError, ArithmeticError, TypeError):
            run.note(f"the outputs cannot be aggregated by {aggregation}", unit)
            return None

    return decide


POLICIES: dict[HitPolicy, Callable[[Outputs, Unit], Decide]] = {
    HitPolicy.UNIQUE: _unique,
    HitPolicy.ANY: _any,
    HitPolicy.PRIORITY: _priority,
    HitPolicy.FIRST: _first,
    HitPolicy.RULE_ORDER: _rule_order,
    HitPolicy.OUTPUT_ORDER: _output_order,
    HitPolicy.COLLECT: _rule_order,
}
AGGREGATES: dict[Aggregation, Callable[[list[Any]], Any]] = {
    Aggregation.COUNT: lambda rows: NUMBERS.create_decimal(len(rows)),
    Aggregation.SUM: lambda rows: reduce(NUMBERS.add, rows),
    Aggregation.MIN: lambda rows: min(_ordered(rows)),
    Aggregation.MAX: lambda rows: max(_ordered(rows)),
}


def _ordered(rows: list[Any]) -> list[Any]:
    for row in rows:
        check_ordered(rows[0], row)
    return rows


def _place(value: Any, allowed: tuple[Closure, ...], run: Run) -> int:
    for place, test in enumerate(allowed):
        if test({"?": value}, run) is True:
            return place
    return len(allowed)
