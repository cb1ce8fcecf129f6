from typing import Any

import pytest

from localhost.cosmos_gateway.query.evaluation import Scope, constant_value
from localhost.cosmos_gateway.query.functions import array_contains
from localhost.cosmos_gateway.query.parser import parse
from localhost.cosmos_gateway.query.values import UNDEFINED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IS_DEFINED(undefined)", False),
        ("IS_NULL(undefined)", False),
        ("IS_NUMBER(true)", False),
        ("IS_BOOL(false)", True),
        ("IS_INTEGER(2.0)", True),
        ("IS_PRIMITIVE([])", False),
        ("IIF(1 = 1, 'a', 'b')", "a"),
        ("ARRAY_LENGTH([1, 2])", 2),
        ("ARRAY_LENGTH('ab')", UNDEFINED),
        ("ARRAY_CONCAT([1], [2], [3])", [1, 2, 3]),
        (
            "ARRAY_LENGTH(ARRAY_CONCAT("
            + ", ".join(["StringSplit(REPLICATE('x,', 400000), ',')"] * 3)
            + "))",
            UNDEFINED,
        ),
        ("ARRAY_SLICE([1, 2, 3, 4], 1, 2)", [2, 3]),
        ("ARRAY_SLICE([1, 2, 3, 4], -2)", [3, 4]),
        ("ARRAY_CONTAINS_ANY([1, 2], 2, 9)", True),
        ("ARRAY_CONTAINS_ALL([1, 2], 2, 9)", False),
        ("SetIntersect([1, 2, 2], [2, 3])", [2]),
        ("SetUnion([1, 2], [2, 3])", [1, 2, 3]),
        ("ObjectToArray({'a': 1})", [{"k": "a", "v": 1}]),
        ("CHOOSE(2, 'a', 'b')", "b"),
        ("CHOOSE(9, 'a', 'b')", UNDEFINED),
        ("ToString([1, true])", "[1,true]"),
        ("ROUND(2.5)", 3),
        ("ROUND(-2.5)", -3),
        ("ABS(-1)", 1),
        ("CEILING(1.2)", 2),
        ("FLOOR(-1.2)", -2),
        ("TRUNC(-1.9)", -1),
        ("SQRT(9)", 3),
        ("SQRT(-1)", UNDEFINED),
        ("POWER(2, 10)", 1024),
        ("POWER(10, 1000)", UNDEFINED),
        ("LOG(0)", UNDEFINED),
        ("ABS('a')", UNDEFINED),
    ],
)
def test_a_function_has_cosmos_dbs_value(text: str, expected: Any) -> None:
    found = constant_value(parse(f"SELECT VALUE {text}").columns[0][1], Scope(frozenset(), {}))
    assert found == expected
    assert type(found) is type(expected)


def test_array_contains_is_strict_on_type_and_can_match_a_part_of_an_object() -> None:
    assert array_contains([1, "a"], 1.0)
    assert not array_contains([1], True)  # noqa: FBT003 - Cosmos DB's order
    assert array_contains([{"a": 1}], {"a": 1})
    assert not array_contains([{"a": 1, "b": 2}], {"a": 1})
    assert array_contains([{"a": 1, "b": {"c": 3, "d": 4}}], {"b": {"c": 3}}, True)  # noqa: FBT003
    assert array_contains("text", "t") is UNDEFINED
