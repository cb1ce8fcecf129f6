"""The conditions that become SQL keep the documents that the same conditions in Python keep."""

# ruff: noqa: S608 - these are texts of Cosmos DB's language

import json
import random
import sqlite3
from typing import Any

import pytest

from localhost.cosmos_gateway.containers import Container
from localhost.cosmos_gateway.documents import receive
from localhost.cosmos_gateway.extents import Extent
from localhost.cosmos_gateway.indexes import add_to_empty
from localhost.cosmos_gateway.items import Session, create
from localhost.cosmos_gateway.pages import QueryRequest
from localhost.cosmos_gateway.planning import Planner
from localhost.cosmos_gateway.queries import answer_page
from localhost.cosmos_gateway.query import parse
from localhost.cosmos_gateway.query.evaluation import Scope
from localhost.cosmos_gateway.query.running import compile_query
from localhost.cosmos_gateway.storage import _SCHEMA, create_container_tables

SEEDS = range(40)
VALUES: list[Any] = [None, True, False, 0, 1, -1, 1.0, 2.5, 2**53 + 1, "", "a", "ab", "b", "é"]
VALUES += [[], [1], ["a"], {}, {"a": 1}]
PATHS = ["c.x", "c.y", "c.o.z", "c['odd name']", "c.id", "c.pk", "c.free"]


def any_document(rng: random.Random, number: int) -> dict[str, Any]:
    document: dict[str, Any] = {"id": f"{number}", "pk": rng.choice(["a", "b", 1, None])}
    for name in ("x", "y", "odd name", "free"):
        if rng.random() < 0.8:
            document[name] = rng.choice(VALUES)
    if rng.random() < 0.8:
        document["o"] = {"z": rng.choice(VALUES)}
    return document


def any_condition(rng: random.Random, depth: int = 3) -> str:
    path, other = rng.choice(PATHS), rng.choice(PATHS)
    value, second = (json.dumps(rng.choice(VALUES), ensure_ascii=False) for _ in range(2))
    simple = [
        f"{path} {rng.choice(['=', '!=', '<', '<=', '>', '>='])} {value}",
        f"{value} {rng.choice(['=', '<', '>='])} {path}",
        f"{path} = {other}",
        f"{path} {rng.choice(['', 'NOT '])}IN ({value}, {second})",
        f"{path} BETWEEN {value} AND {second}",
        f"IS_DEFINED({path})",
        f"IS_NULL({path})",
        f"IS_NUMBER({path})",
        f"IS_STRING({path})",
        f"IS_BOOL({path})",
        f"STARTSWITH({path}, {value})",
        f"{path} LIKE 'a%'",
        f"{path} LIKE '%b'",
        f"{path} LIKE 'a_'",
        f"ARRAY_CONTAINS([{value}, {second}], {path})",
        f"ARRAY_CONTAINS({path}, {value})",
        f"{path} = @p",
        f"CONTAINS({path}, 'a')",
        f"{path} = 1 + 1.5",
    ]
    kind = rng.random()
    if depth == 0 or kind < 0.4:
        return rng.choice(simple)
    if kind < 0.5:
        return f"NOT ({any_condition(rng, depth - 1)})"
    word = rng.choice([" AND ", " OR "])
    return "(" + word.join(any_condition(rng, depth - 1) for _ in range(rng.randint(2, 3))) + ")"


def filled(documents: list[dict[str, Any]]) -> tuple[sqlite3.Connection, Container]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(_SCHEMA)
    create_container_tables(connection, 1)
    definition = {"id": "c", "_rid": "AAAAAAAAAAA=", "partitionKey": {"paths": ["/pk"]}}
    container = Container(1, "d", "c", definition)
    for paths in ([("x",)], [("y",), ("o", "z")], [("odd name",)]):
        add_to_empty(connection, container, paths)
    versions = iter(range(1, 10_000))
    session = Session(connection, 0, lambda: next(versions))
    for document in documents:
        create(session, container, receive(container, document, None, None))
    return connection, container


@pytest.mark.parametrize("seed", SEEDS)
def test_sql_and_python_agree(seed: int) -> None:
    rng = random.Random(seed)
    documents = [any_document(rng, number) for number in range(60)]
    connection, container = filled(documents)
    for _ in range(25):
        condition = any_condition(rng)
        order = rng.choice(["", " ORDER BY c.x", " ORDER BY c.y DESC, c.o.z", " ORDER BY c.free"])
        text = f"SELECT VALUE c.id FROM c WHERE {condition}{order}"
        parameters = {"@p": rng.choice(VALUES)}
        compiled = compile_query(parse(text), Scope(frozenset(), parameters))
        expected = compiled.run({"c": document} for document in documents)
        found, token = [], ""
        while True:
            request = QueryRequest(text, parameters, Extent(), rng.randint(1, 50), token, 0.0)
            page = answer_page(connection, container, request)
            found += [json.loads(result) for result in page.texts]
            token = page.continuation
            if not token:
                break
        assert found == expected, f"seed {seed}: {text} with {parameters}"
        counted = f"SELECT VALUE COUNT(1) FROM c WHERE {condition}"
        request = QueryRequest(counted, parameters, Extent(), 10, "", 0.0)
        page = answer_page(connection, container, request)
        assert page.texts == [str(len(expected))], f"seed {seed}: {counted} with {parameters}"
    connection.close()


def planner(parameters: dict[str, Any] | None = None) -> Planner:
    return Planner("c", {("x",): "k1", ("y",): "k2"}, parameters or {})


@pytest.mark.parametrize(
    "condition",
    [
        "c.x = 'a'",
        "c.x = 'a' AND c.y > 3",
        "c.x IN (1, 2) OR c.y BETWEEN 1 AND 2",
        "STARTSWITH(c.x, 'a')",
        "c.x LIKE 'a%'",
        "IS_DEFINED(c.x)",
        "ARRAY_CONTAINS(@list, c.x)",
        "@one = c.x",
    ],
)
def test_a_comparison_of_indexed_paths_with_given_values_is_wholly_sql(condition: str) -> None:
    where = parse(f"SELECT * FROM c WHERE {condition}").where
    assert where is not None
    assert planner({"@list": ["a", 1], "@one": 1}).condition(where).is_exact


@pytest.mark.parametrize(
    "condition",
    ["c.z = 1", "c.x = c.y", "c.x = 1 AND c.z = 1", "c.x LIKE 'a%b'", "STARTSWITH(c.x, 'A', true)"],
)
def test_anything_else_is_looked_at_again(condition: str) -> None:
    where = parse(f"SELECT * FROM c WHERE {condition}").where
    assert where is not None
    assert not planner().condition(where).is_exact


def test_a_thousand_alternatives_stay_within_sqlites_depth() -> None:
    connection, container = filled([{"id": str(n), "pk": "a", "x": n} for n in range(10)])
    alternatives = " OR ".join(f"(c.id = '{n}' AND c.pk = 'a')" for n in range(1000))
    request = QueryRequest(f"SELECT * FROM c WHERE {alternatives}", {}, Extent(), 100, "", 0.0)
    assert len(answer_page(connection, container, request).texts) == 10
    connection.close()
