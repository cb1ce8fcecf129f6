"""Reads a query's text into its parts, by recursive descent with a bound on the depth."""

from functools import lru_cache

from .cursor import CLAUSES
from .expressions import ExpressionReader
from .lexer import tokens
from .syntax import Constant, Expression, Index, Name, Query, Source, Subquery

QUERIES_REMEMBERED = 512
TEXT_LENGTH_REMEMBERED = 4096


def parse(text: str) -> Query:
    """The parts of a query; those of short texts are remembered.

    Raises:
        QueryError: the text is malformed, too deep, or uses what the gateway does not have.
    """
    return _remembered(text) if len(text) <= TEXT_LENGTH_REMEMBERED else _read(text)


def _read(text: str) -> Query:
    reader = _QueryReader(tokens(text))
    query = reader.query()
    reader.finish()
    return query


_remembered = lru_cache(maxsize=QUERIES_REMEMBERED)(_read)


class _QueryReader(ExpressionReader):
    def query(self) -> Query:
        self.deepen()
        outer, self.aggregates = self.aggregates, 0
        self.expect("SELECT")
        is_distinct = self.take("DISTINCT")
        top = self.primary() if self.take("TOP") else None
        is_value = self.take("VALUE")
        columns = () if self.take("*") else self._columns(is_value)
        if is_value and len(columns) != 1:
            raise self.error("SELECT VALUE takes one expression.")
        source, joins = self._sources() if self.take("FROM") else (None, ())
        where = self.without_aggregates(self.expression) if self.take("WHERE") else None
        group = self._list_after_by() if self.take("GROUP") else ()
        if self.now.upper == "HAVING":
            raise self.error("The Careloom Cosmos gateway does not support HAVING.")
        order = self._order() if self.take("ORDER") else ()
        offset = limit = None
        if self.take("OFFSET"):
            offset = self.primary()
            self.expect("LIMIT")
            limit = self.primary()
        has_aggregates, self.aggregates = self.aggregates > 0, outer
        self.rise()
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
        if self.now.kind != "end":
            raise self.unexpected()

    def _columns(self, is_value: bool) -> tuple[tuple[str, Expression], ...]:  # noqa: FBT001
        columns: list[tuple[str, Expression]] = []
        while True:
            expression = self.expression()
            name = _natural_name(expression) or f"${len(columns) + 1}"
            if self.take("AS") or (
                self.now.kind == "word" and self.now.upper not in CLAUSES and not is_value
            ):
                name = self.any_word()
            columns.append((name, expression))
            if not self.take(","):
                return tuple(columns)

    def _sources(self) -> tuple[Source, tuple[Source, ...]]:
        first = self._source(is_first=True)
        joins: list[Source] = []
        while self.take("JOIN"):
            joins.append(self._source(is_first=False))
        if self.now.text == ",":
            raise self.error("FROM takes one source; further ones are joined with JOIN.")
        return first, tuple(joins)

    def _source(self, *, is_first: bool) -> Source:
        if self.now.text == "(" and is_first:
            raise self.error(
                "The Careloom Cosmos gateway does not support a subquery as the first source."
            )
        if self.now.text == "(":
            value: Expression = self.primary()
            if not isinstance(value, Subquery):
                raise self.unexpected()
            named = self.take("AS") or (self.now.kind == "word" and self.now.upper not in CLAUSES)
            # Without a name it multiplies the rows, and nothing can refer to it.
            alias = self.alias() if named else f"#{self.now.position}"
            return Source(alias, Subquery("ARRAY", value.query), each=True)
        position = self.now.position
        name = self.alias()
        if self.take("IN"):
            return Source(name, self.postfix(), each=True)
        value = self.chain(Name(name, position))
        if not is_first:
            raise self.error("JOIN takes the form: JOIN name IN array.")
        alias = _natural_name(value) if isinstance(value, Index) else name
        if self.take("AS") or (self.now.kind == "word" and self.now.upper not in CLAUSES):
            alias = self.alias()
        if isinstance(value, Index):
            return Source(alias or "", value, each=False)
        return Source(alias or "", None, each=False)

    def _list_after_by(self) -> tuple[Expression, ...]:
        self.expect("BY")
        result = [self.expression()]
        while self.take(","):
            result.append(self.expression())
        return tuple(result)

    def _order(self) -> tuple[tuple[Expression, bool], ...]:
        self.expect("BY")
        result = []
        while True:
            expression = self.expression()
            descends = self.take("DESC")
            if not descends:
                self.take("ASC")
            result.append((expression, descends))
            if not self.take(","):
                return tuple(result)


def _natural_name(expression: Expression) -> str:
    """The name that a column has without AS: the last property of a path."""
    if isinstance(expression, Name):
        return expression.name
    if isinstance(expression, Index) and isinstance(expression.key, Constant):
        return expression.key.value if isinstance(expression.key.value, str) else ""
    return ""
