"""What callers of the management API ask for, read from paths, queries and bodies.

Whatever cannot be read is refused with 400 and the name of the parameter.
"""

from __future__ import annotations

import json
import re
from datetime import datetime

import durabletask.internal.orchestrator_service_pb2 as pb
from aiohttp import web
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import StringValue

from localhost.functions_host.instance_view import STATUS_NUMBERS
from localhost.functions_host.lifecycle_spans import new_traceparent, well_formed

PAGE_SIZE_DEFAULT = 100
INT32_MAX = (1 << 31) - 1

_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]*)?")


def entity_id(request: web.Request) -> str:
    """The entity that the path names."""
    return f"@{request.match_info['name'].lower()}@{request.match_info['key']}"


def optional(text: str | None) -> StringValue | None:
    """An optional text as protobuf has it."""
    return None if text is None else StringValue(value=text)


def flag(request: web.Request, name: str, *, default: bool = False) -> bool:
    """A parameter that is true or false."""
    text = request.query.get(name)
    return default if text is None else text.lower() == "true"


def page_size(request: web.Request) -> int:
    """How many a page may hold; 0 means the default."""
    text = request.query.get("top", str(PAGE_SIZE_DEFAULT))
    if not text.isdecimal():
        raise web.HTTPBadRequest(text="top is not a number")
    return min(int(text), INT32_MAX) or PAGE_SIZE_DEFAULT


def statuses(request: web.Request) -> list[pb.OrchestrationStatus]:
    """The runtime statuses that are wanted; none named means all."""
    named = ",".join(request.query.getall("runtimeStatus", []))
    names = [each for each in named.split(",") if each]
    try:
        return [STATUS_NUMBERS[each.strip().lower()] for each in names]
    except KeyError as error:
        raise web.HTTPBadRequest(text=f"{error.args[0]} is no runtime status") from None


def moment(request: web.Request, name: str) -> Timestamp | None:
    """A parameter that is a date and time in ISO 8601."""
    text = request.query.get(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise web.HTTPBadRequest(text=f"{name} is no date and time") from None
    stamp = Timestamp()
    stamp.FromDatetime(found)
    return stamp


def timeout_seconds(request: web.Request) -> float:
    """How long the caller waits for an end; 0 where he does not."""
    text = request.query.get("timeout", "0")
    if not _SECONDS.fullmatch(text):
        raise web.HTTPBadRequest(text="timeout is no number of seconds")
    return float(text)


def trace_context(request: web.Request) -> pb.TraceContext:
    """The caller's W3C trace context, or a fresh one."""
    parent = well_formed(request.headers.get("traceparent", "")) or new_traceparent()
    state = optional(request.headers.get("tracestate"))
    return pb.TraceContext(traceParent=parent, traceState=state)


def refuse_all_but_json(request: web.Request) -> None:
    """Refuse a body that does not call itself JSON."""
    if request.content_type != "application/json":
        raise web.HTTPBadRequest(text="only application/json is taken")


async def text_or_json(request: web.Request) -> StringValue | None:
    """The body as a JSON value: what does not call itself JSON is a string."""
    if request.content_type == "application/json" or not request.can_read_body:
        return await json_text(request)
    return StringValue(value=json.dumps(await request.text()))


async def json_text(request: web.Request) -> StringValue | None:
    """The body, which must be JSON where there is one."""
    body = await request.read()
    if not body:
        return None
    try:
        text = body.decode()
        json.loads(text)
    except ValueError:
        raise web.HTTPBadRequest(text="the body is not JSON") from None
    return StringValue(value=text)
