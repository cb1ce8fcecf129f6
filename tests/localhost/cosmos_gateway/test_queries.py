from collections.abc import AsyncIterator
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.cosmos.aio import ContainerProxy

from localhost.cosmos_gateway import queries

TASKS: list[dict[str, Any]] = [
    {
        "id": f"t{n:02}",
        "caseId": f"p{n % 4}",
        "n": n,
        "name": f"N{n:02}",
        "group": f"g{n % 3}",
        "o": {"x": n},
        "tags": ["even" if n % 2 == 0 else "odd", f"r{n % 5}"],
    }
    for n in range(40)
]


@pytest.fixture
async def tasks(cases: ContainerProxy) -> ContainerProxy:
    for task in TASKS:
        await cases.create_item(task)
    return cases


async def results(feed: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in feed]


@pytest.mark.parametrize(
    ("text", "parameters", "expected"),
    [
        ("SELECT c.id FROM c WHERE c.n >= @a ORDER BY c.n DESC", {"@a": 32}, ["t36", "t32"]),
        ("SELECT VALUE c.n FROM c ORDER BY c.n OFFSET @o LIMIT 3", {"@o": 2}, [8, 12, 16]),
        ("SELECT TOP 2 VALUE c.n FROM c ORDER BY c.n DESC", {}, [36, 32]),
        ("SELECT VALUE COUNT(1) FROM c", {}, [10]),
        ("SELECT VALUE COUNT(1) FROM c WHERE c.o.x > 20", {}, [4]),
        ("SELECT COUNT(1) AS n, MAX(c.n) AS top FROM c", {}, [{"n": 10, "top": 36}]),
        ("SELECT VALUE SUM(c.n) FROM c WHERE c.group = 'g0'", {}, [72]),
        ("SELECT VALUE AVG(c.n) FROM c WHERE c.n IN (4, 8)", {}, [6]),
        ("SELECT VALUE c.n FROM c WHERE c.name LIKE 'N0%' AND c.n BETWEEN 4 AND 8", {}, [4, 8]),
        ("SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(@ids, c.id)", {"@ids": ["t04"]}, ["t04"]),
        ("SELECT VALUE c.n FROM c WHERE ARRAY_CONTAINS(c.tags, 'r0')", {}, [0, 20]),
        ("SELECT VALUE t FROM c JOIN t IN c.tags WHERE c.n = 4", {}, ["even", "r4"]),
        ("SELECT VALUE t FROM t IN c.tags WHERE t != 'even' ORDER BY t", {}, None),
        (
            "SELECT VALUE c.n FROM c WHERE EXISTS(SELECT VALUE t FROM t IN c.tags WHERE t = 'r1')",
            {},
            [16, 36],
        ),
        ("SELECT DISTINCT VALUE c.group FROM c ORDER BY c.group", {}, ["g0", "g1", "g2"]),
        (
            "SELECT c.group, COUNT(1) AS n FROM c GROUP BY c.group",
            {},
            [{"group": "g0", "n": 4}, {"group": "g1", "n": 3}, {"group": "g2", "n": 3}],
        ),
        (
            "SELECT VALUE c.n FROM c WHERE c.n < 20 ORDER BY c.group ASC, c.n DESC",
            {},
            [12, 0, 16, 4, 8],
        ),
        ("SELECT VALUE c.n FROM c WHERE NOT IS_DEFINED(c.missing) AND c.n < 5", {}, [0, 4]),
        ("SELECT VALUE {'a': c.n, 'b': [c.id]} FROM c WHERE c.n = 4", {}, [{"a": 4, "b": ["t04"]}]),
        ("SELECT VALUE 1", {}, [1]),
        ("SELECT * FROM c WHERE c.n = 99", {}, []),
        ("SELECT VALUE c.missing FROM c", {}, []),
        ("SELECT c.missing FROM c WHERE c.n = 4", {}, [{}]),
    ],
)
async def test_a_query_in_a_partition(
    tasks: ContainerProxy, text: str, parameters: dict[str, Any], expected: list[Any] | None
) -> None:
    given = [{"name": name, "value": value} for name, value in parameters.items()]
    found = await results(tasks.query_items(text, parameters=given, partition_key="p0"))
    if found and isinstance(found[0], dict) and list(found[0]) == ["id"]:
        found = [item["id"] for item in found]
    if expected is not None:
        assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT VALUE COUNT(1) FROM c WHERE c.n >= 10", [30]),
        ("SELECT VALUE c.n FROM c ORDER BY c.n DESC", list(range(39, -1, -1))),
        ("SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 5 LIMIT 4", [5, 6, 7, 8]),
        ("SELECT TOP 3 VALUE c.n FROM c ORDER BY c.n", [0, 1, 2]),
        ("SELECT VALUE MIN(c.name) FROM c", ["N00"]),
        ("SELECT VALUE c.n FROM c WHERE c.caseId = 'p1' AND c.n < 10", [1, 5, 9]),
        ("SELECT VALUE c.n FROM c WHERE c.id = 't07'", [7]),
    ],
)
async def test_a_query_across_partitions(
    tasks: ContainerProxy, text: str, expected: list[Any]
) -> None:
    assert await results(tasks.query_items(text)) == expected


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("SELECT c.group, COUNT(1) AS n FROM c GROUP BY c.group", "GroupBy"),
        ("SELECT COUNT(1) AS n FROM c", "VALUE <AggregateFunc>"),
    ],
)
async def test_what_the_sdk_cannot_do_across_partitions_in_azure_is_refused(
    tasks: ContainerProxy, text: str, named: str
) -> None:
    with pytest.raises(HttpResponseError, match=named):
        await results(tasks.query_items(text))


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("SELECT VALUE c.n FROM c", {}),
        ("SELECT VALUE c.n FROM c WHERE c.n >= 0", {}),
        ("SELECT VALUE c.n FROM c ORDER BY c.n", {"partition_key": "p1"}),
        ("SELECT VALUE c.n FROM c ORDER BY c.id DESC", {}),
        ("SELECT DISTINCT VALUE c.n FROM c", {}),
        ("SELECT VALUE t FROM c JOIN t IN c.tags", {}),
        ("SELECT VALUE c.n FROM c OFFSET 3 LIMIT 20", {}),
        ("SELECT TOP 11 VALUE c.n FROM c", {}),
    ],
)
async def test_the_pages_of_a_query_are_its_results(
    tasks: ContainerProxy, text: str, scope: dict[str, Any]
) -> None:
    whole = await results(tasks.query_items(text, **scope))
    token, pages = None, []
    while True:
        pager: Any = tasks.query_items(text, max_item_count=4, **scope).by_page(token)
        pages.append([item async for item in await anext(pager)])
        token = pager.continuation_token
        if not token:
            break
    assert [item for page in pages for item in page] == whole
    assert all(len(page) <= 4 for page in pages)
    assert len(pages) == -(-len(whole) // 4)


async def test_pages_pass_over_nothing_when_documents_come_and_go(tasks: ContainerProxy) -> None:
    pager: Any = tasks.query_items("SELECT VALUE c.id FROM c", max_item_count=10).by_page()
    first = [name async for name in await anext(pager)]
    await tasks.delete_item(first[0], "p0")
    await tasks.create_item({"id": "late", "caseId": "p0"})
    rest = [name async for page in pager for name in [item async for item in page]]
    assert rest == [f"t{n:02}" for n in range(10, 40)] + ["late"]


async def test_a_continuation_that_is_not_ours_is_refused(tasks: ContainerProxy) -> None:
    for token in ("x", "{}", '{"seen":-1}', '{"seen":1,"after":["zz"]}', '{"seen":1,"after":[]}'):
        pager = tasks.query_items("SELECT * FROM c").by_page(token)
        with pytest.raises(HttpResponseError) as refused:
            await anext(pager)
        assert refused.value.status_code == 400


async def test_many_items_are_read_at_once(tasks: ContainerProxy) -> None:
    wanted = [(f"t{n:02}", f"p{n % 4}") for n in range(40)] + [("none", "p0")]
    assert len(await tasks.read_items(wanted)) == 40


async def test_a_malformed_query_is_refused_in_cosmos_db_form(tasks: ContainerProxy) -> None:
    with pytest.raises(HttpResponseError, match="SC1001") as refused:
        await results(tasks.query_items("SELEC nope", partition_key="p0"))
    assert refused.value.status_code == 400


async def test_a_query_that_multiplies_without_end_is_stopped(
    tasks: ContainerProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SECONDS_MAX", 0.3)
    joins = " ".join(f"JOIN t{n} IN c.tags" for n in range(30))
    text = f"SELECT VALUE COUNT(1) FROM c {joins}"  # noqa: S608 - Cosmos DB's language
    with pytest.raises(HttpResponseError, match="longer than"):
        await results(tasks.query_items(text, partition_key="p0"))
