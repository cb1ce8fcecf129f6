"""Closures of unary tests: the cells of decision tables, allowed values, and "in".

In a cell the tested value is the variable "?". A test that uses "?" passes where it is true; any
other passes where the tested value equals it, or lies in it where it is a range or a list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.engine.feel import syntax
from shared.engine.feel.compare import check_ordered, compare, contains, equal, passes
from shared.engine.feel.running import FeelError
from shared.engine.feel.values import Range

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.engine.feel.compiler import Compiler
    from shared.engine.feel.running import Run
    from shared.engine.feel.values import Closure, Scope

type Test = Callable[[Any, Scope, Run], bool]

INPUT = "?"


def compile_unary_tests(compiler: Compiler, node: syntax.UnaryTests) -> Closure:
    """The closure of a cell: whether scope["?"] passes.

    Raises:
        ModelError: a test names a type that is not known.
    """
    if node.any:
        return lambda _scope, _run: True
    tests = [_test(compiler, test) for test in node.tests]
    wanted = not node.negated
    unit = compiler.unit
    columns = [test.column for test in node.tests]

    def check(scope: Scope, run: Run) -> bool:
        value = scope[INPUT]
        for test, column in zip(tests, columns, strict=True):
            try:
                if test(value, scope, run):
                    return wanted
            except FeelError as error:
                run.note(error, unit, column)
        return not wanted

    return check


def uses_input(node: syntax.Node) -> bool:
    """Whether an expression mentions the tested value."""
    return any(isinstance(part, syntax.Name) and part.name == INPUT for part in syntax.walk(node))


def _test(compiler: Compiler, node: syntax.Node) -> Test:
    """A test of a cell.

    It raises FeelError where the value cannot be compared, which fails the test.
    """
    if isinstance(node, syntax.Test | syntax.Literal | syntax.RangeLiteral):
        return _member_test(compiler, node)
    if uses_input(node):
        closure = compiler.compile(node)
        return lambda _value, scope, run: closure(scope, run) is True
    closure = compiler.compile(node)

    def test(value: Any, scope: Scope, run: Run) -> bool:
        found = closure(scope, run)
        if type(found) is bool and type(value) is not bool:
            return found  # A condition on other variables.
        return passes(value, _charged(found, run))

    return test


def _member_test(compiler: Compiler, node: syntax.Node) -> Test:
    if isinstance(node, syntax.Test):
        operand, operator = compiler.compile(node.operand), node.operator
        if operator in {"=", "!="}:
            wanted = operator == "="
            return lambda value, scope, run: equal(value, operand(scope, run)) is wanted
        return lambda value, scope, run: compare(operator, value, operand(scope, run))
    closure = compiler.compile(node)
    if isinstance(node, syntax.RangeLiteral):
        return lambda value, scope, run: contains(_known(closure(scope, run)), value)
    return lambda value, scope, run: passes(value, _charged(closure(scope, run), run))


def _charged(test: Any, run: Run) -> Any:
    if type(test) is list:
        run.spend(len(test))
    return test


def _known(area: Range | None) -> Range:
    if area is None:
        raise FeelError("the range has no value")
    return area


def _in(compiler: Compiler, node: syntax.In) -> Closure:
    value = compiler.compile(node.value)
    tests = [_member_test(compiler, test) for test in node.tests]
    unit, column = compiler.unit, node.column

    def check(scope: Scope, run: Run) -> bool | None:
        found = value(scope, run)
        reason: FeelError | None = None
        for test in tests:
            try:
                if test(found, scope, run):
                    return True
            except FeelError as error:
                reason = error
        if reason is None:
            return False
        run.note(reason, unit, column)
        return None

    return check


def _range_of_test(compiler: Compiler, node: syntax.Test) -> Closure:
    """A test with an operator where it stands as a value: a range, or all values but one."""
    operand, operator = compiler.compile(node.operand), node.operator
    unit, column = compiler.unit, node.column

    def build(scope: Scope, run: Run) -> Range | None:
        end = operand(scope, run)
        try:
            return _as_range(operator, end)
        except FeelError as error:
            run.note(error, unit, column)
            return None

    return build


def _as_range(operator: str, end: Any) -> Range:
    if operator in {"=", "!="}:
        return Range(end, end, operator=operator)
    check_ordered(end, end)
    included = operator in {"<=", ">="}
    if operator.startswith("<"):
        return Range(None, end, start_included=False, end_included=included)
    return Range(end, None, start_included=included, end_included=False)


HANDLERS: dict[type[syntax.Node], Callable[[Compiler, Any], Closure]] = {
    syntax.In: _in,
    syntax.Test: _range_of_test,
}
