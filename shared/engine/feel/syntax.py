"""The tree of a FEEL expression. Every node knows its character in the text, from 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Node:
    """A part of an expression."""

    column: int


@dataclass(slots=True)
class Literal(Node):
    """A number, string, boolean, null or at-literal, already a value."""

    value: Any


@dataclass(slots=True)
class AtLiteral(Node):
    """An at-literal whose text is no date, time or duration: it has no value."""

    text: str


@dataclass(slots=True)
class Name(Node):
    """A variable or a function, by name."""

    name: str


@dataclass(slots=True)
class Path(Node):
    """source.name."""

    source: Node
    name: str


@dataclass(slots=True)
class Filter(Node):
    """source[condition]."""

    source: Node
    condition: Node


@dataclass(slots=True)
class Call(Node):
    """function(arguments); with names where they were given by name."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None


@dataclass(slots=True)
class Negation(Node):
    """-operand."""

    operand: Node


@dataclass(slots=True)
class Arithmetic(Node):
    """left + - * / ** right."""

    operator: str
    left: Node
    right: Node


@dataclass(slots=True)
class Comparison(Node):
    """left = != < <= > >= right."""

    operator: str
    left: Node
    right: Node


@dataclass(slots=True)
class Logical(Node):
    """left and right, left or right."""

    operator: str
    left: Node
    right: Node


@dataclass(slots=True)
class Between(Node):
    """value between low and high."""

    value: Node
    low: Node
    high: Node


@dataclass(slots=True)
class In(Node):
    """value in tests: true when it passes one of them."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(slots=True)
class TypeName(Node):
    """A type: a name, with arguments for list, context, range and function.

    Attributes:
        name: "number", "list", "context", "function", or the name of an item definition.
        arguments: item type of a list or range; parameter types then result of a function; the
            types of a context's entries.
        entries: names of a context's entries.
    """

    name: str
    arguments: tuple[TypeName, ...] = ()
    entries: tuple[str, ...] = ()


@dataclass(slots=True)
class InstanceOf(Node):
    """value instance of type."""

    value: Node
    type: TypeName


@dataclass(slots=True)
class If(Node):
    """if condition then positive else negative."""

    condition: Node
    positive: Node
    negative: Node


@dataclass(slots=True)
class Turn(Node):
    """name in domain, or name in domain..end."""

    name: str
    domain: Node
    end: Node | None


@dataclass(slots=True)
class For(Node):
    """for iterators return body."""

    iterators: tuple[Turn, ...]
    body: Node


@dataclass(slots=True)
class Quantified(Node):
    """some or every iterators satisfies condition."""

    quantifier: str
    iterators: tuple[Turn, ...]
    condition: Node


@dataclass(slots=True)
class FunctionDefinition(Node):
    """function(parameters) body; external where it is written in another language."""

    parameters: tuple[tuple[str, TypeName | None], ...]
    body: Node
    external: bool


@dataclass(slots=True)
class ContextLiteral(Node):
    """{key: value, ...}."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(slots=True)
class ListLiteral(Node):
    """[item, ...]."""

    items: tuple[Node, ...]


@dataclass(slots=True)
class RangeLiteral(Node):
    """[start..end] and its open forms."""

    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(slots=True)
class Test(Node):
    """A unary test with an operator: "< 5"; as a value it is a range."""

    operator: str
    operand: Node


@dataclass(slots=True)
class UnaryTests(Node):
    """The tests of a cell: any (a dash), or a list of them, or not(list)."""

    tests: tuple[Node, ...]
    negated: bool
    any: bool


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below a node, in the order of the text."""
    for name in node.__dataclass_fields__:
        yield from _nodes(getattr(node, name))


def walk(node: Node) -> Iterator[Node]:
    """The node and every node below it."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(children(current))


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)
