"""A compiled DMN model: what callers hold, and evaluate as often as they like."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from shared.engine.dmn.definitions import (
    Context,
    DecisionTable,
    Definitions,
    Expression,
    FunctionExpression,
    Import,
)
from shared.engine.dmn.linking import Linked
from shared.engine.dmn.nodes import DecisionNode, InputNode, steps_to
from shared.engine.dmn.reader import definitions_of
from shared.engine.dmn.xml import Element, canonical_bytes, read_xml
from shared.engine.feel.running import LimitExceeded, Run, check_size
from shared.engine.feel.values import date_time_from_python
from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from shared.engine.dmn.table import Match
    from shared.engine.dmn.trace import TableTrace
    from shared.engine.feel.running import Diagnostic

type Imports = Mapping[str, Model] | Callable[[str], Model | None]
"""Models by namespace, or a function from a namespace to its model."""

TIME = re.compile(r"\b(?:now|today)\b")


@dataclass(slots=True)
class Result:
    """What an evaluation came to.

    Attributes:
        value: the decision's value, as FEEL values are in Python.
        matched: every rule that matched, in every decision table that was evaluated.
        diagnostics: every error that became null.
        trace: what each table did and why, where it was asked for.
    """

    value: Any
    matched: tuple[Match, ...]
    diagnostics: tuple[Diagnostic, ...]
    trace: tuple[TableTrace, ...]


@dataclass(slots=True)
class _Plan:
    target: DecisionNode
    inputs: tuple[InputNode, ...]
    decisions: tuple[DecisionNode, ...]


class Model:
    """A compiled model. It never changes, and may be evaluated from several threads.

    Attributes:
        definitions: the model as written, to walk and to analyse.
        content_hash: sha256 of the canonical XML, as hexadecimal digits.
        is_timeless: whether answers depend on the inputs alone, since nowhere in the model or in
            those it imports stands now or today.
        problems: texts that could not be compiled, where the model was read leniently.
    """

    def __init__(self, linked: Linked, content_hash: str, *, is_timeless: bool) -> None:
        self.definitions: Definitions = linked.definitions
        self.content_hash = content_hash
        self.is_timeless = is_timeless
        self.problems: tuple[ModelError, ...] = tuple(linked.problems or ())
        self.linked = linked
        self._plans: dict[str, _Plan] = {}

    @property
    def name(self) -> str:
        """The model's name."""
        return self.definitions.name

    @property
    def namespace(self) -> str:
        """The model's namespace."""
        return self.definitions.namespace

    @property
    def decisions(self) -> tuple[str, ...]:
        """Names of its decisions, as written in order."""
        return tuple(self.linked.decisions)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of its input data, as written in order."""
        return tuple(self.linked.inputs)

    @property
    def services(self) -> tuple[str, ...]:
        """Names of its decision services, as written in order."""
        return tuple(self.linked.services)

    @property
    def tables(self) -> tuple[tuple[str, DecisionTable], ...]:
        """Every decision table with the name of the decision or knowledge model it is in."""
        owners = [
            *((decision.name, decision.logic) for decision in self.definitions.decisions),
            *((knowledge.name, knowledge.logic) for knowledge in self.definitions.knowledge),
        ]
        return tuple((name, table) for name, logic in owners for table in _tables(logic))

    def evaluate(
        self,
        decision: str,
        inputs: Mapping[str, object],
        *,
        now: datetime | None = None,
        trace: bool = False,
    ) -> Result:
        """Evaluate a decision and, once each, the decisions that it needs.

        Args:
            decision: its name.
            inputs: input data by name, or "namespace#name" for an imported model's; plain Python
                or FEEL values.
            now: the time of now() and today(); without it they have no value.
            trace: whether to tell what each table did.

        Raises:
            ModelError: there is no such decision.
            LimitExceeded: the evaluation was stopped.
        """
        plan = self._plans.get(decision) or self._plan(decision)
        run = Run(None if now is None else date_time_from_python(now), traced=trace)
        values: dict[Any, Any] = {}
        try:
            for given in plan.inputs:
                values[given] = given.read(inputs, run)
            for step in plan.decisions:
                values[step] = step.decide(values, run)
        except RecursionError as error:
            raise LimitExceeded("nested too deeply", element=decision) from error
        return _result(values[plan.target], run)

    def evaluate_service(
        self,
        name: str,
        inputs: Mapping[str, object],
        *,
        now: datetime | None = None,
        trace: bool = False,
    ) -> Result:
        """Evaluate a decision service: its value is a context of its output decisions by name.

        Args:
            name: of the service.
            inputs: its input data and input decisions by name.
            now: the time of now() and today().
            trace: whether to tell what each table did.

        Raises:
            ModelError: there is no such service.
            LimitExceeded: the evaluation was stopped.
        """
        service = self.linked.services.get(name)
        if service is None:
            raise ModelError("there is no such decision service", element=name)
        run = Run(None if now is None else date_time_from_python(now), traced=trace)
        try:
            return _result(service.serve(inputs, run), run)
        except RecursionError as error:
            raise LimitExceeded("nested too deeply", element=name) from error

    def _plan(self, decision: str) -> _Plan:
        plan = self._plans.get(decision)
        if plan is None:
            target = self.linked.decisions.get(decision)
            if target is None:
                raise ModelError("there is no such decision", element=decision)
            steps = steps_to((target,))
            plan = _Plan(
                target,
                tuple(step for step in steps if isinstance(step, InputNode)),
                tuple(step for step in steps if isinstance(step, DecisionNode)),
            )
            self._plans[decision] = plan
        return plan


def compile_model(
    xml: bytes | str, *, file: str = "", imports: Imports | None = None, lenient: bool = False
) -> Model:
    """Compile a DMN document.

    Args:
        xml: the document.
        file: its name, for messages.
        imports: the models that it may import.
        lenient: compile what can be compiled: a broken text becomes null with a diagnostic, and
            is listed in the model's problems. A linter wants this; a rule in force does not.

    Raises:
        ModelError: the XML is not safe or well-formed, no DMN, or a text in it is no FEEL; it
            names the file, the element with the cell, and the column.
    """
    root = read_xml(xml, file)
    definitions = definitions_of(root, file)
    imported = [
        (item.name, found)
        for item in definitions.imports
        if (found := _find_import(item, imports, file)) is not None
    ]
    problems: list[ModelError] | None = [] if lenient else None
    try:
        linked = Linked(definitions, [(name, model.linked) for name, model in imported], problems)
    except RecursionError as error:
        raise ModelError("nested too deeply", file=file) from error
    is_timeless = not _tells_time(root) and all(model.is_timeless for _, model in imported)
    return Model(linked, sha256(canonical_bytes(root)).hexdigest(), is_timeless=is_timeless)


def _tells_time(element: Element) -> bool:
    return TIME.search(element.text) is not None or any(map(_tells_time, element.children))


def _find_import(item: Import, imports: Imports | None, file: str) -> Model | None:
    found = imports(item.namespace) if callable(imports) else (imports or {}).get(item.namespace)
    if found is None and "DMN" in item.kind:
        raise ModelError(
            f"the imported model {item.namespace!r} is not given", file=file, element=item.name
        )
    return found


def _tables(logic: Expression | None) -> Iterator[DecisionTable]:
    match logic:
        case DecisionTable():
            yield logic
        case Context(entries=entries):
            for entry in entries:
                yield from _tables(entry.value)
        case FunctionExpression(body=body):
            yield from _tables(body)


def _result(value: Any, run: Run) -> Result:
    if type(value) is list or type(value) is dict:
        check_size(value)
    return Result(value, tuple(run.matched), tuple(run.diagnostics), tuple(run.trace or ()))
