"""What a query may not combine, found before it runs."""

from collections.abc import Iterator
from dataclasses import fields

from .expressions import AGGREGATES
from .syntax import Call, Expression, Index, Name, Query, QueryError, Subquery


def check_query(query: Query) -> None:
    """Refuses what Cosmos DB refuses.

    Raises:
        QueryError: with what cannot be combined.
    """
    if query.order and (query.group or query.has_aggregates):
        raise QueryError("ORDER BY cannot be combined with GROUP BY or an aggregate.")
    if query.top is not None and query.limit is not None:
        raise QueryError("TOP cannot be combined with OFFSET LIMIT.")
    if not query.columns and (query.joins or query.source is None):
        raise QueryError("'SELECT *' is valid with a single input set only.")
    if not query.columns and query.group:
        raise QueryError("'SELECT *' cannot be combined with GROUP BY.")
    if query.group or query.has_aggregates:
        for _, expression in query.columns:
            _check_grouped(expression, query.group)


def refuse_across_partitions(query: Query) -> None:
    """Refuses what azure-cosmos cannot do across partitions in Azure, so that it fails here too.

    Raises:
        QueryError: the query needs GROUP BY, or an aggregate without VALUE.
    Source:
        azure-cosmos 4.17.1: its README's limitations, and _GetQueryPlanThroughGateway, whose list
        of supported features lacks GroupBy; _create_pipelined_execution_context for the second.
    """
    if query.group:
        raise QueryError(
            "Query contains the following features, which the calling client does not support: "
            "GroupBy. In Azure, azure-cosmos runs GROUP BY within one partition only"
        )
    if query.has_aggregates and not query.is_value:
        raise QueryError(
            "Cross partition query only supports 'VALUE <AggregateFunc>' for aggregates"
        )


def _check_grouped(expression: Expression, group: tuple[Expression, ...]) -> None:
    """A selected value is the same for the whole group, or an aggregate over it."""
    if expression in group or isinstance(expression, Subquery):
        return
    if isinstance(expression, Call) and expression.name in AGGREGATES:
        return
    if isinstance(expression, Name | Index) and _is_reference(expression):
        raise QueryError(
            f"Property reference '{_written(expression)}' is invalid in the select list because it "
            "is not contained in either an aggregate function or the GROUP BY clause."
        )
    for part in _parts(expression):
        _check_grouped(part, group)


def _is_reference(expression: Expression) -> bool:
    while isinstance(expression, Index):
        expression = expression.base
    return isinstance(expression, Name)


def _written(expression: Expression) -> str:
    if isinstance(expression, Index):
        key = getattr(expression.key, "value", "...")
        return f"{_written(expression.base)}.{key}"
    return expression.name if isinstance(expression, Name) else "..."


def _parts(expression: Expression) -> Iterator[Expression]:
    """The expressions directly within one."""
    for field in fields(expression):
        value = getattr(expression, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            # The pairs of an object literal are a name and an expression.
            inner = part[1] if isinstance(part, tuple) else part
            if hasattr(type(inner), "__dataclass_fields__") and not isinstance(inner, Query):
                yield inner
