"""FEEL expressions and unary tests, compiled once and evaluated often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.engine.feel.compile_tests import INPUT, compile_unary_tests
from shared.engine.feel.compiler import Compiler, NamedTypes, no_named_types
from shared.engine.feel.lexer import Names
from shared.engine.feel.library import LIBRARY
from shared.engine.feel.parser import parse_expression, parse_unary_tests
from shared.engine.feel.running import Diagnostic, LimitExceeded, Run, Unit, check_size
from shared.engine.feel.type_names import COMPOUND
from shared.engine.feel.values import date_time_from_python, from_python
from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from shared.engine.feel.syntax import Node
    from shared.engine.feel.values import Closure

BUILT_IN_NAMES = Names((*LIBRARY, *COMPOUND))
"""What the lexer must know in every expression."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an expression came to.

    Attributes:
        value: the value; None is null.
        diagnostics: every error that became null.
    """

    value: Any
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression.

    Attributes:
        text: as written.
        tree: its syntax.
        closure: what it computes from a scope and a run.
    """

    text: str
    tree: Node
    closure: Closure

    def evaluate(
        self, variables: Mapping[str, object] | None = None, *, now: datetime | None = None
    ) -> Outcome:
        """Evaluate it.

        Args:
            variables: values by name, plain Python or FEEL.
            now: the time of now() and today().

        Raises:
            FeelError: a variable is no FEEL value.
            LimitExceeded: the evaluation was stopped.
        """
        scope = {name: from_python(value) for name, value in (variables or {}).items()}
        run = Run(date_time_from_python(now) if now else None)
        try:
            value = self.closure(scope, run)
            check_size(value)
        except RecursionError as error:
            raise LimitExceeded("evaluation stopped: nested too deeply") from error
        return Outcome(value, tuple(run.diagnostics))


def compile_expression(
    text: str,
    *,
    names: Iterable[str] | Names = (),
    element: str = "",
    named_types: NamedTypes = no_named_types,
) -> Expression:
    """Compile an expression.

    Args:
        text: the FEEL text.
        names: variables in scope; only those that are not one word matter.
        element: what holds the expression, for messages.
        named_types: item definitions by name.

    Raises:
        ModelError: it is no FEEL expression; it names the element and the column.
    """
    try:
        tree = parse_expression(text, _names(names))
        closure = Compiler(Unit(element, text), named_types).compile(tree)
    except ModelError as error:
        raise _placed(error, element) from error
    except RecursionError as error:
        raise ModelError("nested too deeply", element=element) from error
    return Expression(text, tree, closure)


def compile_tests(
    text: str,
    *,
    names: Iterable[str] | Names = (),
    element: str = "",
    named_types: NamedTypes = no_named_types,
) -> Expression:
    """Compile unary tests; evaluated, they are true where the variable "?" passes.

    Raises:
        ModelError: they are no unary tests; it names the element and the column.
    """
    try:
        tree = parse_unary_tests(text, _names(names))
        closure = compile_unary_tests(Compiler(Unit(element, text), named_types), tree)
    except ModelError as error:
        raise _placed(error, element) from error
    except RecursionError as error:
        raise ModelError("nested too deeply", element=element) from error
    return Expression(text, tree, closure)


def evaluate(
    text: str, variables: Mapping[str, object] | None = None, *, now: datetime | None = None
) -> Outcome:
    """Compile an expression and evaluate it once.

    Raises:
        ModelError: it is no FEEL expression.
        FeelError: a variable is no FEEL value.
        LimitExceeded: the evaluation was stopped.
    """
    return compile_expression(text, names=variables or ()).evaluate(variables, now=now)


def passes_tests(text: str, value: object, variables: Mapping[str, object] | None = None) -> bool:
    """Whether a value passes unary tests.

    Raises:
        ModelError: they are no unary tests.
        FeelError: a value is no FEEL value.
        LimitExceeded: the evaluation was stopped.
    """
    tests = compile_tests(text, names=variables or ())
    return tests.evaluate({**(variables or {}), INPUT: value}).value is True


def _names(names: Iterable[str] | Names) -> Names:
    return names if isinstance(names, Names) else Names(names, outer=BUILT_IN_NAMES)


def _placed(error: ModelError, element: str) -> ModelError:
    if error.element or not element:
        return error
    return ModelError(
        str(error).removeprefix(f"column {error.column}: "), element=element, column=error.column
    )
