"""From a request to the operation that it asks for, by the parts of its path."""

import functools
import json
from typing import Any

from . import changes, items
from .answers import (
    Answer,
    bad_request,
    not_found,
    not_supported,
    too_large,
)
from .batches import perform_batch
from .changes import feed_body
from .containers import Container, new_container, new_database
from .documents import ITEM_BYTES_MAX, checked_id, decode_json, receive
from .extents import HIGHEST, LOWEST
from .pages import QueryRequest
from .queries import PAGE_ITEMS_DEFAULT, answer_page
from .query import QueryError, parse
from .query.evaluation import Scope
from .query.running import compile_query
from .requests import Request
from .store import Store

_READ_ALL = "SELECT * FROM c"


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
            request.check_serverless()
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
    request.check_method("GET")
    return Answer(200, json.dumps(found), etag=found["_etag"])


async def _containers(store: Store, request: Request) -> Answer:
    database, method = request.segments[1], request.method
    if database not in store.databases:
        raise not_found("Owner resource")
    if len(request.segments) == 3:  # noqa: PLR2004 - dbs/NAME/colls
        if method == "POST" and not request.is_query:
            request.check_serverless()
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
        request.check_method("GET")
    definition = container.definition
    return Answer(200, json.dumps(definition), etag=str(definition["_etag"]))


def _listed(name: str, resources: list[dict[str, Any]], request: Request) -> Answer:
    """Databases or containers, all or those that a query keeps."""
    if request.is_query:
        text, parameters = request.query()
        try:
            compiled = compile_query(parse(text), Scope(frozenset(), parameters))
            resources = compiled.run({compiled.root: resource} for resource in resources)
        except QueryError as error:
            raise bad_request(str(error)) from error
    else:
        request.check_method("GET")
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
    pk = request.pk
    if pk is None:
        raise bad_request("PartitionKey value must be supplied for this operation.")
    method, if_match = request.method, request.header("if-match")
    if method == "GET":
        known = request.header("if-none-match")
        return items.read(store.points, container, (pk, id_key), store.now(), known)
    request.check_write()
    if method == "DELETE":
        return await store.write(lambda s: items.delete(s, container, pk, id_key, if_match))
    body = decode_json(request.body)
    if method == "PATCH":
        answer = await store.write(
            lambda s: items.patch(s, container, (pk, id_key), body, if_match)
        )
    else:
        request.check_method("PUT")
        incoming = receive(container, body, request.body, pk)
        answer = await store.write(
            lambda s: items.replace(s, container, id_key, incoming, if_match)
        )
    return _as_preferred(request, answer)


async def _items(store: Store, container: Container, request: Request) -> Answer:
    pk = request.pk
    if request.method == "GET":
        if request.header("a-im"):
            return await _changes(store, container, request)
        return await _query(store, container, request, (_READ_ALL, {}))
    request.check_method("POST")
    if request.says("x-ms-cosmos-is-query-plan-request"):
        raise not_supported("query plans, which a client needs for hybrid and vector search")
    if request.is_query:
        if pk is None and not request.is_across_partitions:
            raise bad_request(
                "Cross partition query is required but disabled. Please set "
                "x-ms-documentdb-query-enablecrosspartition to true, or specify the partition key."
            )
        return await _query(store, container, request, request.query())
    if request.says("x-ms-cosmos-is-batch-request"):
        if pk is None:
            raise bad_request("PartitionKey value must be supplied for a batch.")
        if len(request.body) > ITEM_BYTES_MAX:
            raise too_large("The batch")
        batch = functools.partial(
            perform_batch,
            container=container,
            pk=pk,
            operations=decode_json(request.body),
            is_minimal=request.wants_no_items,
        )
        return await store.write(batch)
    request.check_write()
    incoming = receive(container, decode_json(request.body), request.body, pk)
    if request.says("x-ms-documentdb-is-upsert"):
        if_match = request.header("if-match")
        answer = await store.write(lambda s: items.upsert(s, container, incoming, if_match))
    else:
        answer = await store.write(lambda s: items.create(s, container, incoming))
    return _as_preferred(request, answer)


def _as_preferred(request: Request, answer: Answer) -> Answer:
    """The answer to a write, without the item where the client wants none."""
    if request.wants_no_items:
        answer.body = ""
    return answer


async def _changes(store: Store, container: Container, request: Request) -> Answer:
    after, since = changes.read_start(
        request.header("a-im"),
        request.header("if-none-match"),
        request.header("if-modified-since"),
        store.lsn,
    )
    asked = changes.ChangesRequest(
        after=after,
        since=since,
        extent=request.extent,
        items_max=request.items_max(changes.PAGE_ITEMS_DEFAULT),
        now=store.now(),
    )
    return await store.query(lambda c: changes.read_changes(c, container, asked))


async def _query(
    store: Store,
    container: Container,
    request: Request,
    query: tuple[str, dict[str, Any]],
) -> Answer:
    asked = QueryRequest(
        text=query[0],
        parameters=query[1],
        extent=request.extent,
        items_max=request.items_max(PAGE_ITEMS_DEFAULT),
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
