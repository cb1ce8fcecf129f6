"""From a request to the operation that it asks for, by the parts of its path."""

import functools
import json
from dataclasses import dataclass
from typing import Any

from multidict import CIMultiDictProxy

from . import changes, items
from .answers import (
    Answer,
    ApiError,
    bad_request,
    not_found,
    not_supported,
)
from .batches import perform_batch
from .changes import feed_body
from .containers import Container, new_container, new_database
from .documents import checked_id, decode_json, partition_key_in_header, receive
from .extents import HIGHEST, LOWEST, Extent
from .queries import PAGE_ITEMS_DEFAULT, QueryRequest, answer_page
from .query import QueryError, parse
from .query.evaluation import Scope
from .query.running import compile_query
from .store import Store

_READ_ALL = "SELECT * FROM c"


@dataclass(slots=True)
class Request:
    """A signed request.

    Attributes:
        method: the HTTP method.
        segments: the decoded parts of the path.
        headers: as sent.
        body: the text sent.
    """

    method: str
    segments: list[str]
    headers: CIMultiDictProxy[str]
    body: str

    def header(self, name: str) -> str:
        """A header's value; empty where it is missing."""
        return self.headers.get(name, "")

    def says(self, name: str) -> bool:
        """Whether a header is "true", in any case."""
        return self.headers.get(name, "").lower() == "true"

    @property
    def is_query(self) -> bool:
        """Whether the body is a query."""
        return self.says("x-ms-documentdb-isquery") or "query+json" in self.header("content-type")


async def serve_request(store: Store, request: Request) -> Answer:
    """The answer to a request.

    Raises:
        ApiError: the request cannot be served.
    """
    segments = request.segments
    if segments and segments[0] == "offers":
        # A serverless account has no offers: throughput is not a thing one sets.
        return Answer(200, feed_body("", "Offers", []))
    if not segments or segments[0] != "dbs":
        raise not_found("Resource")
    if len(segments) <= 2:  # noqa: PLR2004 - dbs/NAME
        return await _databases(store, request)
    if segments[2] != "colls":
        raise not_supported(f"the resource '{segments[2]}'")
    if len(segments) <= 4:  # noqa: PLR2004 - dbs/NAME/colls/NAME
        return await _containers(store, request)
    container = store.container(segments[1], segments[3])
    kind = segments[4]
    if kind == "pkranges":
        return _partition_key_ranges(container, request)
    if kind != "docs" or len(segments) > 6:  # noqa: PLR2004 - .../docs/ID
        raise not_supported(f"the resource '{kind}'")
    if len(segments) == 6:  # noqa: PLR2004 - .../docs/ID
        return await _item(store, container, request)
    return await _items(store, container, request)


async def _databases(store: Store, request: Request) -> Answer:
    method = request.method
    if len(request.segments) == 1:
        if method == "POST" and not request.is_query:
            definition = new_database(decode_json(request.body), store.clock())
            await store.create_database(definition)
            return Answer(201, json.dumps(definition), etag=definition["_etag"])
        return _listed("Databases", list(store.databases.values()), request)
    name = request.segments[1]
    if method == "DELETE":
        await store.delete_database(name)
        return Answer(204)
    found = store.databases.get(name)
    if found is None:
        raise not_found("Resource")
    _only(method, "GET")
    return Answer(200, json.dumps(found), etag=found["_etag"])


async def _containers(store: Store, request: Request) -> Answer:
    database, method = request.segments[1], request.method
    if database not in store.databases:
        raise not_found("Owner resource")
    if len(request.segments) == 3:  # noqa: PLR2004 - dbs/NAME/colls
        if method == "POST" and not request.is_query:
            definition = new_container(database, decode_json(request.body), store.clock())
            await store.create_container(database, definition)
            return Answer(201, json.dumps(definition), etag=definition["_etag"])
        held = [c.definition for key, c in store.containers.items() if key[0] == database]
        return _listed("DocumentCollections", held, request)
    container = store.container(database, request.segments[3])
    if method == "DELETE":
        await store.delete_container(database, container.name)
        return Answer(204)
    if method == "PUT":
        await store.replace_container(container, decode_json(request.body))
    else:
        _only(method, "GET")
    definition = container.definition
    return Answer(200, json.dumps(definition), etag=str(definition["_etag"]))


def _listed(name: str, resources: list[dict[str, Any]], request: Request) -> Answer:
    """Databases or containers, all or those that a query keeps."""
    if request.is_query:
        text, parameters = _query_body(request)
        try:
            compiled = compile_query(parse(text), Scope(frozenset(), parameters))
            resources = compiled.run({compiled.root: resource} for resource in resources)
        except QueryError as error:
            raise bad_request(str(error)) from error
    else:
        _only(request.method, "GET")
    return Answer(200, feed_body("", name, [json.dumps(resource) for resource in resources]))


def _partition_key_ranges(container: Container, request: Request) -> Answer:
    """The one physical partition; 304 to a client that knows it, or it would ask for ever."""
    etag = '"1"'
    if request.header("if-none-match") == etag:
        return Answer(304, etag=etag)
    whole = {
        "id": "0",
        "_rid": container.rid,
        "_etag": '"0"',
        "_self": "",
        "_ts": 1,
        "minInclusive": LOWEST,
        "maxExclusive": HIGHEST,
        "ridPrefix": 0,
        "throughputFraction": 1,
        "status": "online",
        "parents": [],
    }
    body = feed_body(container.rid, "PartitionKeyRanges", [json.dumps(whole)])
    return Answer(200, body, etag=etag)


