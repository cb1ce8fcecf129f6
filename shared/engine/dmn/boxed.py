"""Boxed expressions to closures.

Source:
    DMN 1.5, 10.2.1 (boxed expressions).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.engine.dmn import definitions as dmn
from shared.engine.dmn.table import compile_table
from shared.engine.feel.compile_loops import for_each, quantify
from shared.engine.feel.compile_operators import apply_filter, as_list
from shared.engine.feel.functions import UserFunction
from shared.engine.feel.lexer import Names
from shared.engine.feel.running import FeelError, Unit
from shared.engine.feel.value_types import ANY, coerce

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.engine.dmn.compiling import Author
    from shared.engine.feel.running import Run
    from shared.engine.feel.values import Closure, Scope


def compile_boxed(expression: dmn.Expression | None, author: Author, names: Names) -> Closure:
    """The closure of a boxed expression, its result converted to its type.

    Args:
        expression: None has no value.
        author: who compiles its texts.
        names: what is in scope.

    Raises:
        ModelError: a text in it is no FEEL, or names a type that is not there.
    """
    if expression is None:
        return _undefined("there is no expression", author)
    closure = COMPILERS[type(expression)](expression, author, names)
    return converted(closure, expression.type_ref, author)


def converted(closure: Closure, type_ref: str, author: Author) -> Closure:
    """A closure whose value is converted to a type; null, and a diagnostic, where it is none."""
    wanted = author.type(type_ref)
    if wanted is None:
        return closure
    unit = Unit(author.owner, "")

    def convert(scope: Scope, run: Run) -> Any:
        value = closure(scope, run)
        try:
            return coerce(value, wanted, run)
        except FeelError:
            run.note(f"the value is no {type_ref}", unit)
            return None

    return convert


def _undefined(message: str, author: Author) -> Closure:
    unit = Unit(author.owner, "")

    def undefined(_scope: Scope, run: Run) -> None:
        run.note(message, unit)

    return undefined


def _literal(node: dmn.LiteralExpression, author: Author, names: Names) -> Closure:
    if not node.text:
        return _undefined("there is no expression", author)
    if node.language and "feel" not in node.language.lower():
        return _undefined("an expression in another language is not run", author)
    return author.feel(node.text, names, author.owner).closure


def _context(node: dmn.Context, author: Author, names: Names) -> Closure:
    inner = Names(outer=names)
    entries: list[tuple[str, Closure]] = []
    for entry in node.entries:
        value = compile_boxed(entry.value, author, inner)
        value = converted(value, entry.variable.type_ref, author)
        entries.append((entry.variable.name, value))
        inner.add(entry.variable.name)

    def build(scope: Scope, run: Run) -> Any:
        own = dict(scope)
        context: dict[str, Any] = {}
        for name, value in entries:
            found = value(own, run)
            if not name:
                return found
            own[name] = context[name] = found
        return context

    return build


def _list(node: dmn.ListExpression, author: Author, names: Names) -> Closure:
    items = [compile_boxed(item, author, names) for item in node.items]
    return lambda scope, run: [item(scope, run) for item in items]


def _relation(node: dmn.Relation, author: Author, names: Names) -> Closure:
    columns = [column.name for column in node.columns]
    rows = [
        [
            converted(compile_boxed(cell, author, names), column.type_ref, author)
            for cell, column in zip(row, node.columns, strict=True)
        ]
        for row in node.rows
    ]
    return lambda scope, run: [
        {name: cell(scope, run) for name, cell in zip(columns, row, strict=True)} for row in rows
    ]


def _invocation(node: dmn.Invocation, author: Author, names: Names) -> Closure:
    target = compile_boxed(node.function, author, names)
    bindings = [
        (
            entry.variable.name,
            converted(compile_boxed(entry.value, author, names), entry.variable.type_ref, author),
        )
        for entry in node.bindings
    ]
    unit = Unit(author.owner, "")

    def call(scope: Scope, run: Run) -> Any:
        function = target(scope, run)
        arguments = {name: value(scope, run) for name, value in bindings}
        if not hasattr(function, "call_named"):
            run.note("what is invoked is no function", unit)
            return None
        try:
            return function.call_named(arguments, run)
        except FeelError as error:
            run.note(error, unit)
            return None

    return call


def _function(node: dmn.FunctionExpression, author: Author, names: Names) -> Closure:
    make = function_maker(node, author, names)
    return lambda scope, _run: make(scope)


def function_maker(
    node: dmn.FunctionExpression, author: Author, names: Names
) -> Callable[[Scope], UserFunction]:
    """Makes the function of a definition, given the scope that it closes over.

    Raises:
        ModelError: a text in it is no FEEL, or names a type that is not there.
    """
    inner = Names((parameter.name for parameter in node.parameters), outer=names)
    if node.kind.upper() == "FEEL":
        body = compile_boxed(node.body, author, inner)
    else:
        body = _undefined(f"a function in {node.kind} is not run", author)
    parameters = tuple(parameter.name for parameter in node.parameters)
    types = tuple(author.type(parameter.type_ref) or ANY for parameter in node.parameters)
    result = author.type(node.body.type_ref if node.body is not None else "") or ANY
    unit = Unit(author.owner, "")
    return lambda scope: UserFunction(parameters, types, body, scope, unit, result)


def _conditional(node: dmn.Conditional, author: Author, names: Names) -> Closure:
    condition = compile_boxed(node.condition, author, names)
    positive = compile_boxed(node.positive, author, names)
    negative = compile_boxed(node.negative, author, names)
    unit = Unit(author.owner, "")

    def decide(scope: Scope, run: Run) -> Any:
        answer = condition(scope, run)
        if type(answer) is bool:
            return positive(scope, run) if answer else negative(scope, run)
        run.note("the condition is neither true nor false", unit)
        return None

    return decide


def _filter(node: dmn.Filter, author: Author, names: Names) -> Closure:
    source = compile_boxed(node.source, author, names)
    match = compile_boxed(node.match, author, Names(("item",), outer=names))
    unit = Unit(author.owner, "")

    def select(scope: Scope, run: Run) -> Any:
        try:
            return apply_filter(as_list(source(scope, run)), match, scope, run)
        except FeelError as error:
            run.note(error, unit)
            return None

    return select


def _iteration(node: dmn.Iteration, author: Author, names: Names) -> Closure:
    source = compile_boxed(node.source, author, names)
    body = compile_boxed(node.body, author, Names((node.variable,), outer=names))
    unit = Unit(author.owner, "")
    domains = [(node.variable, source, None)]

    def loop(scope: Scope, run: Run) -> Any:
        try:
            if node.kind == "for":
                return for_each(domains, body, scope, run)
            return quantify(domains, body, scope, run, some=node.kind == "some")
        except FeelError as error:
            run.note(error, unit)
            return None

    return loop


COMPILERS: dict[type[dmn.Expression], Callable[[Any, Author, Names], Closure]] = {
    dmn.LiteralExpression: _literal,
    dmn.DecisionTable: compile_table,
    dmn.Context: _context,
    dmn.ListExpression: _list,
    dmn.Relation: _relation,
    dmn.Invocation: _invocation,
    dmn.FunctionExpression: _function,
    dmn.Conditional: _conditional,
    dmn.Filter: _filter,
    dmn.Iteration: _iteration,
}
