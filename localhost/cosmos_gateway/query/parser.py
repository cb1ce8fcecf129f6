"""Reads a query's text into its parts, by recursive descent with a bound on the depth."""

from functools import lru_cache

from .lexer import Token, tokens
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
    Source,
    Subquery,
    Unary,
)
from .values import UNDEFINED

DEPTH_MAX = 40
CHAIN_LENGTH_MAX = 100
QUERIES_REMEMBERED = 512
AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "COUNTIF"})

_COMPARISONS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})
_UNSUPPORTED_SIGNS = frozenset({"&", "|", "^", "~", "<<", ">>"})
_CLAUSES = frozenset(
    {"SELECT", "FROM", "WHERE", "GROUP", "ORDER", "BY", "OFFSET", "LIMIT", "JOIN", "IN", "AS"}
    | {"AND", "OR", "NOT", "BETWEEN", "LIKE", "ESCAPE", "ASC", "DESC", "TOP", "DISTINCT", "VALUE"}
    | {"EXISTS", "HAVING"}
)
_CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None, "UNDEFINED": UNDEFINED}


@lru_cache(maxsize=QUERIES_REMEMBERED)
def parse(text: str) -> Query:
    """The parts of a query.

    Raises:
        QueryError: the text is malformed, too deep, or uses what the gateway does not have.
    """
    parser = _Parser(tokens(text))
    query = parser.query()
    parser.finish()
    return query


