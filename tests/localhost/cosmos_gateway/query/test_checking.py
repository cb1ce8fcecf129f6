import pytest

from localhost.cosmos_gateway.query import QueryError, parse
from localhost.cosmos_gateway.query.checking import check_query


@pytest.mark.parametrize(
    "text",
    [
        "SELECT c.a, COUNT(1) AS n FROM c GROUP BY c.a",
        "SELECT VALUE {'a': c.a, 'n': SUM(c.x) / COUNT(1)} FROM c GROUP BY c.a",
        "SELECT UPPER(c.a.b) AS up, MAX(c.x) AS top FROM c GROUP BY c.a.b",
        "SELECT LOWER(c.a) AS low FROM c GROUP BY LOWER(c.a)",
        "SELECT VALUE COUNT(1) FROM c",
        "SELECT 'all' AS label, COUNT(1) AS n FROM c",
    ],
)
def test_what_is_the_same_for_a_whole_group_may_be_selected(text: str) -> None:
    check_query(parse(text))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("SELECT c.id, COUNT(1) AS n FROM c GROUP BY c.a", "'c.id'"),
        ("SELECT c.id, COUNT(1) AS n FROM c", "'c.id'"),
        ("SELECT VALUE {'a': [c.b]} FROM c GROUP BY c.a", "'c.b'"),
        ("SELECT c FROM c GROUP BY c.a", "'c'"),
        ("SELECT UPPER(c.b) AS up FROM c GROUP BY c.a", "'c.b'"),
        ("SELECT TOP 1 * FROM c OFFSET 1 LIMIT 2", "TOP cannot"),
        ("SELECT * FROM c GROUP BY c.a", "SELECT"),
    ],
)
def test_what_differs_within_a_group_is_refused(text: str, named: str) -> None:
    with pytest.raises(QueryError, match=named):
        check_query(parse(text))
