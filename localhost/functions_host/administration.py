"""The administration API: the host's state, its functions, and running a timer by hand.

Source: the Functions host's own `/admin` API; all of it but the ping needs the master key.
"""

from __future__ import annotations

import asyncio
import os
import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from aiohttp import web

from localhost.functions_host.http_front import offered_key
from localhost.functions_host.keys import ADMIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localhost.functions_host.http_front import HttpFront
    from localhost.functions_host.invocations import FunctionDescription
    from localhost.functions_host.keys import Keys
    from localhost.functions_host.timers import Timers
    from localhost.functions_host.worker_pool import WorkerPool


class Administration:
    """Answers below /admin.

    Args:
        hub_endpoint: where durable clients from outside the application reach the task hub.
    """

    def __init__(
        self,
        functions: Sequence[FunctionDescription],
        keys: Keys,
        http: HttpFront,
        timers: Timers,
        pool: WorkerPool,
        hub_endpoint: str,
    ) -> None:
        self._hub_endpoint = hub_endpoint
        self._functions = functions
        self._keys = keys
        self._routes = {each.function: each for each in http.doors}
        self._timers = timers
        self._pool = pool
        self._started = time.monotonic()
        self._runs: set[asyncio.Task[Any]] = set()

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register the routes."""
        router.add_get("/admin/host/ping", self._ping)
        router.add_get("/admin/host/status", self._status)
        router.add_get("/admin/functions", self._list)
        router.add_get("/admin/functions/{name}", self._show)
        router.add_post("/admin/functions/{name}", self._run)

    async def _ping(self, _request: web.Request) -> web.Response:
        return web.Response()

    async def _status(self, request: web.Request) -> web.Response:
        self._check(request)
        return web.json_response(
            {
                "id": "careloom",
                "state": "Running",
                "version": version("azure-functions-runtime"),
                "processUptime": int((time.monotonic() - self._started) * 1000),
                "processId": os.getpid(),
                "workerProcessIds": self._pool.process_ids,
                "invocationsInFlight": self._pool.in_flight,
                "taskHubEndpoint": self._hub_endpoint,
            }
        )

    async def _list(self, request: web.Request) -> web.Response:
        self._check(request)
        return web.json_response([self._describe(each) for each in self._functions])

    async def _show(self, request: web.Request) -> web.Response:
        self._check(request)
        return web.json_response(self._describe(self._find(request)))

    async def _run(self, request: web.Request) -> web.Response:
        self._check(request)
        function = self._find(request)
        if function.kind != "timerTrigger":
            reason = f"only timer functions are run by hand, and {function.name} is none"
            return web.Response(status=400, text=reason)
        run = asyncio.create_task(self._timers.run_now(function.name))
        self._runs.add(run)
        run.add_done_callback(self._runs.discard)
        return web.Response(status=202)

    def _check(self, request: web.Request) -> None:
        if not self._keys.opens(ADMIN, "", offered_key(request)):
            raise web.HTTPUnauthorized

    def _find(self, request: web.Request) -> FunctionDescription:
        name = request.match_info["name"].lower()
        for function in self._functions:
            if function.name.lower() == name:
                return function
        raise web.HTTPNotFound

    def _describe(self, function: FunctionDescription) -> dict[str, Any]:
        door = self._routes.get(function.name)
        return {
            "name": function.name,
            "invoke_url_template": f"/{door.template.text}" if door else None,
            "language": "python",
            "config": {"bindings": function.bindings},
        }