class _Parser:
    def __init__(self, all_tokens: list[Token]) -> None:
        self._tokens = all_tokens
        self._place = 0
        self._depth = 0
        self._aggregates = 0

    # Clauses

    def query(self) -> Query:
        self._deepen()
        outer, self._aggregates = self._aggregates, 0
        self._expect("SELECT")
        is_distinct = self._take("DISTINCT")
        top = self._primary() if self._take("TOP") else None
        is_value = self._take("VALUE")
        columns = () if self._take("*") else self._columns(is_value)
        if is_value and len(columns) != 1:
            raise self._error("SELECT VALUE takes one expression.")
        source, joins = self._sources() if self._take("FROM") else (None, ())
        where = self._expression() if self._take("WHERE") else None
        group = self._list_after_by() if self._take("GROUP") else ()
        if self._now.upper == "HAVING":
            raise self._error("The Careloom Cosmos gateway does not support HAVING.")
        order = self._order() if self._take("ORDER") else ()
        offset = limit = None
        if self._take("OFFSET"):
            offset = self._primary()
            self._expect("LIMIT")
            limit = self._primary()
        has_aggregates, self._aggregates = self._aggregates > 0, outer
        self._depth -= 1
        return Query(
            columns=columns,
            is_value=is_value,
            is_distinct=is_distinct,
            top=top,
            source=source,
            joins=joins,
            where=where,
            group=group,
            order=order,
            offset=offset,
            limit=limit,
            has_aggregates=has_aggregates,
        )

    def finish(self) -> None:
        if self._now.kind != "end":
            raise self._unexpected()

    def _columns(self, is_value: bool) -> tuple[tuple[str, Expression], ...]:  # noqa: FBT001
        columns: list[tuple[str, Expression]] = []
        while True:
            expression = self._expression()
            name = _natural_name(expression) or f"${len(columns) + 1}"
            if self._take("AS") or (
                self._now.kind == "word" and self._now.upper not in _CLAUSES and not is_value
            ):
                name = self._any_word()
            columns.append((name, expression))
            if not self._take(","):
                return tuple(columns)

    def _sources(self) -> tuple[Source, tuple[Source, ...]]:
        first = self._source(is_first=True)
        joins: list[Source] = []
        while self._take("JOIN"):
            joins.append(self._source(is_first=False))
        if self._now.text == ",":
            raise self._error("FROM takes one source; further ones are joined with JOIN.")
        return first, tuple(joins)

    def _source(self, *, is_first: bool) -> Source:
        if self._now.text == "(":
            value: Expression = self._primary()
            if not isinstance(value, Subquery):
                raise self._unexpected()
            self._take("AS")
            return Source(self._alias(), Subquery("ARRAY", value.query), each=True)
        position = self._now.position
        name = self._alias()
        if self._take("IN"):
            return Source(name, self._postfix(), each=True)
        value = self._chain(Name(name, position))
        if not is_first:
            raise self._error("JOIN takes the form: JOIN name IN array.")
        alias = _natural_name(value) if isinstance(value, Index) else name
        if self._take("AS") or (self._now.kind == "word" and self._now.upper not in _CLAUSES):
            alias = self._alias()
        if isinstance(value, Index):
            return Source(alias or "", value, each=False)
        return Source(alias or "", None, each=False)

    def _list_after_by(self) -> tuple[Expression, ...]:
        self._expect("BY")
        result = [self._expression()]
        while self._take(","):
            result.append(self._expression())
        return tuple(result)

    def _order(self) -> tuple[tuple[Expression, bool], ...]:
        self._expect("BY")
        result = []
        while True:
            expression = self._expression()
            descends = self._take("DESC")
            if not descends:
                self._take("ASC")
            result.append((expression, descends))
            if not self._take(","):
                return tuple(result)

    # Expressions, from the loosest binding to the tightest

    def _expression(self) -> Expression:
        self._deepen()
        result = self._or()
        chain = 0
        while self._take("??"):
            chain = self._lengthen(chain)
            result = Binary("??", result, self._or())
        if self._take("?"):
            then = self._expression()
            self._expect(":")
            result = Conditional(result, then, self._expression())
        self._depth -= 1
        return result

    def _or(self) -> Expression:
        operands = [self._and()]
        while self._take("OR"):
            operands.append(self._and())
        return operands[0] if len(operands) == 1 else Junction("OR", tuple(operands))

    def _and(self) -> Expression:
        operands = [self._not()]
        while self._take("AND"):
            operands.append(self._not())
        return operands[0] if len(operands) == 1 else Junction("AND", tuple(operands))

    def _not(self) -> Expression:
        if not self._take("NOT"):
            return self._comparison()
        self._deepen()
        result = Unary("NOT", self._not())
        self._depth -= 1
        return result

    def _comparison(self) -> Expression:
        left = self._sum()
        sign = self._now.upper
        if sign in _COMPARISONS and self._now.kind == "sign":
            self._place += 1
            return Binary("!=" if sign == "<>" else sign, left, self._sum())
        if sign in _UNSUPPORTED_SIGNS:
            raise self._error(f"The Careloom Cosmos gateway does not support the operator {sign}.")
        negated = self._take("NOT")
        result = self._range_test(left)
        if result is None:
            if negated:
                raise self._unexpected()
            return left
        return Unary("NOT", result) if negated else result

    def _range_test(self, left: Expression) -> Expression | None:
        if self._take("IN"):
            self._expect("(")
            choices = self._until(")")
            if not choices:
                raise self._unexpected()
            return Member(left, choices)
        if self._take("BETWEEN"):
            low = self._sum()
            self._expect("AND")
            return Between(left, low, self._sum())
        if self._take("LIKE"):
            pattern = self._sum()
            escape = ""
            if self._take("ESCAPE"):
                escape = self._now.text
                if self._now.kind != "string" or len(escape) != 1:
                    raise self._unexpected()
                self._place += 1
            return Like(left, pattern, escape)
        return None

    def _sum(self) -> Expression:
        result, chain = self._product(), 0
        while self._now.kind == "sign" and self._now.text in ("+", "-", "||"):
            chain = self._lengthen(chain)
            self._place += 1
            result = Binary(self._tokens[self._place - 1].text, result, self._product())
        return result

    def _product(self) -> Expression:
        result, chain = self._unary(), 0
        while self._now.kind == "sign" and self._now.text in ("*", "/", "%"):
            chain = self._lengthen(chain)
            self._place += 1
            result = Binary(self._tokens[self._place - 1].text, result, self._unary())
        return result

    def _unary(self) -> Expression:
        sign = self._now.text
        if self._now.kind == "sign" and sign in ("-", "+"):
            self._place += 1
            self._deepen()
            result = Unary(sign, self._unary())
            self._depth -= 1
            return result
        return self._postfix()

    def _postfix(self) -> Expression:
        return self._chain(self._primary())

    def _chain(self, base: Expression) -> Expression:
        chain = 0
        while self._now.kind == "sign" and self._now.text in (".", "["):
            chain = self._lengthen(chain)
            if self._take("."):
                base = Index(base, Constant(self._any_word()))
            else:
                self._place += 1
                base = Index(base, self._expression())
                self._expect("]")
        return base

    def _primary(self) -> Expression:
        token = self._now
        self._place += 1
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
        self._place -= 1
        raise self._unexpected()

    def _word(self, token: Token) -> Expression:
        if token.upper in _CONSTANTS:
            return Constant(_CONSTANTS[token.upper])
        if token.upper in ("EXISTS", "ARRAY") and self._now.text == "(":
            self._place += 1
            inner = self.query()
            self._expect(")")
            return Subquery(token.upper, inner)
        if token.upper in _CLAUSES:
            self._place -= 1
            raise self._unexpected()
        if token.upper == "UDF" and self._now.text == ".":
            raise self._error(
                "The Careloom Cosmos gateway does not support user-defined functions."
            )
        if self._now.kind == "sign" and self._now.text == "(":
            self._place += 1
            if token.upper in AGGREGATES:
                self._aggregates += 1
            return Call(token.upper, self._until(")"), token.position)
        return Name(token.text, token.position)

    def _parenthesis(self) -> Expression:
        if self._now.upper == "SELECT":
            result: Expression = Subquery("SCALAR", self.query())
        else:
            result = self._expression()
        self._expect(")")
        return result

    def _object(self) -> Expression:
        pairs: list[tuple[str, Expression]] = []
        while not self._take("}"):
            if pairs:
                self._expect(",")
            name = self._now
            if name.kind not in ("string", "word"):
                raise self._unexpected()
            self._place += 1
            self._expect(":")
            pairs.append((name.text, self._expression()))
        return ObjectLiteral(tuple(pairs))

    def _until(self, closing: str) -> tuple[Expression, ...]:
        items: list[Expression] = []
        while not self._take(closing):
            if items:
                self._expect(",")
            items.append(self._expression())
        return tuple(items)

    # Tokens

    @property
    def _now(self) -> Token:
        return self._tokens[self._place]

    def _take(self, word: str) -> bool:
        if self._now.upper == word:
            self._place += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._take(word):
            raise self._error(f"Syntax error near '{self._now.text}': expected {word}.")

    def _any_word(self) -> str:
        if self._now.kind != "word":
            raise self._unexpected()
        self._place += 1
        return self._tokens[self._place - 1].text

    def _alias(self) -> str:
        if self._now.upper in _CLAUSES:
            raise self._unexpected()
        return self._any_word()

    def _deepen(self) -> None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise self._error(f"The query nests deeper than {DEPTH_MAX} levels.")

    def _lengthen(self, chain: int) -> int:
        if chain >= CHAIN_LENGTH_MAX:
            raise self._error(f"More than {CHAIN_LENGTH_MAX} operators in a row.")
        return chain + 1

    def _unexpected(self) -> QueryError:
        return self._error(f"Syntax error, incorrect syntax near '{self._now.text[:40]}'.")

    def _error(self, message: str) -> QueryError:
        return QueryError(message, position=self._now.position)


def _natural_name(expression: Expression) -> str:
    """The name that a column has without AS: the last property of a path."""
    if isinstance(expression, Name):
        return expression.name
    if isinstance(expression, Index) and isinstance(expression.key, Constant):
        return expression.key.value if isinstance(expression.key.value, str) else ""
    return ""


def _number(token: Token) -> float:
    try:
        if token.text.isdecimal() and len(token.text) <= 20:  # noqa: PLR2004 - longer is no int64
            return int(token.text)
        return float(token.text)
    except ValueError as error:
        raise QueryError("The number is malformed.", position=token.position) from error
