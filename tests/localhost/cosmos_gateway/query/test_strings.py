from typing import Any

import pytest

from localhost.cosmos_gateway.query.evaluation import Scope, constant_value
from localhost.cosmos_gateway.query.parser import parse
from localhost.cosmos_gateway.query.values import UNDEFINED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CONCAT('a', 'b', 'c')", "abc"),
        ("CONCAT('a', 1)", UNDEFINED),
        ("CONTAINS('abc', 'B')", False),
        ("CONTAINS('abc', 'B', true)", True),
        ("STARTSWITH('abc', 'ab')", True),
        ("ENDSWITH('abc', 'BC', true)", True),
        ("StringEquals('a', 'A', true)", True),
        ("INDEX_OF('abc', 'c')", 2),
        ("INDEX_OF('abc', 'x')", -1),
        ("LEFT('abc', 2)", "ab"),
        ("RIGHT('abc', 2)", "bc"),
        ("RIGHT('abc', 0)", ""),
        ("SUBSTRING('abc', 1, 9)", "bc"),
        ("LENGTH('é')", 1),
        ("LOWER('A')", "a"),
        ("UPPER(1)", UNDEFINED),
        ("TRIM('  a ')", "a"),
        ("LTRIM(' a ')", "a "),
        ("RTRIM(' a ')", " a"),
        ("REVERSE('abc')", "cba"),
        ("REPLACE('aXa', 'X', 'b')", "aba"),
        ("REPLACE('a', '', 'b')", "a"),
        ("REPLICATE('ab', 2)", "abab"),
        ("REPLICATE(REPLICATE('x', 10000), 10000)", UNDEFINED),
        ("CONCAT(" + ", ".join(["REPLICATE('x', 1000000)"] * 500) + ")", UNDEFINED),
        ("REPLACE(REPLICATE('x', 1000000), 'x', 'yy')", UNDEFINED),
        ("StringJoin([REPLICATE('x', 1000000), 'y'], '')", UNDEFINED),
        ("StringSplit('a,b', ',')", ["a", "b"]),
        ("StringJoin(['a', 'b'], '-')", "a-b"),
        ("StringToNumber('1.5')", 1.5),
        ("StringToNumber('x')", UNDEFINED),
        ("StringToNumber('NaN')", UNDEFINED),
        ("StringToNumber('true')", UNDEFINED),
        ("StringToBoolean('true')", True),
        ("StringToNull('null')", None),
        ("StringToArray('[1]')", [1]),
        ("StringToObject('{\"a\": 1}')", {"a": 1}),
        ("CONTAINS(undefined, 'a')", UNDEFINED),
    ],
)
def test_a_string_function_has_cosmos_dbs_value(text: str, expected: Any) -> None:
    found = constant_value(parse(f"SELECT VALUE {text}").columns[0][1], Scope(frozenset(), {}))
    assert found == expected
    assert type(found) is type(expected)
