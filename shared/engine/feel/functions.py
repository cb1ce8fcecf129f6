"""Functions that a model defines itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.engine.feel.running import FeelError, Unit
from shared.engine.feel.value_types import ANY, AnyType, Type, coerce

if TYPE_CHECKING:
    from shared.engine.feel.running import Run
    from shared.engine.feel.values import Closure, Scope


@dataclass(frozen=True, slots=True, eq=False)
class UserFunction:
    """A function with the scope it was defined in.

    Attributes:
        parameters: their names, in order.
        types: their types.
        body: what it computes.
        scope: the variables that its body sees besides the parameters.
        result: type of the result.
        unit: where it is written, for diagnostics.
    """

    parameters: tuple[str, ...]
    types: tuple[Type, ...]
    body: Closure = field(repr=False)
    scope: Scope = field(repr=False)
    unit: Unit
    result: Type = ANY

    def call(self, arguments: list[Any], run: Run) -> Any:
        """Apply it to arguments by position.

        Raises:
            FeelError: their number or types do not fit; the body is then never run.
        """
        if len(arguments) != len(self.parameters):
            raise FeelError(f"the function takes {len(self.parameters)} arguments")
        scope = dict(self.scope)
        for name, wanted, value in zip(self.parameters, self.types, arguments, strict=True):
            scope[name] = self._converted(name, wanted, value, run)
        run.enter()
        try:
            answer = self.body(scope, run)
        finally:
            run.leave()
        return answer if isinstance(self.result, AnyType) else coerce(answer, self.result, run)

    def call_named(self, arguments: dict[str, Any], run: Run) -> Any:
        """Apply it to arguments by name.

        Raises:
            FeelError: their names or types do not fit; the body is then never run.
        """
        if set(arguments) != set(self.parameters):
            raise FeelError("the function has no parameters of these names")
        return self.call([arguments[name] for name in self.parameters], run)

    @staticmethod
    def _converted(name: str, wanted: Type, value: Any, run: Run) -> Any:
        if isinstance(wanted, AnyType):
            return value
        try:
            return coerce(value, wanted, run)
        except FeelError as error:
            raise FeelError(f"the argument {name!r} is of the wrong type") from error