async def _item(store: Store, container: Container, request: Request) -> Answer:
    id_key = checked_id(request.segments[5])
    pk = partition_key_in_header(request.headers.get("x-ms-documentdb-partitionkey"))
    if pk is None:
        raise bad_request("PartitionKey value must be supplied for this operation.")
    method, if_match = request.method, request.header("if-match")
    if method == "GET":
        known = request.header("if-none-match")
        return items.read(store.points, container, (pk, id_key), store.now(), known)
    _check_write(request)
    if method == "DELETE":
        return await store.write(lambda s: items.delete(s, container, pk, id_key, if_match))
    body = decode_json(request.body)
    if method == "PATCH":
        answer = await store.write(
            lambda s: items.patch(s, container, (pk, id_key), body, if_match)
        )
    else:
        _only(method, "PUT")
        incoming = receive(container, body, request.body, pk)
        answer = await store.write(
            lambda s: items.replace(s, container, id_key, incoming, if_match)
        )
    return _as_preferred(request, answer)


async def _items(store: Store, container: Container, request: Request) -> Answer:
    pk = partition_key_in_header(request.headers.get("x-ms-documentdb-partitionkey"))
    if request.method == "GET":
        if request.header("a-im"):
            return await _changes(store, container, request, _extent(request, pk))
        return await _query(store, container, request, (_READ_ALL, {}))
    _only(request.method, "POST")
    if request.says("x-ms-cosmos-is-query-plan-request"):
        raise not_supported("query plans, which a client needs for hybrid and vector search")
    if request.is_query:
        if pk is None and not _is_across_partitions(request):
            raise bad_request(
                "Cross partition query is required but disabled. Please set "
                "x-ms-documentdb-query-enablecrosspartition to true, or specify the partition key."
            )
        return await _query(store, container, request, _query_body(request))
    if request.says("x-ms-cosmos-is-batch-request"):
        if pk is None:
            raise bad_request("PartitionKey value must be supplied for a batch.")
        key, operations = pk, decode_json(request.body)
        return await store.write(lambda s: perform_batch(s, container, key, operations))
    _check_write(request)
    incoming = receive(container, decode_json(request.body), request.body, pk)
    if request.says("x-ms-documentdb-is-upsert"):
        if_match = request.header("if-match")
        answer = await store.write(lambda s: items.upsert(s, container, incoming, if_match))
    else:
        answer = await store.write(lambda s: items.create(s, container, incoming))
    return _as_preferred(request, answer)


def _check_write(request: Request) -> None:
    """Refuses what would change a write's meaning and is not there, rather than pass over it."""
    if request.header("if-none-match"):
        raise not_supported("If-None-Match on a write; create an item to find it missing")
    if request.header("x-ms-documentdb-pre-trigger-include") or request.header(
        "x-ms-documentdb-post-trigger-include"
    ):
        raise not_supported("triggers")


def _as_preferred(request: Request, answer: Answer) -> Answer:
    """The answer to a write, without the item where the client wants none."""
    if request.header("prefer") == "return=minimal":
        answer.body = ""
    return answer


async def _changes(store: Store, container: Container, request: Request, extent: Extent) -> Answer:
    after, since = changes.read_start(
        request.header("a-im"),
        request.header("if-none-match"),
        request.header("if-modified-since"),
        store.lsn,
    )
    asked = changes.ChangesRequest(
        after=after,
        since=since,
        extent=extent,
        items_max=_items_max(request, changes.PAGE_ITEMS_DEFAULT),
        now=store.now(),
    )
    return await store.query(lambda c: changes.read_changes(c, container, asked))


async def _query(
    store: Store,
    container: Container,
    request: Request,
    query: tuple[str, dict[str, Any]],
) -> Answer:
    pk = partition_key_in_header(request.headers.get("x-ms-documentdb-partitionkey"))
    asked = QueryRequest(
        text=query[0],
        parameters=query[1],
        extent=_extent(request, pk),
        items_max=_items_max(request, PAGE_ITEMS_DEFAULT),
        continuation=request.header("x-ms-continuation"),
        now=store.clock(),
    )
    page = await store.query(functools.partial(answer_page, container=container, request=asked))
    if page.wanted:
        store.demand_index(container, page.wanted)
    headers = {"x-ms-item-count": str(len(page.texts))}
    if page.continuation:
        headers["x-ms-continuation"] = page.continuation
    return Answer(200, feed_body(container.rid, "Documents", page.texts), headers)


def _query_body(request: Request) -> tuple[str, dict[str, Any]]:
    body = decode_json(request.body)
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        raise bad_request("A query's body is an object with the text in 'query'.")
    try:
        given = {entry["name"]: entry["value"] for entry in body.get("parameters") or []}
    except (TypeError, KeyError) as error:
        raise bad_request("A query's parameters each have a 'name' and a 'value'.") from error
    return body["query"], given


def _items_max(request: Request, default: int) -> int:
    text = request.header("x-ms-max-item-count")
    try:
        given = int(text or -1)
    except ValueError as error:
        raise bad_request("The x-ms-max-item-count header is no number.") from error
    return given if given > 0 else default


def _is_across_partitions(request: Request) -> bool:
    return (
        request.says("x-ms-documentdb-query-enablecrosspartition")
        or "x-ms-documentdb-partitionkeyrangeid" in request.headers
    )


def _extent(request: Request, pk: bytes | None) -> Extent:
    headers = request.headers
    low, high = headers.get("x-ms-start-epk", LOWEST), headers.get("x-ms-end-epk", HIGHEST)
    return Extent(pk, low.upper(), high.upper())


def _only(method: str, allowed: str) -> None:
    if method != allowed:
        raise ApiError(405, "MethodNotAllowed", f"{method} is not allowed on this resource.")
