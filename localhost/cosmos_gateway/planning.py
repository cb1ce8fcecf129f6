"""What of a query SQLite can answer from the columns of indexed paths.

A condition becomes SQL where it compares a path that has a column with a value that the query
gives. Comparison by key is exact, so a condition wholly in SQL needs no second look; of an AND,
what cannot become SQL is left to Python.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .containers import Path
from .keys import TYPE_SPAN, UNDEFINED_KEY, after_prefix, encode
from .query.evaluation import Scope, compile_expression
from .query.syntax import (
    Between,
    Binary,
    Call,
    Constant,
    Expression,
    Index,
    Junction,
    Like,
    Member,
    Name,
    Parameter,
    QueryError,
    Unary,
)

CHOICES_MAX = 2000

_TYPE_TESTS = {"IS_NULL": (1, 2), "IS_BOOL": (2, 4), "IS_NUMBER": (4, 5), "IS_STRING": (5, 6)}
_NEGATED = {"=": "!=", "!=": "="}
_MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(slots=True)
class Condition:
    """A piece of SQL.

    Attributes:
        text: a boolean expression over columns; NULL counts as false.
        arguments: for its question marks.
        is_exact: whether it keeps the same documents as the condition it stands for; otherwise it
            keeps those and maybe more.
    """

    text: str
    arguments: list[Any] = field(default_factory=list)
    is_exact: bool = True


EVERYTHING_MAYBE = Condition("1", is_exact=False)


@dataclass(slots=True)
class Planner:
    """Turns conditions on one source into SQL.

    Attributes:
        root: the name of the documents.
        columns: the column of each path that has one.
        parameters: the query's.
        equal_paths: filled with the paths compared for equality, with a column or without.
        other_paths: filled with the paths otherwise compared.
    """

    root: str
    columns: Mapping[Path, str]
    parameters: Mapping[str, Any]
    equal_paths: list[Path] = field(default_factory=list)
    other_paths: list[Path] = field(default_factory=list)

    def condition(self, expression: Expression) -> Condition:
        """The SQL for a condition."""
        if isinstance(expression, Junction):
            return self._junction(expression)
        if isinstance(expression, Binary) and expression.operator in _MIRRORED:
            return self._comparison(expression)
        if isinstance(expression, Between):
            low = self._compared(expression.value, ">=", expression.low)
            high = self._compared(expression.value, "<=", expression.high)
            return _all([low, high])
        if isinstance(expression, Member):
            return self._among(self.column(expression.value, self.equal_paths), expression)
        if isinstance(expression, Like):
            return self._like(expression)
        if isinstance(expression, Call):
            return self._call(expression)
        if isinstance(expression, Unary) and expression.operator == "NOT":
            return self._negated(expression.operand)
        return EVERYTHING_MAYBE

    def _negated(self, expression: Expression) -> Condition:
        """NOT of an equality or a test; NOT of an order would have to tell false and undefined."""
        if isinstance(expression, Binary) and expression.operator in _NEGATED:
            opposite = Binary(_NEGATED[expression.operator], expression.left, expression.right)
            return self._comparison(opposite)
        if isinstance(expression, Member):
            column = self.column(expression.value, self.other_paths)
            within = self._among(column, expression)
            if within is EVERYTHING_MAYBE:
                return EVERYTHING_MAYBE
            return Condition(f"({column} > x'' AND NOT {within.text})", within.arguments)
        if isinstance(expression, Call) and (
            expression.name == "IS_DEFINED" or expression.name in _TYPE_TESTS
        ):
            test = self._call(expression)
            if test is not EVERYTHING_MAYBE:
                return Condition(f"(({test.text}) IS NOT 1)", test.arguments)
        return EVERYTHING_MAYBE

    def path(self, expression: Expression) -> Path | None:
        """The path that an expression reads from the documents; None where it is no such thing."""
        names: list[str] = []
        while isinstance(expression, Index):
            key = expression.key
            if not isinstance(key, Constant) or not isinstance(key.value, str):
                return None
            names.append(key.value)
            expression = expression.base
        if isinstance(expression, Name) and expression.name == self.root and names:
            return tuple(reversed(names))
        return None

    def column(self, expression: Expression, seen: list[Path]) -> str | None:
        """The column of a path, which is noted as seen; None where there is none."""
        path = self.path(expression)
        if path is None:
            return None
        if path not in seen:
            seen.append(path)
        return self.columns.get(path)

    def _junction(self, expression: Junction) -> Condition:
        parts = [self.condition(operand) for operand in expression.operands]
        if expression.operator == "AND":
            return _all(parts)
        if any(part is EVERYTHING_MAYBE for part in parts):
            return EVERYTHING_MAYBE
        return Condition(
            _joined(" OR ", [part.text for part in parts]),
            [argument for part in parts for argument in part.arguments],
            all(part.is_exact for part in parts),
        )

    def _comparison(self, expression: Binary) -> Condition:
        if self.path(expression.left) is not None:
            return self._compared(expression.left, expression.operator, expression.right)
        return self._compared(expression.right, _MIRRORED[expression.operator], expression.left)

    def _compared(self, side: Expression, operator: str, other: Expression) -> Condition:
        key = self._constant(other)
        if key is None:
            return EVERYTHING_MAYBE
        column = self.column(side, self.equal_paths if operator == "=" else self.other_paths)
        if column is None:
            return EVERYTHING_MAYBE
        if key == UNDEFINED_KEY:
            return Condition("0")
        if operator == "=":
            return Condition(f"{column} = ?", [key])
        if operator == "!=":
            return Condition(f"({column} > x'' AND {column} <> ?)", [key])
        first, last = TYPE_SPAN[key[0]]
        if key[0] in (6, 7):
            return Condition("0")  # Arrays and objects have no order.
        if operator in ("<", "<="):
            return Condition(f"({column} >= ? AND {column} {operator} ?)", [first, key])
        return Condition(f"({column} {operator} ? AND {column} < ?)", [key, last])

    def _among(self, column: str | None, expression: Member) -> Condition:
        return self._member(column, [self._constant(choice) for choice in expression.choices])

    def _member(self, column: str | None, keys: list[bytes | None]) -> Condition:
        if column is None or len(keys) > CHOICES_MAX or None in keys:
            return EVERYTHING_MAYBE
        known = [key for key in keys if key]
        if not known:
            return Condition("0")
        return Condition(f"{column} IN ({', '.join('?' * len(known))})", list(known))

    def _like(self, expression: Like) -> Condition:
        pattern = self._value(expression.pattern)
        if not isinstance(pattern, str) or expression.escape:
            return EVERYTHING_MAYBE
        fixed = pattern
        for sign in "%_[":
            fixed = fixed.partition(sign)[0]
        found = self._prefix(expression.value, fixed)
        if found is not EVERYTHING_MAYBE:
            found.is_exact = pattern == fixed + "%"
        return found

    def _prefix(self, value: Expression, prefix: str) -> Condition:
        column = self.column(value, self.other_paths)
        if column is None:
            return EVERYTHING_MAYBE
        key = encode(prefix)
        return Condition(f"({column} >= ? AND {column} < ?)", [key, after_prefix(key)])

    def _call(self, call: Call) -> Condition:
        name, arguments = call.name, call.arguments
        if name == "IS_DEFINED" and len(arguments) == 1:
            column = self.column(arguments[0], self.other_paths)
            return Condition(f"{column} > x''") if column else EVERYTHING_MAYBE
        if name in _TYPE_TESTS and len(arguments) == 1:
            column = self.column(arguments[0], self.other_paths)
            first, last = (bytes([tag]) for tag in _TYPE_TESTS[name])
            if column is None:
                return EVERYTHING_MAYBE
            return Condition(f"({column} >= ? AND {column} < ?)", [first, last])
        if name == "STARTSWITH" and len(arguments) == 2:  # noqa: PLR2004 - a third ignores case
            prefix = self._value(arguments[1])
            if isinstance(prefix, str):
                return self._prefix(arguments[0], prefix)
        if name == "ARRAY_CONTAINS" and len(arguments) == 2:  # noqa: PLR2004 - a third asks for parts
            items = self._value(arguments[0])
            if isinstance(items, list):
                column = self.column(arguments[1], self.equal_paths)
                return self._member(column, [encode(item) for item in items])
        return EVERYTHING_MAYBE

    def _constant(self, expression: Expression) -> bytes | None:
        """The key of a value that the query gives; None where it depends on the document."""
        value = self._value(expression)
        return None if value is _NOT_CONSTANT else encode(value)

    def _value(self, expression: Expression) -> Any:
        if isinstance(expression, Constant):
            return expression.value
        if isinstance(expression, Parameter):
            return self.parameters.get(expression.name, _NOT_CONSTANT)
        try:
            return compile_expression(expression, Scope(frozenset(), self.parameters))({})
        except QueryError:
            return _NOT_CONSTANT


_NOT_CONSTANT = object()


def _all(parts: list[Condition]) -> Condition:
    useful = [part for part in parts if part is not EVERYTHING_MAYBE]
    if not useful:
        return EVERYTHING_MAYBE
    return Condition(
        _joined(" AND ", [part.text for part in useful]),
        [argument for part in useful for argument in part.arguments],
        len(useful) == len(parts) and all(part.is_exact for part in useful),
    )


def _joined(word: str, texts: list[str]) -> str:
    """The texts with a word between them, as a balanced tree: SQLite bounds the depth."""
    if len(texts) <= 2:  # noqa: PLR2004 - a leaf
        return f"({word.join(texts)})"
    middle = len(texts) // 2
    return f"({_joined(word, texts[:middle])}{word}{_joined(word, texts[middle:])})"
