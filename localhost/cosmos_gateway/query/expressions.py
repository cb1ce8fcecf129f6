"""Reads expressions, from the loosest binding operator to the tightest."""

import math
from abc import abstractmethod
from collections.abc import Callable

from .cursor import CLAUSES, Cursor
from .lexer import Token
from .syntax import (
    ArrayLiteral,
    Between,
    Binary,
    Call,
    Conditional,
    Constant,
    Expression,
    Index,
    Junction,
    Like,
    Member,
    Name,
    ObjectLiteral,
    Parameter,
    Query,
    QueryError,
    Subquery,
    Unary,
)
from .values import UNDEFINED

AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "COUNTIF"})

_COMPARISONS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})
_UNSUPPORTED_SIGNS = frozenset({"&", "|", "^", "~", "<<", ">>"})
_CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None, "UNDEFINED": UNDEFINED}


class ExpressionReader(Cursor):
    """Reads the expressions of a query.

    Attributes:
        aggregates: how many aggregates the SELECT at hand has.
    """

    def __init__(self, all_tokens: list[Token]) -> None:
        super().__init__(all_tokens)
        self.aggregates = 0

    @abstractmethod
    def query(self) -> Query:
        """Reads a whole SELECT, for a subquery."""

    def expression(self) -> Expression:
        """Reads an expression."""
        self.deepen()
        result = self._or()
        chain = 0
        while self.take("??"):
            chain = self.lengthen(chain)
            result = Binary("??", result, self._or())
        if self.take("?"):
            then = self.expression()
            self.expect(":")
            result = Conditional(result, then, self.expression())
        self.rise()
        return result

    def _or(self) -> Expression:
        operands = [self._and()]
        while self.take("OR"):
            operands.append(self._and())
        return operands[0] if len(operands) == 1 else Junction("OR", tuple(operands))

    def _and(self) -> Expression:
        operands = [self._not()]
        while self.take("AND"):
            operands.append(self._not())
        return operands[0] if len(operands) == 1 else Junction("AND", tuple(operands))

    def _not(self) -> Expression:
        if not self.take("NOT"):
            return self._comparison()
        self.deepen()
        result = Unary("NOT", self._not())
        self.rise()
        return result

    def _comparison(self) -> Expression:
        left = self._sum()
        sign = self.now.upper
        if sign in _COMPARISONS and self.now.kind == "sign":
            self.skip()
            return Binary("!=" if sign == "<>" else sign, left, self._sum())
        if sign in _UNSUPPORTED_SIGNS:
            raise self.error(f"The Careloom Cosmos gateway does not support the operator {sign}.")
        negated = self.take("NOT")
        result = self._range_test(left)
        if result is None:
            if negated:
                raise self.unexpected()
            return left
        return Unary("NOT", result) if negated else result

    def _range_test(self, left: Expression) -> Expression | None:
        if self.take("IN"):
            self.expect("(")
            choices = self._until(")")
            if not choices:
                raise self.unexpected()
            return Member(left, choices)
        if self.take("BETWEEN"):
            low = self._sum()
            self.expect("AND")
            return Between(left, low, self._sum())
        if self.take("LIKE"):
            pattern = self._sum()
            escape = ""
            if self.take("ESCAPE"):
                escape = self.now.text
                if self.now.kind != "string" or len(escape) != 1:
                    raise self.unexpected()
                self.skip()
            return Like(left, pattern, escape)
        return None

    def _sum(self) -> Expression:
        result, chain = self._product(), 0
        while self.now.kind == "sign" and self.now.text in ("+", "-", "||"):
            chain = self.lengthen(chain)
            sign = self.skip().text
            result = Binary(sign, result, self._product())
        return result

    def _product(self) -> Expression:
        result, chain = self._unary(), 0
        while self.now.kind == "sign" and self.now.text in ("*", "/", "%"):
            chain = self.lengthen(chain)
            sign = self.skip().text
            result = Binary(sign, result, self._unary())
        return result

    def _unary(self) -> Expression:
        sign = self.now.text
        if self.now.kind == "sign" and sign in ("-", "+"):
            self.skip()
            self.deepen()
            result = Unary(sign, self._unary())
            self.rise()
            return result
        return self.postfix()

    def postfix(self) -> Expression:
        """Reads a value and the properties taken from it."""
        return self.chain(self.primary())

    def chain(self, base: Expression) -> Expression:
        """Reads the properties taken from a value."""
        chain = 0
        while self.now.kind == "sign" and self.now.text in (".", "["):
            chain = self.lengthen(chain)
            if self.take("."):
                base = Index(base, Constant(self.any_word()))
            else:
                self.skip()
                base = Index(base, self.expression())
                self.expect("]")
        return base

    def primary(self) -> Expression:
        """Reads a literal, a name, a call, or what stands in parentheses."""
        token = self.skip()
        if token.kind == "number":
            return Constant(_number(token))
        if token.kind == "string":
            return Constant(token.text)
        if token.kind == "parameter":
            return Parameter(token.text, token.position)
        if token.kind == "word":
            return self._word(token)
        if token.text == "(":
            return self._parenthesis()
        if token.text == "[":
            return ArrayLiteral(self._until("]"))
        if token.text == "{":
            return self._object()
        raise self.unexpected(token)

    def _word(self, token: Token) -> Expression:
        if token.upper in _CONSTANTS:
            return Constant(_CONSTANTS[token.upper])
        if token.upper in ("EXISTS", "ARRAY") and self.now.text == "(":
            self.skip()
            inner = self.query()
            self.expect(")")
            return Subquery(token.upper, inner)
        if token.upper in CLAUSES:
            raise self.unexpected(token)
        if token.upper == "UDF" and self.now.text == ".":
            raise self.error("The Careloom Cosmos gateway does not support user-defined functions.")
        if self.now.kind == "sign" and self.now.text == "(":
            self.skip()
            if token.upper in AGGREGATES:
                return self._aggregate(token)
            return Call(token.upper, self._until(")"), token.position)
        return Name(token.text, token.position)

    def _aggregate(self, token: Token) -> Expression:
        self.aggregates += 1
        arguments = self.without_aggregates(lambda: self._until(")"))
        return Call(token.upper, arguments, token.position)

    def without_aggregates[T](self, read: Callable[[], T]) -> T:
        """Reads a part in which an aggregate has nothing to count."""
        before, position = self.aggregates, self.now.position
        result = read()
        if self.aggregates > before:
            message = "Cannot perform an aggregate function in WHERE, or in another aggregate."
            raise QueryError(message, position=position)
        return result

    def _parenthesis(self) -> Expression:
        if self.now.upper == "SELECT":
            result: Expression = Subquery("SCALAR", self.query())
        else:
            result = self.expression()
        self.expect(")")
        return result

    def _object(self) -> Expression:
        pairs: list[tuple[str, Expression]] = []
        while not self.take("}"):
            if pairs:
                self.expect(",")
            name = self.now
            if name.kind not in ("string", "word"):
                raise self.unexpected()
            self.skip()
            self.expect(":")
            pairs.append((name.text, self.expression()))
        return ObjectLiteral(tuple(pairs))

    def _until(self, closing: str) -> tuple[Expression, ...]:
        items: list[Expression] = []
        while not self.take(closing):
            if items:
                self.expect(",")
            items.append(self.expression())
        return tuple(items)


def _number(token: Token) -> float:
    try:
        if token.text.isdecimal() and len(token.text) <= 20:  # noqa: PLR2004 - longer is no int64
            return int(token.text)
        value = float(token.text)
    except ValueError as error:
        raise QueryError("The number is malformed.", position=token.position) from error
    if not math.isfinite(value):
        raise QueryError("The number is beyond the range of doubles.", position=token.position)
    return value
