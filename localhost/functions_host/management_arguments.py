"""What callers of the management API ask for, read from paths, queries and bodies.

Whatever cannot be read is refused with 400 and the name of the parameter.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from aiohttp import web
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import StringValue

from localhost.functions_host.instance_view import STATUS_NUMBERS

if TYPE_CHECKING:
    import durabletask.internal.orchestrator_service_pb2 as pb

PAGE_SIZE_DEFAULT = 100


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
    if not text.isdigit():
        raise web.HTTPBadRequest(text="top is not a number")
    return int(text) or PAGE_SIZE_DEFAULT


def statuses(request: web.Request) -> list[pb.OrchestrationStatus]:
    """The runtime statuses that are wanted; none named means all."""
    names = [each for each in request.query.get("runtimeStatus", "").split(",") if each]
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


async def json_text(request: web.Request) -> StringValue | None:
    """The body, which must be JSON where there is one."""
    body = await request.read()
    if not body:
        return None
    try:
        json.loads(body)
    except ValueError:
        raise web.HTTPBadRequest(text="the body is not JSON") from None
    return StringValue(value=body.decode())
