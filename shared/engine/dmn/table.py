"""Decision tables compiled: columns to indexes, rules to outputs, the hit policy to a function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.engine.dmn.cell_sets import cell_set
from shared.engine.dmn.column import Column, index_column
from shared.engine.dmn.definitions import Aggregation, DecisionTable, HitPolicy
from shared.engine.dmn.hit_policy import Outputs, choose
from shared.engine.dmn.trace import trace_table
from shared.engine.feel import syntax
from shared.engine.feel.running import FeelError, Unit
from shared.engine.feel.value_types import coerce

if TYPE_CHECKING:
    from shared.engine.dmn.compiling import Author
    from shared.engine.feel.lexer import Names
    from shared.engine.feel.running import Run
    from shared.engine.feel.value_types import Type
    from shared.engine.feel.values import Closure, Scope


class Match(NamedTuple):
    """A rule that matched.

    Attributes:
        decision: the decision, or the knowledge model, whose table it is in.
        rule: its number, from 1.
        rule_id: its id; empty where it has none.
    """

    decision: str
    rule: int
    rule_id: str


@dataclass(frozen=True, slots=True)
class CompiledTable:
    """A decision table, ready to evaluate.

    Attributes:
        source: the table as written.
        decision: name of its owner.
        columns: the input columns.
        outputs: its output columns and their cells.
        matches: what to record for each rule.
        unit: the table, for diagnostics.
    """

    source: DecisionTable
    decision: str
    columns: tuple[Column, ...]
    outputs: Outputs
    matches: tuple[Match, ...]
    unit: Unit

    def matching(self, scope: Scope, run: Run) -> list[int]:
        """Indexes of the rules that match, from 0, in order."""
        rules = (1 << len(self.matches)) - 1
        asked: list[tuple[Column, Any]] = []
        for column in self.columns:
            name = column.name
            value = scope[name] if name and name in scope else column.value(scope, run)
            if type(value) is column.kind:
                rules &= column.lookup(value)
            else:
                rules &= column.other(value, scope, run)
            if column.open:
                asked.append((column, value))
        for column, value in asked:
            if rules & column.open:
                rules &= _asked(column, value, rules & column.open, scope, run) | ~column.open
        if not rules & (rules - 1):
            return [rules.bit_length() - 1] if rules else []
        return list(_bits(rules))


def compile_table(table: DecisionTable, author: Author, names: Names) -> Closure:
    """The closure of a decision table.

    Raises:
        ModelError: a cell is no FEEL, or the table breaks a rule of its hit policy.
    """
    compiled = CompiledTable(
        source=table,
        decision=author.owner,
        columns=tuple(_column(table, number, author, names) for number in range(len(table.inputs))),
        outputs=_outputs(table, author, names),
        matches=tuple(Match(author.owner, rule.index, rule.id) for rule in table.rules),
        unit=Unit(author.owner, ""),
    )
    decide = choose(compiled.source, compiled.outputs, compiled.unit)
    record, matching = compiled.matches, compiled.matching
    # The rows after the first that fits have no part in the answer of FIRST.
    counted = 1 if table.hit_policy is HitPolicy.FIRST else None

    def evaluate(scope: Scope, run: Run) -> Any:
        rules = matching(scope, run)
        run.matched.extend([record[rule] for rule in rules[:counted]])
        if run.trace is not None:
            run.trace.append(trace_table(compiled, rules, scope, run))
        return decide(rules, scope, run)

    return evaluate


def _column(table: DecisionTable, number: int, author: Author, names: Names) -> Column:
    source = table.inputs[number]
    place = f"{author.owner}, input {source.label or number + 1}"
    expression = author.feel(source.expression, names, place)
    closures: list[Closure] = []
    sets = []
    for rule in table.rules:
        text = rule.inputs[number].text
        compiled = author.tests(text, names, f"{author.owner}, rule {rule.index}, {source.label}")
        closures.append(compiled.closure)
        tree = compiled.tree
        sets.append(cell_set(tree) if isinstance(tree, syntax.UnaryTests) else None)
    kinds = {kind for found in sets if found is not None for kind in found.kinds}
    kind = next(iter(kinds)) if len(kinds) == 1 else None
    if kind is None:
        sets = [found if found is not None and found.any else None for found in sets]
    tree = expression.tree
    return Column(
        value=_checked(expression.closure, source.allowed, author, names, place),
        name=tree.name if isinstance(tree, syntax.Name) and not source.allowed else "",
        kind=kind,
        lookup=index_column(sets, kind),
        cells=tuple(closures),
        open=_mask(found is None for found in sets),
        any=_mask(found is not None and found.any for found in sets),
        unit=Unit(place, source.expression),
    )


def _checked(value: Closure, allowed: str, author: Author, names: Names, place: str) -> Closure:
    """The value, with a diagnostic where the column's allowed values do not have it."""
    if not allowed:
        return value
    tests = author.tests(allowed, names, f"{place}, allowed values").closure
    unit = Unit(place, allowed)

    def check(scope: Scope, run: Run) -> Any:
        found = value(scope, run)
        if found is not None and tests({**scope, "?": found}, run) is not True:
            run.note("the value is not among the allowed values", unit)
        return found

    return check


