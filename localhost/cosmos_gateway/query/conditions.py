"""The condition of a conditional patch: a FROM and a WHERE, asked of one document."""

from typing import Any

from .evaluation import Scope, compile_expression
from .parser import parse


def matches(condition: str, document: dict[str, Any]) -> bool:
    """Whether a patch's condition, such as "from c where c.n = 1", holds for a document.

    Raises:
        QueryError: the condition cannot be read.
    """
    query = parse(f"SELECT * {condition}")
    if query.where is None:
        return True
    name = query.source.alias if query.source else "c"
    test = compile_expression(query.where, Scope(frozenset({name}), {}))
    return test({name: document}) is True
