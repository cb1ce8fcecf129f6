import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localhost.cosmos_gateway import strict_json
from localhost.cosmos_gateway.query.evaluation import Scope, compile_expression, constant_value
from localhost.cosmos_gateway.query.functions import FUNCTIONS, array_contains
from localhost.cosmos_gateway.query.parser import parse
from localhost.cosmos_gateway.query.syntax import Call, Constant
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


DATES = ["2026-01-31T10:00:00Z", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"]
WORDS = [*DATES, "day", "yyyy", "ns", "[1e999]", "[NaN]", "1" + "0" * 400, "{}", "\ud800"]
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.none() | st.booleans() | NUMBERS | st.text(max_size=20) | st.sampled_from(WORDS)
VALUES = (
    PLAIN | st.lists(PLAIN, max_size=3) | st.dictionaries(st.text(max_size=3), PLAIN, max_size=3)
)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@given(data=st.data())
def test_a_function_of_any_values_gives_json_or_undefined(name: str, data: st.DataObject) -> None:
    function = FUNCTIONS[name]
    most = min(function.most, function.least + 3)
    values = VALUES | st.just(UNDEFINED)
    given_values = data.draw(st.lists(values, min_size=function.least, max_size=most))
    call = Call(name, tuple(Constant(value) for value in given_values), 1)
    found = compile_expression(call, Scope(frozenset(), {}))({})
    if found is not UNDEFINED:
        strict_json.decode(json.dumps(found))
