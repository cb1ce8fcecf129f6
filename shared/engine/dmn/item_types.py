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
    from collections.abc import Iterable, Iterator, Sequence

    from shared.engine.dmn.definitions import FunctionItem, ItemDefinition
    from shared.engine.feel.lexer import Names

PREFIXES = ("feel:", "xsd:", "xs:")
ALIASES = {"decimal": "number", "integer": "number", "int": "number", "double": "number"}


class ItemTypes:
    """The types that a model defines or imports.

    Args:
        items: its item definitions.
        names: what the lexer must know in allowed values.
        imported: the types of imported models, each with the name of the import.
    """

    def __init__(
        self,
        items: Iterable[ItemDefinition],
        names: Names,
        imported: Sequence[tuple[str, ItemTypes]],
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
        local = type_ref.rpartition(":")[2]  # Old files write QNames.
        found = self.find(type_ref) or self._built_in(type_ref) or self.find(local)
        if found is None:
            raise ModelError(f"there is no type {type_ref!r}")
        return None if isinstance(found, AnyType) else found

    def allowed_text(self, type_ref: str) -> str:
        """The allowed values that an item definition states itself; empty for none."""
        item = self._items.get(type_ref)
        if item is not None:
            return item.allowed or (item.type_ref and self.allowed_text(item.type_ref))
        texts = (types.allowed_text(rest) for types, rest in self._elsewhere(type_ref))
        return next(filter(None, texts), "")

    def names(self) -> Iterator[str]:
        """Names of the types and of the entries of contexts, for the lexer."""
        pending = list(self._items.values())
        while pending:
            item = pending.pop()
            yield item.name
            pending.extend(item.components)
        for name, types in self._imported:
            yield name
            yield from types.names()

    def _find_imported(self, name: str) -> Type | None:
        found = (types.find(rest) for types, rest in self._elsewhere(name))
        return next((kind for kind in found if kind is not None), None)

    def _elsewhere(self, name: str) -> Iterator[tuple[ItemTypes, str]]:
        """Imported types that may have the name, and what they call it."""
        for prefix, types in self._imported:
            if not prefix:
                yield types, name
            elif name.startswith(f"{prefix}."):
                yield types, name[len(prefix) + 1 :]

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
