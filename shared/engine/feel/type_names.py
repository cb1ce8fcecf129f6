"""Names of types, as written in an expression, to types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.engine.feel.value_types import (
    BUILT_IN,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Type,
)
from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.engine.feel.syntax import TypeName

COMPOUND = tuple(name for name in BUILT_IN if " " in name)
"""Names of types that are more than one word, which the lexer must know."""


def resolve(node: TypeName, named: Callable[[str], Type | None]) -> Type:
    """The type of a name with its arguments.

    Raises:
        ModelError: there is no such type.
    """
    arguments = tuple(resolve(argument, named) for argument in node.arguments)
    if arguments or node.entries:
        return _compound(node, arguments)
    found = named(node.name) or BUILT_IN.get(node.name)
    if found is None:
        raise ModelError(f"there is no type {node.name!r}", column=node.column + 1)
    return found


def _compound(node: TypeName, arguments: tuple[Type, ...]) -> Type:
    if node.name == "list" and len(arguments) == 1:
        return ListType(arguments[0])
    if node.name == "range" and len(arguments) == 1:
        return RangeType(arguments[0])
    if node.name == "context":
        return ContextType(dict(zip(node.entries, arguments, strict=True)))
    if node.name == "function":
        return FunctionType(arguments[:-1], arguments[-1])
    raise ModelError(f"{node.name!r} does not take {len(arguments)} types", column=node.column + 1)
