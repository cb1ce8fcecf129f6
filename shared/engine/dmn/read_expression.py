"""Boxed expressions from XML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.engine.dmn import definitions as dmn
from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.engine.dmn.xml import Element

HIT_POLICIES = {policy.value: policy for policy in dmn.HitPolicy}
AGGREGATIONS = {aggregation.value: aggregation for aggregation in dmn.Aggregation}


def read_expression(parent: Element, owner: str) -> dmn.Expression | None:
    """The first boxed expression among an element's children; None where there is none.

    Args:
        parent: a decision, an entry, or any other element that holds an expression.
        owner: name of the decision or other element that the expression belongs to.

    Raises:
        ModelError: it is incomplete.
    """
    element = parent.first(*READERS)
    return None if element is None else READERS[element.tag](element, owner)


def variable_of(element: Element) -> dmn.Variable:
    """The variable that an element with a name and a typeRef describes."""
    return dmn.Variable(" ".join(element.get("name").split()), _type_ref(element))


def read_function(element: Element, owner: str) -> dmn.FunctionExpression:
    """A function definition."""
    return dmn.FunctionExpression(
        element.get("id"),
        element.get("typeRef"),
        kind=element.get("kind") or "FEEL",
        parameters=tuple(variable_of(child) for child in element.all("formalParameter")),
        body=read_expression(element, owner),
    )


def _type_ref(element: Element) -> str:
    child = element.first("typeRef")
    return child.text.strip() if child is not None else element.get("typeRef")


def _required(parent: Element, owner: str) -> dmn.Expression:
    found = read_expression(parent, owner)
    if found is None:
        raise ModelError(f"<{parent.tag}> holds no expression, line {parent.line}", element=owner)
    return found


def _part(element: Element, tag: str, owner: str) -> dmn.Expression:
    child = element.first(tag)
    if child is None:
        raise ModelError(f"<{element.tag}> without <{tag}>, line {element.line}", element=owner)
    return _required(child, owner)


def _literal(element: Element, _owner: str) -> dmn.Expression:
    return dmn.LiteralExpression(
        element.get("id"),
        element.get("typeRef"),
        element.text_of("text"),
        element.get("expressionLanguage"),
    )


def _context(element: Element, owner: str) -> dmn.Expression:
    entries = tuple(_entry(child, "variable", owner) for child in element.all("contextEntry"))
    return dmn.Context(element.get("id"), element.get("typeRef"), entries)


def _entry(element: Element, tag: str, owner: str) -> dmn.Entry:
    child = element.first(tag)
    variable = dmn.Variable("") if child is None else variable_of(child)
    return dmn.Entry(variable, read_expression(element, owner))


def _list(element: Element, owner: str) -> dmn.Expression:
    return dmn.ListExpression(element.get("id"), element.get("typeRef"), _items(element, owner))


def _items(element: Element, owner: str) -> tuple[dmn.Expression, ...]:
    return tuple(READERS[child.tag](child, owner) for child in element.all(*READERS))


def _relation(element: Element, owner: str) -> dmn.Expression:
    columns = tuple(variable_of(child) for child in element.all("column"))
    rows = tuple(_items(child, owner) for child in element.all("row"))
    if any(len(row) != len(columns) for row in rows):
        raise ModelError(f"a row with missing values, line {element.line}", element=owner)
    return dmn.Relation(element.get("id"), element.get("typeRef"), columns, rows)


def _invocation(element: Element, owner: str) -> dmn.Expression:
    return dmn.Invocation(
        element.get("id"),
        element.get("typeRef"),
        function=_required(element, owner),
        bindings=tuple(_entry(child, "parameter", owner) for child in element.all("binding")),
    )


def _conditional(element: Element, owner: str) -> dmn.Expression:
    return dmn.Conditional(
        element.get("id"),
        element.get("typeRef"),
        condition=_part(element, "if", owner),
        positive=_part(element, "then", owner),
        negative=_part(element, "else", owner),
    )


def _filter(element: Element, owner: str) -> dmn.Expression:
    return dmn.Filter(
        element.get("id"),
        element.get("typeRef"),
        source=_part(element, "in", owner),
        match=_part(element, "match", owner),
    )


def _iteration(element: Element, owner: str) -> dmn.Expression:
    return dmn.Iteration(
        element.get("id"),
        element.get("typeRef"),
        kind=element.tag,
        variable=" ".join(element.get("iteratorVariable").split()),
        source=_part(element, "in", owner),
        body=_part(element, "return" if element.tag == "for" else "satisfies", owner),
    )


def _table(element: Element, owner: str) -> dmn.Expression:
    policy = element.get("hitPolicy") or "UNIQUE"
    aggregation = element.get("aggregation")
    if policy not in HIT_POLICIES or aggregation not in AGGREGATIONS:
        raise ModelError(f"an unknown hit policy {policy!r} {aggregation!r}", element=owner)
    inputs = tuple(_input(child) for child in element.all("input"))
    outputs = tuple(_output(child) for child in element.all("output"))
    if not outputs:
        raise ModelError("a decision table without outputs", element=owner)
    rules = tuple(
        _rule(child, index, len(inputs), len(outputs), owner)
        for index, child in enumerate(element.all("rule"), 1)
    )
    return dmn.DecisionTable(
        element.get("id"),
        element.get("typeRef"),
        hit_policy=HIT_POLICIES[policy],
        aggregation=AGGREGATIONS[aggregation],
        inputs=inputs,
        outputs=outputs,
        annotations=tuple(child.get("name") for child in element.all("annotation")),
        rules=rules,
        output_label=element.get("outputLabel"),
    )


def _input(element: Element) -> dmn.InputColumn:
    expression = element.first("inputExpression")
    allowed = element.first("inputValues")
    text = "" if expression is None else expression.text_of("text")
    return dmn.InputColumn(
        id=element.get("id"),
        label=element.get("label") or text,
        expression=text,
        type_ref="" if expression is None else expression.get("typeRef"),
        allowed="" if allowed is None else allowed.text_of("text"),
    )


def _output(element: Element) -> dmn.OutputColumn:
    allowed = element.first("outputValues")
    default = element.first("defaultOutputEntry")
    return dmn.OutputColumn(
        id=element.get("id"),
        name=" ".join(element.get("name").split()),
        label=element.get("label"),
        type_ref=element.get("typeRef"),
        allowed="" if allowed is None else allowed.text_of("text"),
        default="" if default is None else default.text_of("text"),
    )


def _rule(element: Element, index: int, inputs: int, outputs: int, owner: str) -> dmn.Rule:
    rule = dmn.Rule(
        id=element.get("id"),
        index=index,
        inputs=tuple(_cell(child) for child in element.all("inputEntry")),
        outputs=tuple(_cell(child) for child in element.all("outputEntry")),
        annotations=tuple(child.text_of("text") for child in element.all("annotationEntry")),
        description=element.text_of("description"),
    )
    if len(rule.inputs) != inputs or len(rule.outputs) != outputs:
        raise ModelError(f"rule {index} has too few or too many cells", element=owner)
    return rule


def _cell(element: Element) -> dmn.Cell:
    return dmn.Cell(element.get("id"), element.text_of("text"))


READERS: dict[str, Callable[[Element, str], dmn.Expression]] = {
    "literalExpression": _literal,
    "decisionTable": _table,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "invocation": _invocation,
    "functionDefinition": read_function,
    "conditional": _conditional,
    "filter": _filter,
    "for": _iteration,
    "some": _iteration,
    "every": _iteration,
}
