from typing import Any

import pytest

from localhost.cosmos_gateway.query.aggregates import compile_aggregate
from localhost.cosmos_gateway.query.syntax import Constant
from localhost.cosmos_gateway.query.values import UNDEFINED


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("COUNT", [1, None, UNDEFINED], 2),
        ("COUNTIF", [True, False, 1], 1),
        ("SUM", [1, 2.5, UNDEFINED], 3.5),
        ("SUM", [1, "a"], UNDEFINED),
        ("SUM", [-1e308, -1e308], UNDEFINED),
        ("AVG", [1e308, 1e308], UNDEFINED),
        ("AVG", [1, 2], 1.5),
        ("AVG", [], UNDEFINED),
        ("MIN", ["a", 1, None], None),
        ("MAX", ["a", 1, None], "a"),
        ("MAX", [], UNDEFINED),
    ],
)
def test_an_aggregate_passes_over_what_is_undefined(
    name: str, values: list[Any], expected: Any
) -> None:
    aggregate = compile_aggregate(name, (Constant(1),), 0)
    assert aggregate is not None
    assert aggregate(values) == expected


def test_other_names_are_no_aggregates() -> None:
    assert compile_aggregate("LENGTH", (), 0) is None
