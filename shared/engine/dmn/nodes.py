"""The parts of a decision requirements graph at run time: inputs, decisions and services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.engine.feel.running import FeelError, Unit
from shared.engine.feel.value_types import AnyType, SimpleType, Type, coerce
from shared.engine.feel.values import READY, Scope, from_python

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.engine.feel.running import Run
    from shared.engine.feel.values import Closure

type Values = dict[InputNode | DecisionNode, Any]

MISSING = object()


class InputNode:
    """A value that the caller gives.

    Attributes:
        name: its name.
        qualified: its name with its model's namespace: "namespace#name".
    """

    __slots__ = ("_kinds", "_type", "_unit", "name", "qualified")

    def __init__(self, name: str, namespace: str, wanted: Type) -> None:
        self.name = name
        self.qualified = f"{namespace}#{name}"
        self._type = wanted
        self._unit = Unit(name, "")
        kinds = wanted.kinds if isinstance(wanted, SimpleType) else ()
        self._kinds = frozenset(kinds) & READY if kinds else frozenset()

    def read(self, inputs: Mapping[str, object], run: Run) -> Any:
        """The input as its type has it; null, and a diagnostic, where it has no such value."""
        raw = inputs.get(self.name, MISSING)
        if raw is MISSING:
            raw = inputs.get(self.qualified, MISSING)
        if raw is MISSING:
            run.note("the input is not given", self._unit)
            return None
        return self.convert(raw, run)

    def convert(self, raw: object, run: Run) -> Any:
        """A given value as the input's type has it."""
        try:
            value = from_python(raw)
            if type(value) in self._kinds or isinstance(self._type, AnyType):
                return value
            return coerce(value, self._type, run)
        except FeelError as error:
            run.note(error, self._unit)
            return None


class DecisionNode:
    """A decision.

    Attributes:
        name: its name.
        requires: what it needs, with the path of names under which its logic sees each.
        constants: the functions that its logic sees.
        logic: what it computes; set once everything is known.
    """

    __slots__ = ("_type", "_unit", "constants", "logic", "name", "nested", "requires")

    def __init__(self, name: str, wanted: Type) -> None:
        self.name = name
        self.requires: list[tuple[str, InputNode | DecisionNode]] = []
        self.nested: list[tuple[str, str, InputNode | DecisionNode]] = []
        self.constants: Scope = {}
        self.logic: Closure = _no_logic
        self._type = wanted
        self._unit = Unit(name, "")

    def decide(self, values: Values, run: Run) -> Any:
        """The decision's value, given the values of all that it requires."""
        scope = {name: values[node] for name, node in self.requires}
        if self.constants:
            scope = {**self.constants, **scope}
        for prefix, name, node in self.nested:
            scope[prefix] = {**scope.get(prefix, {}), name: values[node]}
        value = self.logic(scope, run)
        if isinstance(self._type, AnyType):
            return value
        try:
            return coerce(value, self._type, run)
        except FeelError as error:
            run.note(error, self._unit)
            return None

    def convert(self, value: object, run: Run) -> Any:
        """A value given in its stead, as its type has it; null, and a diagnostic, where none."""
        try:
            return coerce(from_python(value), self._type, run)
        except FeelError as error:
            run.note(error, self._unit)
            return None


class ServiceNode:
    """A decision service: decisions offered together, callable as a function.

    Attributes:
        name: its name.
        inputs: its input data, then its input decisions: the parameters.
        outputs: the decisions that it answers with.
        result: type of the answer.
    """

    __slots__ = ("_steps", "inputs", "name", "outputs", "result")

    def __init__(
        self,
        name: str,
        inputs: tuple[InputNode | DecisionNode, ...],
        outputs: tuple[DecisionNode, ...],
        result: Type,
    ) -> None:
        self.name = name
        self.inputs = inputs
        self.outputs = outputs
        self.result = result
        self._steps: list[InputNode | DecisionNode] | None = None

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(node.name for node in self.inputs)

    @property
    def types(self) -> tuple[Type, ...]:
        """Types of the parameters."""
        return tuple(node._type for node in self.inputs)  # noqa: SLF001 - its own kind

    def call(self, arguments: list[Any], run: Run) -> Any:
        """Answer for arguments by position.

        Raises:
            FeelError: their number or types do not fit.
        """
        if len(arguments) != len(self.inputs):
            raise FeelError(f"{self.name}() takes {len(self.inputs)} arguments")
        values: Values = {
            node: coerce(value, wanted, run)
            for node, wanted, value in zip(self.inputs, self.types, arguments, strict=True)
        }
        return self._answer(values, run)

    def call_named(self, arguments: dict[str, Any], run: Run) -> Any:
        """Answer for arguments by name.

        Raises:
            FeelError: their names or types do not fit.
        """
        if set(arguments) != set(self.parameters):
            raise FeelError(f"{self.name}() has no parameters of these names")
        return self.call([arguments[name] for name in self.parameters], run)

    def serve(self, inputs: Mapping[str, object], run: Run) -> dict[str, Any]:
        """Every output by name, for inputs from outside."""
        values: Values = {}
        for node in self.inputs:
            if isinstance(node, InputNode):
                values[node] = node.read(inputs, run)
            else:
                values[node] = node.convert(inputs.get(node.name), run)
        try:
            answer = self._answer(values, run)
        except FeelError as error:
            run.note(error, Unit(self.name, ""))
            return dict.fromkeys((node.name for node in self.outputs), None)
        return {self.outputs[0].name: answer} if len(self.outputs) == 1 else dict(answer)

    def _answer(self, values: Values, run: Run) -> Any:
        """The value of the single output, or a context of several; of the service's type."""
        run.enter()
        try:
            self._run(values, run)
        finally:
            run.leave()
        if len(self.outputs) == 1:
            answer = values[self.outputs[0]]
        else:
            answer = {node.name: values[node] for node in self.outputs}
        return coerce(answer, self.result, run)

    def _run(self, values: Values, run: Run) -> None:
        if self._steps is None:
            self._steps = steps_to(self.outputs, frozenset(self.inputs))
        for node in self._steps:
            if node not in values:
                values[node] = (
                    node.read({}, run) if isinstance(node, InputNode) else node.decide(values, run)
                )


def steps_to(
    targets: tuple[InputNode | DecisionNode, ...],
    given: frozenset[InputNode | DecisionNode] = frozenset(),
) -> list[InputNode | DecisionNode]:
    """All that the targets need, each once, before whatever needs it; not what is given."""
    order: list[InputNode | DecisionNode] = []
    seen = set(given)
    pending: list[tuple[InputNode | DecisionNode, bool]] = [
        (node, False) for node in reversed(targets)
    ]
    while pending:
        node, is_ready = pending.pop()
        if is_ready:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            pending.append((node, True))
            if isinstance(node, DecisionNode):
                needed = [part for _, part in node.requires] + [part for _, _, part in node.nested]
                pending.extend((part, False) for part in reversed(needed))
    return order


def _no_logic(_scope: Scope, _run: Run) -> None:
    return None
