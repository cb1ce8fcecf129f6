from typing import Any

import pytest

from localhost.cosmos_gateway.query import QueryError, parse
from localhost.cosmos_gateway.query.evaluation import Scope
from localhost.cosmos_gateway.query.running import compile_query

FAMILIES: list[dict[str, Any]] = [
    {"id": "A", "city": "Seattle", "children": [{"name": "x", "age": 5}, {"name": "y", "age": 9}]},
    {"id": "B", "city": "NY", "children": [{"name": "z", "age": 9}]},
    {"id": "C", "children": []},
]


def run(text: str) -> list[Any]:
    compiled = compile_query(parse(text), Scope(frozenset(), {}))
    return compiled.run({compiled.root: family} for family in FAMILIES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT VALUE c.id FROM c", ["A", "B", "C"]),
        ("SELECT VALUE f.id FROM families f WHERE f.city = 'NY'", ["B"]),
        ("SELECT VALUE k.name FROM k IN c.children", ["x", "y", "z"]),
        ("SELECT VALUE kids[0].name FROM c.children AS kids", ["x", "z"]),
        (
            "SELECT c.id, k.name FROM c JOIN k IN c.children WHERE k.age = 9 ORDER BY c.id DESC",
            None,
        ),
        (
            "SELECT VALUE k.name FROM c JOIN (SELECT VALUE x FROM x IN c.children) AS k",
            ["x", "y", "z"],
        ),
        ("SELECT VALUE COUNT(1) FROM c JOIN k IN c.children", [3]),
        ("SELECT VALUE COUNT(c.city) FROM c", [2]),
        ("SELECT VALUE COUNT(1) FROM c WHERE c.id = 'none'", [0]),
        ("SELECT VALUE MAX(c.none) FROM c", []),
        ("SELECT DISTINCT VALUE k.age FROM k IN c.children", [5, 9]),
        (
            "SELECT k.age, COUNT(1) AS n FROM k IN c.children GROUP BY k.age",
            [{"age": 5, "n": 1}, {"age": 9, "n": 2}],
        ),
        (
            (
                "SELECT c.id, ARRAY(SELECT VALUE k.name FROM k IN c.children) AS names FROM c "
                "WHERE EXISTS(SELECT VALUE k FROM k IN c.children WHERE k.age < 6)"
            ),
            [{"id": "A", "names": ["x", "y"]}],
        ),
        ("SELECT VALUE (SELECT VALUE COUNT(1) FROM k IN c.children) FROM c", [2, 1, 0]),
        ("SELECT VALUE c.id FROM c ORDER BY c.city", ["C", "B", "A"]),
        ("SELECT VALUE c.id FROM c ORDER BY c.id OFFSET 1 LIMIT 1", ["B"]),
    ],
)
def test_a_query_has_cosmos_dbs_results(text: str, expected: list[Any] | None) -> None:
    found = run(text)
    if expected is None:
        expected = [{"id": "B", "name": "z"}, {"id": "A", "name": "y"}]
    assert found == expected


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("SELECT * FROM c JOIN k IN c.children", "single input set"),
        ("SELECT *", "single input set"),
        ("SELECT c.id FROM c GROUP BY c.id ORDER BY c.id", "ORDER BY cannot"),
        ("SELECT VALUE x.id FROM c", "Identifier 'x'"),
        ("SELECT TOP -1 * FROM c", "syntax near '-'"),
        ("SELECT TOP 1.5 * FROM c", "TOP takes"),
        ("SELECT * FROM c OFFSET 'a' LIMIT 1", "OFFSET takes"),
        ("SELECT TOP c.n * FROM c", "syntax near"),
    ],
)
def test_what_cannot_be_combined_is_named(text: str, named: str) -> None:
    with pytest.raises(QueryError, match=named):
        run(text)
