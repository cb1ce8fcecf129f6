"""Closures of calls and of function definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from shared.engine.feel import syntax
from shared.engine.feel.compare import kind_name
from shared.engine.feel.functions import UserFunction
from shared.engine.feel.library import LIBRARY
from shared.engine.feel.running import FeelError
from shared.engine.feel.value_types import ANY

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.engine.feel.compiler import Compiler
    from shared.engine.feel.running import Run
    from shared.engine.feel.values import Closure, Function, Scope


def _call(compiler: Compiler, node: syntax.Call) -> Closure:
    target = _target(compiler, node.function)
    arguments = [compiler.compile(argument) for argument in node.arguments]
    names, unit, column = node.names, compiler.unit, node.function.column

    def call(scope: Scope, run: Run) -> Any:
        values = [argument(scope, run) for argument in arguments]
        try:
            function = target(scope, run)
            if names is None:
                return function.call(values, run)
            return function.call_named(dict(zip(names, values, strict=True)), run)
        except FeelError as error:
            run.note(error, unit, column)
            return None

    return call


def _target(compiler: Compiler, node: syntax.Node) -> Callable[[Scope, Run], Function]:
    """How to find the function; a value that is none does not hide a built-in of its name."""
    compiled = None if isinstance(node, syntax.Name) else compiler.compile(node)
    name = node.name if isinstance(node, syntax.Name) else ""
    built_in = LIBRARY.get(name)

    def find(scope: Scope, run: Run) -> Function:
        found = scope.get(name) if compiled is None else compiled(scope, run)
        if hasattr(found, "call_named"):
            return cast("Function", found)
        if built_in is not None:
            return built_in
        if name and name not in scope:
            raise FeelError(f"there is no function {name!r}")
        raise FeelError(f"a {kind_name(found)} cannot be called")

    return find


def _definition(compiler: Compiler, node: syntax.FunctionDefinition) -> Closure:
    names = tuple(name for name, _ in node.parameters)
    types = tuple(ANY if kind is None else compiler.type(kind) for _, kind in node.parameters)
    if node.external:
        body = compiler.undefined("a function in another language is not run", node.column)
    else:
        body = compiler.compile(node.body)
    unit = compiler.unit
    return lambda scope, _run: UserFunction(names, types, body, scope, unit)


HANDLERS: dict[type[syntax.Node], Callable[[Compiler, Any], Closure]] = {
    syntax.Call: _call,
    syntax.FunctionDefinition: _definition,
}
