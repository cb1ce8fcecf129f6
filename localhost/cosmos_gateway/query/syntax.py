"""The parts of a query, as the parser builds them."""

from dataclasses import dataclass, field


class QueryError(Exception):
    """The query is malformed, or uses a construct that the gateway does not have.

    Attributes:
        position: the character in the query's text, from 1; 0 where none is to blame.
    """

    def __init__(self, message: str, *, position: int = 0) -> None:
        super().__init__(f"{message} (at character {position})" if position else message)
        self.position = position


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal; `UNDEFINED` for the word undefined."""

    value: object


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that comes with the query, such as @status."""

    name: str
    position: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """The alias of a source, such as c."""

    name: str
    position: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Index:
    """A property or an array element: c.name, c["name"], c[0]."""

    base: "Expression"
    key: "Expression"


@dataclass(frozen=True, slots=True)
class Unary:
    """NOT, - or +."""

    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Binary:
    """A comparison, arithmetic, || or ??."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Junction:
    """AND or OR over two or more operands."""

    operator: str
    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Member:
    """value IN (choices)."""

    value: "Expression"
    choices: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Between:
    """value BETWEEN low AND high."""

    value: "Expression"
    low: "Expression"
    high: "Expression"


@dataclass(frozen=True, slots=True)
class Like:
    """value LIKE pattern ESCAPE escape."""

    value: "Expression"
    pattern: "Expression"
    escape: str


@dataclass(frozen=True, slots=True)
class Conditional:
    """test ? then : otherwise."""

    test: "Expression"
    then: "Expression"
    otherwise: "Expression"


@dataclass(frozen=True, slots=True)
class Call:
    """A built-in function, or an aggregate; the name is in upper case."""

    name: str
    arguments: tuple["Expression", ...]
    position: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class ArrayLiteral:
    """[a, b]."""

    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class ObjectLiteral:
    """{"name": value}."""

    pairs: tuple[tuple[str, "Expression"], ...]


@dataclass(frozen=True, slots=True)
class Subquery:
    """EXISTS(...), ARRAY(...) or a scalar subquery; `kind` is EXISTS, ARRAY or SCALAR."""

    kind: str
    query: "Query"


type Expression = (
    Constant
    | Parameter
    | Name
    | Index
    | Unary
    | Binary
    | Junction
    | Member
    | Between
    | Like
    | Conditional
    | Call
    | ArrayLiteral
    | ObjectLiteral
    | Subquery
)


@dataclass(frozen=True, slots=True)
class Source:
    """One name of a FROM or JOIN.

    Attributes:
        alias: the name.
        value: what it stands for; None for the container's documents.
        each: whether the name stands for each element of the value, an array.
    """

    alias: str
    value: Expression | None
    each: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A whole SELECT.

    Attributes:
        columns: the selected names and expressions; empty for SELECT *.
        is_value: whether SELECT VALUE.
        order: expressions, each with whether it descends.
    """

    columns: tuple[tuple[str, Expression], ...]
    is_value: bool
    is_distinct: bool
    top: Expression | None
    source: Source | None
    joins: tuple[Source, ...]
    where: Expression | None
    group: tuple[Expression, ...]
    order: tuple[tuple[Expression, bool], ...]
    offset: Expression | None
    limit: Expression | None
    has_aggregates: bool
