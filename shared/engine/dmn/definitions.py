"""A DMN model as written: typed, frozen, and open to whoever wants to walk or analyse it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class HitPolicy(StrEnum):
    """What a decision table answers where several rules match."""

    UNIQUE = "UNIQUE"
    ANY = "ANY"
    PRIORITY = "PRIORITY"
    FIRST = "FIRST"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"
    COLLECT = "COLLECT"


class Aggregation(StrEnum):
    """What COLLECT makes of the collected outputs; NONE leaves the list."""

    NONE = ""
    SUM = "SUM"
    COUNT = "COUNT"
    MIN = "MIN"
    MAX = "MAX"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a decision table.

    Attributes:
        id: its id; empty where it has none.
        text: the FEEL text.
    """

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class InputColumn:
    """An input of a decision table.

    Attributes:
        id: its id.
        label: what people call it.
        expression: the FEEL text whose value the cells test.
        type_ref: name of the expression's type; empty for none.
        allowed: unary tests of the allowed values; empty for none.
    """

    id: str
    label: str
    expression: str
    type_ref: str = ""
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """An output of a decision table.

    Attributes:
        id: its id.
        name: the entry of the result, where the table has several outputs.
        label: what people call it.
        type_ref: name of its type; empty for none.
        allowed: the allowed values, for PRIORITY and OUTPUT ORDER the best first; empty for none.
        default: the FEEL text of the value where no rule matches; empty for none.
    """

    id: str
    name: str
    label: str
    type_ref: str = ""
    allowed: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of a decision table.

    Attributes:
        id: its id; empty where it has none.
        index: its number, from 1.
        inputs: one cell for each input column.
        outputs: one cell for each output column.
        annotations: one text for each annotation column.
        description: a note.
    """

    id: str
    index: int
    inputs: tuple[Cell, ...]
    outputs: tuple[Cell, ...]
    annotations: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class Expression:
    """A boxed expression.

    Attributes:
        id: its id; empty where it has none.
        type_ref: name of the type its value must have; empty for none.
    """

    id: str
    type_ref: str


@dataclass(frozen=True, slots=True)
class LiteralExpression(Expression):
    """A FEEL text."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class DecisionTable(Expression):
    """A decision table, always with its rules as rows."""

    hit_policy: HitPolicy
    aggregation: Aggregation
    inputs: tuple[InputColumn, ...]
    outputs: tuple[OutputColumn, ...]
    annotations: tuple[str, ...]
    rules: tuple[Rule, ...]
    output_label: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """A named value: an entry, a parameter, a requirement.

    Attributes:
        name: its name; empty for the result entry of a context.
        type_ref: name of its type; empty for none.
    """

    name: str
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A variable and the expression of its value."""

    variable: Variable
    value: Expression | None


@dataclass(frozen=True, slots=True)
class Context(Expression):
    """Entries, each of which sees those before it; the last may be the result."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class ListExpression(Expression):
    """Expressions one below the other."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Relation(Expression):
    """A table of values: a list of contexts."""

    columns: tuple[Variable, ...]
    rows: tuple[tuple[Expression, ...], ...]


@dataclass(frozen=True, slots=True)
class Invocation(Expression):
    """A call with arguments by name."""

    function: Expression
    bindings: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class FunctionExpression(Expression):
    """A function definition; kind is FEEL, Java or PMML."""

    kind: str
    parameters: tuple[Variable, ...]
    body: Expression | None


@dataclass(frozen=True, slots=True)
class Conditional(Expression):
    """if, then, else."""

    condition: Expression
    positive: Expression
    negative: Expression


@dataclass(frozen=True, slots=True)
class Filter(Expression):
    """The items of a list that match."""

    source: Expression
    match: Expression


@dataclass(frozen=True, slots=True)
class Iteration(Expression):
    """for, some or every: kind says which."""

    kind: str
    variable: str
    source: Expression
    body: Expression


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A type.

    Attributes:
        name: its name; for a component, the entry's.
        type_ref: the type that it is based on; empty for none.
        is_collection: it is a list of that.
        allowed: unary tests of the allowed values, of each item for a list; empty for none.
        constraint: unary tests of the value as a whole (DMN 1.5); empty for none.
        components: the entries of a context.
        function: parameters and result of a function type, or None.
    """

    name: str
    type_ref: str = ""
    is_collection: bool = False
    allowed: str = ""
    constraint: str = ""
    components: tuple[ItemDefinition, ...] = ()
    function: FunctionItem | None = None


@dataclass(frozen=True, slots=True)
class FunctionItem:
    """The parameters and the result of a function type."""

    parameters: tuple[Variable, ...]
    result: str


@dataclass(frozen=True, slots=True)
class InputData:
    """A value that the caller gives."""

    id: str
    name: str
    variable: Variable


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision.

    Attributes:
        requires: hrefs of the required decisions and inputs.
        knows: hrefs of the required business knowledge models and services.
        logic: its expression, or None.
        question: what it answers, in words.
        description: a note.
    """

    id: str
    name: str
    variable: Variable
    requires: tuple[str, ...]
    knows: tuple[str, ...]
    logic: Expression | None
    question: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class KnowledgeModel:
    """A business knowledge model: a function with a name."""

    id: str
    name: str
    variable: Variable
    knows: tuple[str, ...]
    logic: FunctionExpression | None


@dataclass(frozen=True, slots=True)
class DecisionService:
    """Decisions offered together as a function; hrefs of its parts."""

    id: str
    name: str
    variable: Variable
    outputs: tuple[str, ...]
    encapsulated: tuple[str, ...]
    input_decisions: tuple[str, ...]
    input_data: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """Another model that this one uses, under a name; empty puts its elements beside one's own."""

    name: str
    namespace: str
    location: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Definitions:
    """A whole model."""

    name: str
    namespace: str
    imports: tuple[Import, ...] = ()
    items: tuple[ItemDefinition, ...] = ()
    inputs: tuple[InputData, ...] = ()
    decisions: tuple[Decision, ...] = ()
    knowledge: tuple[KnowledgeModel, ...] = ()
    services: tuple[DecisionService, ...] = ()
    file: str = field(default="", compare=False)
