"""Closures of operators: arithmetic, comparisons, logic, between, and filters."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shared.engine.feel import syntax
from shared.engine.feel.arithmetic import OPERATIONS, negate
from shared.engine.feel.compare import ORDERS, compare, equal
from shared.engine.feel.running import CHARACTERS_A_STEP, FeelError
from shared.engine.feel.values import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.engine.feel.compiler import Compiler
    from shared.engine.feel.running import Run
    from shared.engine.feel.values import Closure, Scope

QUICK: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": NUMBERS.add,
    "-": NUMBERS.subtract,
    "*": NUMBERS.multiply,
}


def _arithmetic(compiler: Compiler, node: syntax.Arithmetic) -> Closure:
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    unit, column = compiler.unit, node.column
    operation = OPERATIONS[node.operator]
    quick: Callable[[Any, Any], Any] = QUICK.get(node.operator, operation)

    def calculate(scope: Scope, run: Run) -> Any:
        first, second = left(scope, run), right(scope, run)
        try:
            if type(first) is Decimal and type(second) is Decimal:
                return quick(first, second)
            if type(first) is str:
                run.spend(len(first) // CHARACTERS_A_STEP)
            return operation(first, second)
        except FeelError as error:
            run.note(error, unit, column)
        except ArithmeticError:
            run.note("the result is no number", unit, column)
        return None

    return calculate


def _negation(compiler: Compiler, node: syntax.Negation) -> Closure:
    operand = compiler.compile(node.operand)
    unit, column = compiler.unit, node.column

    def calculate(scope: Scope, run: Run) -> Any:
        try:
            return negate(operand(scope, run))
        except FeelError as error:
            run.note(error, unit, column)
            return None

    return calculate


def _comparison(compiler: Compiler, node: syntax.Comparison) -> Closure:
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    unit, column, operator = compiler.unit, node.column, node.operator
    if operator in {"=", "!="}:
        wanted = operator == "="

        def equate(scope: Scope, run: Run) -> Any:
            first, second = left(scope, run), right(scope, run)
            if type(first) is list:
                run.spend(len(first))
            try:
                return equal(first, second) is wanted
            except FeelError as error:
                run.note(error, unit, column)
                return None

        return equate
    order = ORDERS[operator]

    def place(scope: Scope, run: Run) -> bool | None:
        first, second = left(scope, run), right(scope, run)
        if type(first) is Decimal and type(second) is Decimal:
            return order(first, second)
        try:
            return compare(operator, first, second)
        except FeelError as error:
            run.note(error, unit, column)
            return None

    return place


def _between(compiler: Compiler, node: syntax.Between) -> Closure:
    value = compiler.compile(node.value)
    low, high = compiler.compile(node.low), compiler.compile(node.high)
    unit, column = compiler.unit, node.column

    def place(scope: Scope, run: Run) -> bool | None:
        found = value(scope, run)
        lowest, highest = low(scope, run), high(scope, run)
        try:
            return compare(">=", found, lowest) and compare("<=", found, highest)
        except FeelError as error:
            run.note(error, unit, column)
            return None

    return place


def _logical(compiler: Compiler, node: syntax.Logical) -> Closure:
    """Three-valued logic: the deciding value is False for "and", True for "or"."""
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    unit, column = compiler.unit, node.column
    deciding = node.operator == "or"

    def decide(scope: Scope, run: Run) -> Any:
        first = left(scope, run)
        if first is deciding:
            return deciding
        second = right(scope, run)
        if second is deciding:
            return deciding
        if first is (not deciding) and second is (not deciding):
            return not deciding
        run.note("an operand is neither true nor false", unit, column)
        return None

    return decide


def _filter(compiler: Compiler, node: syntax.Filter) -> Closure:
    source, condition = compiler.compile(node.source), compiler.compile(node.condition)
    unit, column = compiler.unit, node.column

    take = _item_at if _is_number(node.condition) else None

    def select(scope: Scope, run: Run) -> Any:
        items = source(scope, run)
        try:
            listed = as_list(items)
            if take is not None:
                return take(listed, condition(scope, run))
            return apply_filter(listed, condition, scope, run)
        except FeelError as error:
            run.note(error, unit, column)
            return None

    return select


def as_list(items: Any) -> list[Any]:
    """What a filter looks through: a list, or a single value as a list of one.

    Raises:
        FeelError: null.
    """
    if items is None:
        raise FeelError("there is nothing to filter")
    return items if type(items) is list else [items]


def apply_filter(items: list[Any], condition: Closure, scope: Scope, run: Run) -> Any:
    """The items for which a condition is true, or the item at the position that it names.

    The condition sees each item as "item", and the entries of an item that is a context.

    Raises:
        FeelError: there is no item at the position, or the condition is something else.
    """
    run.spend(len(items))
    if not items:
        position = condition({**scope, "item": None}, run) if scope else None
        return None if type(position) is Decimal else []
    kept: list[Any] = []
    for index, item in enumerate(items):
        inner = {**scope, "item": item}
        if type(item) is dict:
            inner.update(item)
        answer = condition(inner, run)
        if answer is True:
            kept.append(item)
        elif index == 0 and type(answer) is Decimal:
            return _item_at(items, answer)
        elif answer is not None and answer is not False:
            raise FeelError("a filter is neither true, false nor a position")
    return kept


def _item_at(items: list[Any], position: Any) -> Any:
    index = int(position) if type(position) is Decimal and position == int(position) else 0
    if index == 0 or abs(index) > len(items):
        raise FeelError("there is no such position in the list")
    return items[index - 1 if index > 0 else index]


def _is_number(node: syntax.Node) -> bool:
    if isinstance(node, syntax.Negation):
        node = node.operand
    return isinstance(node, syntax.Literal) and type(node.value) is Decimal


HANDLERS: dict[type[syntax.Node], Callable[[Compiler, Any], Closure]] = {
    syntax.Arithmetic: _arithmetic,
    syntax.Negation: _negation,
    syntax.Comparison: _comparison,
    syntax.Between: _between,
    syntax.Logical: _logical,
    syntax.Filter: _filter,
}
