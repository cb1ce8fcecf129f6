"""Payloads of invocations in the runtime's own form, the Datum, and back."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from localhost.functions_host.invocations import Kind

if TYPE_CHECKING:
    from collections.abc import Callable


def encode(datum: Callable[[Any, str], Any], kind: str, payload: Any) -> Any:
    """The runtime's form of a trigger's payload, by Kind."""
    if kind in (Kind.ORCHESTRATION, Kind.ENTITY):
        return datum(base64.b64encode(payload).decode(), "string")
    if kind in (Kind.ACTIVITY, Kind.TIMER):
        return datum(payload, "json")
    if kind == Kind.EVENTS:
        return datum(SimpleNamespace(bytes=payload), "collection_bytes")
    if kind == Kind.EVENT:
        return datum(payload, "bytes")
    method, url, headers, route_parameters, query, body = payload

    def texts(values: dict[str, str]) -> dict[str, Any]:
        return {name: datum(value, "string") for name, value in values.items()}

    return datum(
        {
            "method": datum(method, "string"),
            "url": datum(url, "string"),
            "headers": texts(headers),
            "params": texts(route_parameters),
            "query": texts(query),
            "body": datum(body, "bytes"),
        },
        "http",
    )


def decode(kind: str, result: Any) -> Any:
    """The answer of a function, in the plain form that Kind describes."""
    if result is None or result.type is None:
        return None
    if kind in (Kind.ORCHESTRATION, Kind.ENTITY):
        return base64.b64decode(result.value)
    if kind == Kind.ACTIVITY:
        return result.value
    if kind != Kind.HTTP:
        return None
    if result.type != "http":
        body = result.value if isinstance(result.value, bytes) else str(result.value).encode()
        return 200, [("content-type", "text/plain; charset=utf-8")], body
    value = result.value
    headers = [(name, header.value) for name, header in value["headers"].items()]
    for cookie in value.get("cookies") or []:
        headers += [("set-cookie", morsel.OutputString()) for morsel in cookie.values()]
    return int(value["status_code"].value), headers, value["body"].value
