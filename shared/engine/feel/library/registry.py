"""How a built-in function states its parameters, and how a call finds the form that fits.

A form is written as the standard prints it: "substring(string: string, start position: number,
length?: number)". "?" makes a parameter optional, "..." takes any number of arguments, and a type
followed by "|null" accepts null; any other parameter refuses it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.engine.feel.running import CHARACTERS_A_STEP, FeelError
from shared.engine.feel.value_types import ANY, BUILT_IN, AnyType, Type, coerce

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.engine.feel.running import Run

FORM = re.compile(r"(?P<name>[^(]+)\((?P<parameters>.*)\)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a built-in."""

    name: str
    type: Type
    optional: bool
    nullable: bool

    def convert(self, value: Any, run: Run) -> Any:
        """The argument as the parameter takes it.

        Raises:
            FeelError: it does not fit.
        """
        if value is None:
            if self.nullable:
                return None
            raise FeelError(f"{self.name!r} is null")
        try:
            converted = coerce(value, self.type, run)
        except FeelError as error:
            raise FeelError(f"{self.name!r} is of the wrong type") from error
        if converted is None:
            raise FeelError(f"{self.name!r} is null")
        return converted


@dataclass(frozen=True, slots=True)
class Form:
    """One way to call a built-in.

    Attributes:
        parameters: in order.
        variadic: the last parameter takes any number of arguments, at least one.
        with_run: the body takes the run before the arguments.
        body: the Python function.
    """

    parameters: tuple[Parameter, ...]
    variadic: bool
    with_run: bool
    body: Callable[..., Any]

    def takes(self, count: int) -> bool:
        """Whether so many arguments may be given."""
        if self.variadic:
            return count >= len(self.parameters)
        required = sum(not parameter.optional for parameter in self.parameters)
        return required <= count <= len(self.parameters)

    def apply(self, arguments: Sequence[Any], run: Run) -> Any:
        """Convert the arguments and run the body.

        Raises:
            FeelError: an argument does not fit, or the body finds no value.
        """
        parameters = self.parameters
        converted = [
            (parameters[index] if index < len(parameters) else parameters[-1]).convert(value, run)
            for index, value in enumerate(arguments)
        ]
        run.spend(1 + sum(_cost(value) for value in converted))
        if self.variadic:
            fixed = len(parameters) - 1
            converted = [*converted[:fixed], converted[fixed:]]
        return self.body(run, *converted) if self.with_run else self.body(*converted)

    def by_position(self, arguments: dict[str, Any]) -> list[Any] | None:
        """Named arguments in order; None where the names are not this form's."""
        names = [parameter.name for parameter in self.parameters]
        if not set(arguments) <= set(names) or self.variadic:
            return None
        given = [arguments.get(name) for name in names]
        while given and self._may_leave_out(len(given) - 1, arguments):
            given.pop()
        return given

    def _may_leave_out(self, index: int, arguments: dict[str, Any]) -> bool:
        parameter = self.parameters[index]
        return parameter.optional and parameter.name not in arguments


class BuiltIn:
    """A function of the standard's library."""

    __slots__ = ("forms", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.forms: list[Form] = []

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters of the longest form."""
        longest = max(self.forms, key=lambda form: len(form.parameters))
        return tuple(parameter.name for parameter in longest.parameters)

    @property
    def types(self) -> tuple[Type, ...] | None:
        """Types of the parameters, where the function has a single form."""
        if len(self.forms) > 1:
            return None
        return tuple(parameter.type for parameter in self.forms[0].parameters)

    @property
    def result(self) -> Type:
        """Type of the result: any."""
        return ANY

    def call(self, arguments: Sequence[Any], run: Run) -> Any:
        """Apply the first form that fits.

        Raises:
            FeelError: none fits, or the function has no value for the arguments.
        """
        reason: FeelError | None = None
        for form in self.forms:
            if form.takes(len(arguments)):
                try:
                    return form.apply(arguments, run)
                except FeelError as error:
                    reason = reason or error
                except ArithmeticError:
                    reason = reason or FeelError("the result is no number")
        if reason is None:
            raise FeelError(f"{self.name}() does not take {len(arguments)} arguments")
        raise FeelError(f"{self.name}(): {reason}")

    def call_named(self, arguments: dict[str, Any], run: Run) -> Any:
        """Apply the first form that has parameters of these names and fits.

        Raises:
            FeelError: none fits, or the function has no value for the arguments.
        """
        reason: FeelError | None = None
        for form in self.forms:
            given = form.by_position(arguments)
            if given is not None:
                try:
                    return form.apply(given, run)
                except FeelError as error:
                    reason = reason or error
                except ArithmeticError:
                    reason = reason or FeelError("the result is no number")
        raise FeelError(f"{self.name}(): {reason or 'there are no parameters of these names'}")


LIBRARY: dict[str, BuiltIn] = {}


def built_in[**P, R](
    *forms: str, with_run: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a Python function under one or more forms."""

    def register(body: Callable[P, R]) -> Callable[P, R]:
        for form in forms:
            match = FORM.fullmatch(form)
            if match is None:
                raise ValueError(form)
            texts = [text.strip() for text in match["parameters"].split(",") if text.strip()]
            function = LIBRARY.setdefault(match["name"], BuiltIn(match["name"]))
            variadic = bool(texts) and "..." in texts[-1]
            parameters = tuple(_parameter(text) for text in texts)
            function.forms.append(Form(parameters, variadic, with_run, body))
        return body

    return register


def _cost(value: Any) -> int:
    kind = type(value)
    if kind is list or kind is dict:
        return len(value)
    return len(value) // CHARACTERS_A_STEP if kind is str else 0


def _parameter(text: str) -> Parameter:
    name, _, type_name = (part.strip() for part in text.partition(":"))
    optional = name.endswith("?")
    nullable = type_name.endswith("|null")
    wanted = BUILT_IN[type_name.removesuffix("|null")]
    nullable = nullable or isinstance(wanted, AnyType)
    return Parameter(name.removesuffix("?").removesuffix("..."), wanted, optional, nullable)
