"""What the compilers of boxed expressions share: FEEL texts, types, and the place for messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.engine.feel.compile_tests import compile_unary_tests
from shared.engine.feel.compiler import Compiler
from shared.engine.feel.expression import Expression, compile_expression, compile_tests
from shared.engine.feel.running import Unit
from shared.engine.feel.syntax import Literal, Node, UnaryTests
from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.engine.dmn.item_types import ItemTypes
    from shared.engine.feel.lexer import Names
    from shared.engine.feel.running import Run
    from shared.engine.feel.value_types import Type
    from shared.engine.feel.values import Closure, Scope


@dataclass(slots=True)
class Author:
    """Compiles the texts of one decision, knowledge model or other owner.

    Attributes:
        owner: its name.
        file: the model's file.
        types: the item definitions in reach.
        problems: where a text that cannot be compiled is reported; None to raise instead.
    """

    owner: str
    file: str
    types: ItemTypes
    problems: list[ModelError] | None

    def feel(self, text: str, names: Names, place: str) -> Expression:
        """A compiled expression; with problems to report to, a broken one is always null.

        Raises:
            ModelError: the text is no FEEL.
        """
        return self._compiled(compile_expression, text, names, place)

    def tests(self, text: str, names: Names, place: str) -> Expression:
        """Compiled unary tests; with problems to report to, broken ones never pass.

        Raises:
            ModelError: the text is no unary tests.
        """
        return self._compiled(compile_tests, text, names, place)

    def closure_of(self, test: Node, text: str, place: str) -> Closure:
        """The closure of one test of some unary tests."""
        node = UnaryTests(test.column, (test,), negated=False, any=False)
        return compile_unary_tests(Compiler(Unit(place, text), self.types.find), node)

    def type(self, type_ref: str) -> Type | None:
        """The type of its name; None for no name, or for one that takes every value.

        Raises:
            ModelError: there is no such type.
        """
        try:
            return self.types.type_of(type_ref)
        except ModelError as error:
            self._report(error, self.owner)
            return None

    def allowed_text(self, type_ref: str) -> str:
        """The allowed values that a named type states; empty for none."""
        return self.types.allowed_text(type_ref)

    def refuse(self, message: str, place: str) -> None:
        """Report what the model may not do.

        Raises:
            ModelError: there is nobody to report to.
        """
        self._report(ModelError(message), place)

    def _compiled(
        self, compiler: Callable[..., Expression], text: str, names: Names, place: str
    ) -> Expression:
        try:
            return compiler(text, names=names, element=place, named_types=self.types.find)
        except ModelError as error:
            self._report(error, place)
            return _broken(text, str(error), place)

    def _report(self, error: ModelError, place: str) -> None:
        message = _bare(error)
        placed = ModelError(message, file=self.file, element=place, column=error.column)
        if self.problems is None:
            raise placed from error
        self.problems.append(placed)


def _bare(error: ModelError) -> str:
    """The message of an error without the place that it begins with."""
    where = (error.file, error.element, f"column {error.column}" if error.column else "")
    place = ", ".join(part for part in where if part)
    return str(error).removeprefix(f"{place}: ") if place else str(error)


def _broken(text: str, message: str, place: str) -> Expression:
    unit = Unit(place, text)

    def undefined(_scope: Scope, run: Run) -> None:
        run.note(message, unit)

    return Expression(text, Literal(0, None), undefined)
