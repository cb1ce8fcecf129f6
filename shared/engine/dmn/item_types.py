"""Item definitions to types, resolved by name whatever their order.

Source:
    DMN 1.5, 7.3.2 (ItemDefinition). Allowed values of a collection hold for each of its items, a
    type constraint for the value as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.engine.feel.expression import compile_tests
from shared.engine.feel.value_types import (
    ANY,
    BUILT_IN,
    AnyType,
    ConstrainedType,
    ContextType,
    FunctionType,
    ListType,
    Type,
)
from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from shared.engine.dmn.definitions import FunctionItem, ItemDefinition
    from shared.engine.feel.lexer import Names

PREFIXES = ("feel:", "xsd:", "xs:")
ALIASES = {"decimal": "number", "integer": "number", "int": "number", "double": "number"}


class ItemTypes:
    """The types that a model defines or imports.

    Args:
        items: its item definitions.
        names: what the lexer must know in allowed values.
        imported: the types of imported models, by the name of the import.
    """

    def __init__(
        self, items: Iterable[ItemDefinition], names: Names, imported: Mapping[str, ItemTypes]
    ) -> None:
        self._items = {item.name: item for item in items}
        self._names = names
        self._imported = imported
        self._types: dict[str, Type] = {}
        self._resolving: set[str] = set()

    def find(self, name: str) -> Type | None:
        """The type of a name; None where no item definition has it.

        Raises:
            ModelError: its definition leads back to itself or to an unknown type.
        """
        if name in self._types:
            return self._types[name]
        item = self._items.get(name)
        if item is None:
            return self._find_imported(name)
        if name in self._resolving:
            raise ModelError("an item definition leads back to itself", element=name)
        self._resolving.add(name)
        self._types[name] = self._build(item)
        self._resolving.discard(name)
        return self._types[name]

    def type_of(self, type_ref: str) -> Type | None:
        """The type of a typeRef; None where it is empty or takes every value.

        Raises:
            ModelError: there is no such type.
        """
        if not type_ref:
            return None
        found = self.find(type_ref) or self._built_in(type_ref)
        if found is None:
            raise ModelError(f"there is no type {type_ref!r}")
        return None if isinstance(found, AnyType) else found

    def allowed_text(self, type_ref: str) -> str:
        """The allowed values that an item definition states itself; empty for none."""
        item = self._items.get(type_ref)
        if item is None:
            prefix, _, rest = type_ref.partition(".")
            return self._imported[prefix].allowed_text(rest) if prefix in self._imported else ""
        return item.allowed or self.allowed_text(item.type_ref) if item.type_ref else item.allowed

    def names(self) -> Iterator[str]:
        """Names of the types and of the entries of contexts, for the lexer."""
        pending = list(self._items.values())
        while pending:
            item = pending.pop()
            yield item.name
            pending.extend(item.components)
        for name, types in self._imported.items():
            yield name
            yield from types.names()

    def _find_imported(self, name: str) -> Type | None:
        prefix, _, rest = name.partition(".")
        if rest and prefix in self._imported:
            return self._imported[prefix].find(rest)
        beside = self._imported.get("")
        return beside.find(name) if beside is not None else None

    @staticmethod
    def _built_in(type_ref: str) -> Type | None:
        for prefix in PREFIXES:
            type_ref = type_ref.removeprefix(prefix)
        return BUILT_IN.get(ALIASES.get(type_ref, type_ref)) or BUILT_IN.get(
            type_ref.rpartition(":")[2]
        )

    def _build(self, item: ItemDefinition) -> Type:
        found = self._constrained(self._base(item), item.allowed, item.name)
        if item.is_collection:
            found = ListType(found)
        return self._constrained(found, item.constraint, item.name)

    def _base(self, item: ItemDefinition) -> Type:
        if item.function is not None:
            return self._function(item.function)
        if item.components:
            return ContextType({part.name: self._build(part) for part in item.components})
        return self.type_of(item.type_ref) or ANY

    def _function(self, item: FunctionItem) -> Type:
        parameters = tuple(self.type_of(part.type_ref) or ANY for part in item.parameters)
        return FunctionType(parameters, self.type_of(item.result) or ANY)

    def _constrained(self, base: Type, text: str, element: str) -> Type:
        if not text:
            return base
        tests = compile_tests(text, names=self._names, element=f"{element}, allowed values")
        return ConstrainedType(base, tests.closure, text)
