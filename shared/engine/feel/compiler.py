"""Trees of FEEL to closures: each node becomes one Python function of a scope and a run.

A closure never raises for a fault in the data: it notes a diagnostic and answers null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.engine.feel import (
    compile_calls,
    compile_loops,
    compile_operators,
    compile_tests,
    syntax,
)
from shared.engine.feel.library import LIBRARY
from shared.engine.feel.properties import property_of
from shared.engine.feel.ranges import make_range
from shared.engine.feel.running import FeelError, Unit
from shared.engine.feel.type_names import resolve
from shared.engine.feel.value_types import NullType, unconstrained
from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.engine.feel.running import Run
    from shared.engine.feel.value_types import Type
    from shared.engine.feel.values import Closure, Scope

type NamedTypes = Callable[[str], Type | None]


def no_named_types(name: str) -> Type | None:  # noqa: ARG001 - there are none
    """Knows no type by name."""
    return None


class Compiler:
    """Compiles the trees of one text.

    Attributes:
        unit: the text and its element, for diagnostics.
    """

    def __init__(self, unit: Unit, named_types: NamedTypes = no_named_types) -> None:
        self.unit = unit
        self._named_types = named_types

    def compile(self, node: syntax.Node) -> Closure:
        """The closure of a tree.

        Raises:
            ModelError: it names a type that is not known, or a list of tests stands alone.
        """
        handler = HANDLERS.get(type(node))
        if handler is None:
            raise ModelError("tests stand only after 'in'", column=node.column + 1)
        return handler(self, node)

    def type(self, node: syntax.TypeName) -> Type:
        """The type of its name.

        Raises:
            ModelError: there is none.
        """
        return resolve(node, self._named_types)

    def undefined(self, message: str, column: int) -> Closure:
        """A closure that only notes why there is no value."""
        unit = self.unit

        def undefined(_scope: Scope, run: Run) -> None:
            run.note(message, unit, column)

        return undefined


def _literal(_compiler: Compiler, node: syntax.Literal) -> Closure:
    value = node.value
    return lambda _scope, _run: value


def _at_literal(compiler: Compiler, node: syntax.AtLiteral) -> Closure:
    return compiler.undefined("this text is no date, time or duration", node.column)


def _name(compiler: Compiler, node: syntax.Name) -> Closure:
    name, unit, column = node.name, compiler.unit, node.column
    built_in = LIBRARY.get(name)

    def load(scope: Scope, run: Run) -> Any:
        try:
            return scope[name]
        except KeyError:
            if built_in is None:
                run.note(f"there is no variable {name!r}", unit, column)
            return built_in

    return load


def _path(compiler: Compiler, node: syntax.Path) -> Closure:
    source, name = compiler.compile(node.source), node.name
    unit, column = compiler.unit, node.column

    def follow(scope: Scope, run: Run) -> Any:
        value = source(scope, run)
        if type(value) is dict and name in value:
            return value[name]
        try:
            return property_of(value, name)
        except FeelError as error:
            run.note(error, unit, column)
            return None

    return follow


def _if(compiler: Compiler, node: syntax.If) -> Closure:
    condition = compiler.compile(node.condition)
    positive, negative = compiler.compile(node.positive), compiler.compile(node.negative)
    unit, column = compiler.unit, node.condition.column

    def choose(scope: Scope, run: Run) -> Any:
        answer = condition(scope, run)
        if answer is True:
            return positive(scope, run)
        if answer is not False:
            run.note("the condition is neither true nor false", unit, column)
        return negative(scope, run)

    return choose


def _list(compiler: Compiler, node: syntax.ListLiteral) -> Closure:
    items = [compiler.compile(item) for item in node.items]
    return lambda scope, run: [item(scope, run) for item in items]


def _context(compiler: Compiler, node: syntax.ContextLiteral) -> Closure:
    entries = [(key, compiler.compile(value)) for key, value in node.entries]

    def build(scope: Scope, run: Run) -> dict[str, Any]:
        inner = dict(scope)
        context: dict[str, Any] = {}
        for key, value in entries:
            inner[key] = context[key] = value(inner, run)
        return context

    return build


def _range(compiler: Compiler, node: syntax.RangeLiteral) -> Closure:
    start, end = compiler.compile(node.start), compiler.compile(node.end)
    start_included, end_included = node.start_included, node.end_included
    unit, column = compiler.unit, node.column

    def build(scope: Scope, run: Run) -> Any:
        try:
            return make_range(
                start(scope, run),
                end(scope, run),
                start_included=start_included,
                end_included=end_included,
            )
        except FeelError as error:
            run.note(error, unit, column)
            return None

    return build


def _instance_of(compiler: Compiler, node: syntax.InstanceOf) -> Closure:
    value, wanted = compiler.compile(node.value), unconstrained(compiler.type(node.type))
    null_belongs = isinstance(wanted, NullType)

    def test(scope: Scope, run: Run) -> bool:
        found = value(scope, run)
        return null_belongs if found is None else wanted.conforms(found, run)

    return test


HANDLERS: dict[type[syntax.Node], Callable[[Compiler, Any], Closure]] = {
    syntax.Literal: _literal,
    syntax.AtLiteral: _at_literal,
    syntax.Name: _name,
    syntax.Path: _path,
    syntax.If: _if,
    syntax.ListLiteral: _list,
    syntax.ContextLiteral: _context,
    syntax.RangeLiteral: _range,
    syntax.InstanceOf: _instance_of,
    **compile_operators.HANDLERS,
    **compile_loops.HANDLERS,
    **compile_calls.HANDLERS,
    **compile_tests.HANDLERS,
}