def _outputs(table: DecisionTable, author: Author, names: Names) -> Outputs:
    columns = []
    for number, column in enumerate(table.outputs):
        wanted = author.type(column.type_ref)
        label = column.name or column.label or f"output {number + 1}"
        cells = tuple(
            _output(
                rule.outputs[number].text,
                wanted,
                author,
                names,
                f"{author.owner}, rule {rule.index}, {label}",
            )
            for rule in table.rules
        )
        default = (
            _output(column.default, wanted, author, names, f"{author.owner}, default of {label}")
            if column.default
            else None
        )
        allowed = _allowed_outputs(
            column.allowed or author.allowed_text(column.type_ref),
            author,
            names,
            f"{author.owner}, {label}",
        )
        columns.append((column.name, cells, default, allowed))
    ordered = table.hit_policy in {HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER}
    outputs = Outputs.of(columns, named=len(table.outputs) > 1)
    if ordered and not any(outputs.allowed):
        author.refuse(f"{table.hit_policy} needs the output values in their order", author.owner)
    if len(table.outputs) > 1 and table.aggregation not in {Aggregation.NONE, Aggregation.COUNT}:
        author.refuse("a table with several outputs cannot be aggregated", author.owner)
    return outputs


def _output(text: str, wanted: Type | None, author: Author, names: Names, place: str) -> Closure:
    if not text:
        return lambda _scope, _run: None
    closure = author.feel(text, names, place).closure
    if wanted is None:
        return closure
    unit = Unit(place, text)

    def checked(scope: Scope, run: Run) -> Any:
        value = closure(scope, run)
        try:
            return coerce(value, wanted, run)
        except FeelError as error:
            run.note(error, unit)
            return None

    return checked


def _allowed_outputs(text: str, author: Author, names: Names, place: str) -> tuple[Closure, ...]:
    """One test for each allowed output value, the best first."""
    if not text:
        return ()
    tree = author.tests(text, names, f"{place}, allowed values").tree
    if not isinstance(tree, syntax.UnaryTests):
        return ()
    return tuple(author.closure_of(test, text, place) for test in tree.tests)


def _asked(column: Column, value: Any, rules: int, scope: Scope, run: Run) -> int:
    asked = {**scope, "?": value}
    passing = 0
    for rule in _bits(rules):
        run.spend()
        if column.cells[rule](asked, run):
            passing |= 1 << rule
    return passing


def _bits(rules: int) -> Any:
    while rules:
        lowest = rules & -rules
        yield lowest.bit_length() - 1
        rules ^= lowest


def _mask(flags: Any) -> int:
    return sum(1 << index for index, flag in enumerate(flags) if flag)
