"""A whole query as a Python function: sources, filter, groups, order, projection, paging."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from localhost.cosmos_gateway.keys import encode

from .checking import check_query
from .evaluation import GROUP, Environment, Evaluator, Scope, compile_expression, constant_value
from .syntax import Expression, Index, Name, Query, QueryError, Source
from .values import UNDEFINED

type Rows = Callable[[Environment], Iterator[Environment]]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query, ready to run.

    Attributes:
        query: as parsed.
        root: the name of the container's documents.
        rows: the environments that the sources make of one.
        test: whether a row stays; None where there is no WHERE.
        project: the row's result; UNDEFINED where it has none.
        offset: how many results to pass over.
        limit: how many results there are at most; None for all.
    """

    query: Query
    root: str
    rows: Rows
    test: Evaluator | None
    project: Evaluator
    groups: list[Evaluator]
    order: list[tuple[Evaluator, bool]]
    offset: int
    limit: int | None

    @property
    def is_streaming(self) -> bool:
        """Whether a row's result depends on that row alone."""
        query = self.query
        return not (query.is_distinct or query.group or query.has_aggregates or query.joins) and (
            query.source is not None and query.source.value is None
        )

    def kept(self, environment: Environment) -> Iterator[Environment]:
        """The rows of one environment that pass the WHERE."""
        for row in self.rows(environment):
            if self.test is None or self.test(row) is True:
                yield row

    def run(self, environments: Iterable[Environment]) -> list[Any]:
        """Every result, in order."""
        rows = [row for environment in environments for row in self.kept(environment)]
        if self.query.group or self.query.has_aggregates:
            rows = self._grouped(rows)
        for key, descends in reversed(self.order):
            rows.sort(key=lambda row, key=key: encode(key(row)), reverse=descends)  # type: ignore[misc]
        results = [value for row in rows if (value := self.project(row)) is not UNDEFINED]
        if self.query.is_distinct:
            results = list({encode(value): value for value in reversed(results)}.values())[::-1]
        end = None if self.limit is None else self.offset + self.limit
        return results[self.offset : end]

    def _grouped(self, rows: list[Environment]) -> list[Environment]:
        if not self.groups:
            return [{GROUP: rows}]
        groups: dict[tuple[bytes, ...], list[Environment]] = {}
        for row in rows:
            groups.setdefault(tuple(encode(key(row)) for key in self.groups), []).append(row)
        return [{**members[0], GROUP: members} for members in groups.values()]


def compile_query(query: Query, scope: Scope, *, is_inner: bool = False) -> Compiled:
    """A query ready to run in a scope, which for an inner query holds the outer names.

    Raises:
        QueryError: it refers to what there is not, or combines what cannot be combined.
    """
    check_query(query)
    root = "" if is_inner else _root_name(query.source)
    inside = scope.with_names(root) if root else scope
    steps = []
    for source in [query.source, *query.joins] if query.source else []:
        step, inside = _step(source, inside, is_root=source.alias == root)
        steps.append(step)
    limit = _count(query.limit, scope, "LIMIT")
    top = _count(query.top, scope, "TOP")
    return Compiled(
        query=query,
        root=root,
        rows=_chained(steps, scope.tick),
        test=compile_expression(query.where, inside) if query.where else None,
        project=_projection(query, inside),
        groups=[compile_expression(expression, inside) for expression in query.group],
        order=[(compile_expression(e, inside), descends) for e, descends in query.order],
        offset=_count(query.offset, scope, "OFFSET") or 0,
        limit=top if limit is None else limit,
    )


def compile_subquery(query: Query, scope: Scope) -> Callable[[Environment], list[Any]]:
    """The results of an inner query, as a function of the outer row."""
    compiled = compile_query(query, scope, is_inner=True)
    return lambda environment: compiled.run([environment])


def _root_name(source: Source | None) -> str:
    """The name that stands for the container's documents in the first source."""
    if source is None:
        return ""
    if source.value is None:
        return source.alias
    expression: Expression = source.value
    while isinstance(expression, Index):
        expression = expression.base
    return expression.name if isinstance(expression, Name) else ""


def _step(source: Source, scope: Scope, *, is_root: bool) -> tuple[Rows, Scope]:
    alias = source.alias
    if source.value is None:
        if not is_root and alias not in scope.names:
            raise QueryError(f"Identifier '{alias}' could not be resolved.")
        return (lambda environment: iter((environment,))), scope
    value = compile_expression(source.value, scope)

    def whole(environment: Environment) -> Iterator[Environment]:
        found = value(environment)
        if found is not UNDEFINED:
            yield {**environment, alias: found}

    def each(environment: Environment) -> Iterator[Environment]:
        found = value(environment)
        if isinstance(found, list):
            for item in found:
                yield {**environment, alias: item}

    return (each if source.each else whole), scope.with_names(alias)


def _chained(steps: list[Rows], tick: Callable[[], None]) -> Rows:
    """The rows that the sources make together; each counts against the query's time."""

    def rows(environment: Environment, at: int = 0) -> Iterator[Environment]:
        if at == len(steps):
            tick()
            yield environment
            return
        for row in steps[at](environment):
            yield from rows(row, at + 1)

    return rows


def _projection(query: Query, scope: Scope) -> Evaluator:
    if not query.columns:
        alias = query.source.alias if query.source else ""
        return lambda row: row.get(alias, UNDEFINED)
    columns = [(name, compile_expression(expression, scope)) for name, expression in query.columns]
    if query.is_value:
        return columns[0][1]

    def projected(row: Environment) -> Any:
        return {name: value for name, part in columns if (value := part(row)) is not UNDEFINED}

    return projected


def _count(expression: Expression | None, scope: Scope, clause: str) -> int | None:
    if expression is None:
        return None
    value = constant_value(expression, scope)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise QueryError(f"{clause} takes a non-negative integer.")
    return value
