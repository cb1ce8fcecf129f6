from typing import Any

import pytest

from localhost.cosmos_gateway.query import QueryError, parse
from localhost.cosmos_gateway.query.evaluation import Scope, constant_value
from localhost.cosmos_gateway.query.values import UNDEFINED

MISSING = "undefined"


def value_of(text: str, **parameters: Any) -> Any:
    expression = parse(f"SELECT VALUE {text}").columns[0][1]
    scope = Scope(frozenset(), {f"@{name}": value for name, value in parameters.items()})
    return constant_value(expression, scope)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 = 1.0", True),
        ("1 = '1'", False),
        ("null = undefined", UNDEFINED),
        ("null = null", True),
        ("true = 1", False),
        ("true > false", True),
        ("'a' < 'b'", True),
        ("'a' < 1", UNDEFINED),
        ("[1] = [1.0]", True),
        ("[1] < [2]", UNDEFINED),
        ("{'a': 1, 'b': 2} = {'b': 2, 'a': 1}", True),
        ("{'a': true} = {'a': 1}", False),
        ("1 != 2", True),
        ("1 != 'a'", True),
        ("'a' != null", True),
        ("undefined != null", UNDEFINED),
        ("NOT undefined", UNDEFINED),
        ("NOT 1", UNDEFINED),
        ("true AND undefined", UNDEFINED),
        ("false AND undefined", False),
        ("undefined OR true", True),
        ("undefined OR false", UNDEFINED),
        ("undefined ?? 5", 5),
        ("null ?? 5", None),
        ("1 = 1 ? 'y' : 'n'", "y"),
        ("undefined ? 'y' : 'n'", "n"),
        ("5 IN (1, 5)", True),
        ("5 NOT IN (1, 2)", True),
        ("undefined IN (1)", UNDEFINED),
        ("5 BETWEEN 1 AND 5", True),
        ("'m' NOT BETWEEN 'a' AND 'f'", True),
        ("1 + 2 * 3", 7),
        ("7 % 4", 3),
        ("-7 % 4", -3),
        ("1 / 2", 0.5),
        ("4 / 2", 2),
        ("1 / 0", UNDEFINED),
        ("1 + 'a'", UNDEFINED),
        ("1e308 * 10", UNDEFINED),
        ("'a' || 'b'", "ab"),
        ("'a' || 1", UNDEFINED),
        ("-(1)", -1),
        ("-'a'", UNDEFINED),
        ("[1, undefined, 2]", [1, 2]),
        ("{'a': 1, 'b': undefined}", {"a": 1}),
        ("[1, 2][1]", 2),
        ("[1, 2][2]", UNDEFINED),
        ("[1, 2][0.5]", UNDEFINED),
        ("{'a': {'b': 3}}.a.b", 3),
        ("{'a': 3}['a']", 3),
        ("'text'.length", UNDEFINED),
        ("@p.x[0]", "in"),
        ("(SELECT VALUE 5)", 5),
        ("ARRAY(SELECT VALUE t FROM t IN @p.x)", ["in"]),
        ("EXISTS(SELECT VALUE t FROM t IN @p.none)", False),
    ],
)
def test_an_expression_has_cosmos_dbs_value(text: str, expected: Any) -> None:
    found = value_of(text, p={"x": ["in"]})
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("nothing.x", "Identifier 'nothing'"),
        ("@missing", "@missing"),
        ("REGEXMATCH('a', 'a')", "REGEXMATCH"),
        ("ST_DISTANCE(1, 2)", "ST_DISTANCE"),
        ("LENGTH()", "number of arguments"),
        ("COUNT(1, 2)", "one argument"),
    ],
)
def test_what_there_is_not_is_named(text: str, named: str) -> None:
    with pytest.raises(QueryError, match=named):
        value_of(text)
