# ruff: noqa: S608 - these are texts of Cosmos DB's language

import random
import time

import pytest

from localhost.cosmos_gateway.query import QueryError, parse
from localhost.cosmos_gateway.query.evaluation import Scope
from localhost.cosmos_gateway.query.running import compile_query
from localhost.cosmos_gateway.query.syntax import Binary, Junction

WORDS = """SELECT DISTINCT TOP VALUE * FROM c JOIN IN AS WHERE GROUP BY ORDER ASC DESC OFFSET LIMIT
AND OR NOT BETWEEN LIKE ESCAPE EXISTS ARRAY COUNT( SUM( MAX( CONTAINS( ARRAY_CONTAINS( REPLICATE(
DateTimeAdd( ( ) [ ] { } , . : ? ?? = != <> < <= > >= + - * / % || 'a' "b" 1 2.5 1e308 @p c.x c.tags
c["x"] c.tags[0] true false null undefined -- ' " \\ ; é \x00 0x1 .. 'a%_[b' 99999999999999999999999
""".split()  # noqa: SIM905 - a list of these would be unreadable
SEEDS = range(300)
DOCUMENTS = [{"id": "1", "x": 1, "tags": ["a", "b"]}, {"id": "2", "x": "t", "tags": {"a": [1]}}]


@pytest.mark.parametrize("seed", SEEDS)
def test_any_words_in_any_order_are_run_or_refused_at_once(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(10):
        body = " ".join(rng.choices(WORDS, k=rng.randint(1, 40)))
        text = rng.choice(["SELECT ", "SELECT * FROM c WHERE ", "SELECT VALUE ", ""]) + body
        started = time.perf_counter()
        try:
            compiled = compile_query(parse(text), Scope(frozenset(), {"@p": "v"}))
            compiled.run({compiled.root: document} for document in DOCUMENTS)
        except QueryError:
            pass
        assert time.perf_counter() - started < 1, f"seed {seed}: {text}"


@pytest.mark.parametrize("seed", range(100))
def test_a_damaged_query_is_run_or_refused(seed: int) -> None:
    rng = random.Random(seed)
    text = list(
        "SELECT c.id, COUNT(1) AS n FROM c JOIN t IN c.tags WHERE (c.x >= @p OR NOT c.y IN (1))"
        " AND EXISTS(SELECT VALUE t FROM t IN c.tags) GROUP BY c.id"
    )
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(text))
        text[place : place + rng.randint(0, 3)] = rng.choices("()[]{}'\"@.,=<>!%*\\ \x00aé", k=2)
    try:
        compiled = compile_query(parse("".join(text)), Scope(frozenset(), {"@p": 1}))
        compiled.run({compiled.root: document} for document in DOCUMENTS)
    except QueryError:
        pass


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM c WHERE " + "(" * 5000 + "1" + ")" * 5000,
        "SELECT VALUE " + "[" * 5000,
        "SELECT VALUE " + "-" * 2 + " " + "- " * 5000 + "1",
        "SELECT * FROM c WHERE " + "NOT " * 5000 + "true",
        "SELECT VALUE c" + ".a" * 5000,
        "SELECT VALUE " + "1+" * 5000 + "1",
        "SELECT VALUE " + "true ? 1 : " * 5000 + "1",
        "SELECT VALUE " + "EXISTS(SELECT VALUE " * 500,
        "SELECT VALUE 1 ?? " * 3 + "x" * 600_000,
    ],
)
def test_depth_and_length_are_bounded(text: str) -> None:
    with pytest.raises(QueryError):
        parse(text)


def test_long_lists_of_alternatives_are_no_depth() -> None:
    alternatives = " OR ".join(f"c.id = '{n}'" for n in range(5000))
    where = parse(f"SELECT * FROM c WHERE {alternatives}").where
    assert isinstance(where, Junction)
    assert len(where.operands) == 5000


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("SELECT * FROM c WHERE c.x & 1 = 1", "operator &"),
        ("SELECT c.x FROM c GROUP BY c.x HAVING COUNT(1) > 1", "HAVING"),
        (
            "SELECT VALUE COUNT(1) FROM (SELECT DISTINCT c.id FROM c)",
            "subquery as the first source",
        ),
        ("SELECT VALUE udf.f(c) FROM c", "user-defined functions"),
        ("SELECT * FROM c, d", "JOIN"),
        ("SELECT * FROM c JOIN d", "JOIN name IN array"),
        ("SELECT VALUE c.x, c.y FROM c", "one expression"),
        ("SELECT * FROM c WHERE", "end of query"),
        ("SELECT * FROM c WHERE c.x = 'open", "'open"),
        ("SELECT * FROM c ORDER BY", "end of query"),
        ("SELECT * FROM c OFFSET 1", "expected LIMIT"),
        ("SELECT * FROM c garbage more", "more"),
        ("UPDATE c SET x = 1", "expected SELECT"),
        ("SELECT VALUE 1e", "'1e'"),
        ("SELECT VALUE 0x10", "'0x10'"),
        ("SELECT VALUE 1e400", "range of doubles"),
        ("SELECT * FROM c WHERE COUNT(1) > 1", "aggregate"),
        ("SELECT VALUE SUM(COUNT(c.x)) FROM c", "aggregate"),
    ],
)
def test_an_error_names_what_is_wrong_and_where(text: str, named: str) -> None:
    with pytest.raises(QueryError, match="character") as refused:
        parse(text)
    assert named in str(refused.value)


def test_a_joined_subquery_needs_no_name() -> None:
    text = "SELECT VALUE c.id FROM c JOIN (SELECT VALUE t FROM t IN c.tags) WHERE c.x = 1"
    compiled = compile_query(parse(text), Scope(frozenset(), {}))
    assert compiled.run({compiled.root: document} for document in DOCUMENTS) == ["1", "1"]


def test_operators_bind_as_in_sql() -> None:
    where = parse("SELECT * FROM c WHERE c.a = 1 OR c.b = 2 AND NOT c.c = 1 + 2 * 3").where
    assert isinstance(where, Junction)
    assert where.operator == "OR"
    assert isinstance(where.operands[1], Junction)
    sums = parse("SELECT VALUE 1 - 2 - 3").columns[0][1]
    assert isinstance(sums, Binary)
    assert isinstance(sums.left, Binary)


def test_keywords_are_read_in_any_case_and_comments_passed_over() -> None:
    query = parse(
        "select top 1 value C.x from C -- all of them\n where C.x <> 'a' order by C.x desc"
    )
    assert query.source is not None
    assert query.source.alias == "C"
    assert query.order[0][1]


def test_columns_are_named_by_as_or_by_their_last_property() -> None:
    names = [
        name for name, _ in parse("SELECT c.a.b, c['odd name'], 1, c.x AS y, c FROM c").columns
    ]
    assert names == ["b", "odd name", "$3", "y", "c"]
