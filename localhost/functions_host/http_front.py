"""The HTTP door: finds the function of a request, checks the key and the limits, and answers.

The answers to requests that no function gets are those of the Functions host: 404 where no route
matches the path and the method (it has no 405), 401 for a wrong key, 413 above 100 MB, 429 above
the limits of host.json, 500 without a body where the function fails.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from localhost.functions_host.http_routes import Template, split_path
from localhost.functions_host.invocations import Invocation, Kind, WorkerLost, new_invocation_id
from localhost.functions_host.keys import FUNCTION, Keys
from localhost.functions_host.startup import StartupError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localhost.functions_host.host_json import HostJson
    from localhost.functions_host.invocations import Answer, FunctionDescription
    from localhost.functions_host.lifecycle_spans import Spans
    from localhost.functions_host.worker_pool import WorkerPool

_log = logging.getLogger("host.http")

BODY_BYTES_MAX = 100 * 1024 * 1024
RETRY_AFTER_SECONDS = 1
RESERVED = ("admin", "runtime")
"""How no function's route may begin."""

_HOP_BY_HOP = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})


@dataclass(frozen=True)
class _Door:
    """One HTTP function: its route, and who may call it how."""

    function: str
    template: Template
    methods: frozenset[str]
    level: str


class HttpFront:
    """Answers the requests that belong to functions.

    Args:
        functions: the functions of the application, of any kind.
        keys: None where every door stands open, as on a developer's machine.

    Raises:
        StartupError: naming the function whose route cannot be used.
    """

    def __init__(
        self,
        functions: Iterable[FunctionDescription],
        settings: HostJson,
        keys: Keys | None,
        pool: WorkerPool,
        spans: Spans,
    ) -> None:
        doors = [_door(each, settings.route_prefix) for each in functions if _is_http(each)]
        _check_routes(doors, settings.route_prefix)
        self.doors = sorted(doors, key=lambda each: (each.template.precedence, each.function))
        self._keys = keys
        self._pool = pool
        self._spans = spans
        self._running = asyncio.Semaphore(settings.requests_concurrent_max)
        self._outstanding_max = settings.requests_outstanding_max
        self._outstanding = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        found = self._find(request)
        if found is None:
            return web.Response(status=404)
        door, parameters = found
        if not self._is_open(door, request):
            return web.Response(status=401)
        if self._outstanding >= self._outstanding_max:
            return web.Response(status=429, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
        self._outstanding += 1
        try:
            async with self._running:
                return await self._invoke(door, parameters, request)
        finally:
            self._outstanding -= 1

    def _is_open(self, door: _Door, request: web.Request) -> bool:
        if self._keys is None:
            return True
        return self._keys.opens(door.level, door.function, offered_key(request))

    def _find(self, request: web.Request) -> tuple[_Door, dict[str, str]] | None:
        path = split_path(request.rel_url.raw_path)
        for door in self.doors:
            if door.methods and request.method not in door.methods:
                continue
            parameters = door.template.match(path)
            if parameters is not None:
                return door, parameters
        return None

    async def _invoke(
        self, door: _Door, parameters: dict[str, str], request: web.Request
    ) -> web.Response:
        headers = request.headers
        payload = (
            request.method,
            str(request.url),
            _joined((name.lower(), value) for name, value in headers.items()),
            {name: value for name, value in parameters.items() if value},
            _joined(request.query.items()),
            await request.read(),
        )
        name = f"{request.method} /{door.template.text}"
        with self._spans.around(
            name, door.function, headers.get("traceparent", ""), "SERVER"
        ) as span:
            invocation = Invocation(
                new_invocation_id(),
                door.function,
                Kind.HTTP,
                payload,
                None,
                span.traceparent,
                headers.get("tracestate", ""),
            )
            try:
                answer = await self._pool.invoke(invocation)
            except WorkerLost:
                answer = None
            response = _response(answer)
            span.answered(response.status)
        _log.info(
            "%s %s answered %d",
            request.method,
            request.path,
            response.status,
            extra={"function": door.function, "invocation_id": invocation.id},
        )
        return response


def offered_key(request: web.Request) -> str:
    """The key that a caller offers: the header x-functions-key, or the query parameter code."""
    return request.headers.get("x-functions-key") or request.query.get("code") or ""


def _is_http(function: FunctionDescription) -> bool:
    return function.kind == "httpTrigger"


def _door(function: FunctionDescription, prefix: str) -> _Door:
    trigger = function.trigger
    route = str(trigger.get("route") or function.name).strip("/")
    try:
        template = Template(f"{prefix}/{route}".strip("/"))
    except ValueError as error:
        msg = f"the function '{function.name}' has a route that cannot be used: {error}"
        raise StartupError(msg) from error
    methods = frozenset(str(each).upper() for each in trigger.get("methods") or ())
    return _Door(
        function.name, template, methods, str(trigger.get("authLevel") or FUNCTION).upper()
    )


def _check_routes(doors: Iterable[_Door], prefix: str) -> None:
    """Refuse routes that Azure refuses: its own, and one that two functions answer."""
    taken: dict[str, list[_Door]] = {}
    for door in doors:
        route = door.template.text.lower()
        if route.removeprefix(f"{prefix}/".lower()).startswith(RESERVED):
            msg = f"the function '{door.function}' has a route of the host's own: '{route}'"
            raise StartupError(msg)
        for other in taken.setdefault(route, []):
            if door.methods & other.methods or not (door.methods and other.methods):
                msg = (
                    f"the function '{door.function}' answers the same requests as "
                    f"'{other.function}', at the route '{route}'"
                )
                raise StartupError(msg)
        taken[route].append(door)


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Names to values; repeated ones joined with commas, empty ones left out, as the host does."""
    joined: dict[str, str] = {}
    for name, value in pairs:
        if value:
            joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _response(answer: Answer | None) -> web.Response:
    if answer is None or not answer.ok or answer.answer is None:
        return web.Response(status=500)
    status, headers, body = answer.answer
    response = web.Response(status=status, body=body)
    response.headers.popall("Content-Type", None)
    for name, value in headers:
        if name.lower() not in _HOP_BY_HOP:
            response.headers.add(name, value)
    return response
