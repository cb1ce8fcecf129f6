"""A running host: its parts, the order in which they start, and the order in which they stop."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import web

from localhost.functions_host.administration import Administration
from localhost.functions_host.cores import confine
from localhost.functions_host.durable_dispatch import DurableDispatcher
from localhost.functions_host.event_listeners import EventListener, listeners_of
from localhost.functions_host.function_rules import check_functions, enabled_functions
from localhost.functions_host.host_store import HostStore
from localhost.functions_host.http_front import BODY_BYTES_MAX, HttpFront
from localhost.functions_host.keys import open_keys
from localhost.functions_host.lifecycle_spans import Spans
from localhost.functions_host.management import BASE, Management
from localhost.functions_host.telemetry import start_telemetry
from localhost.functions_host.timers import Timers
from localhost.functions_host.worker import WorkerSettings
from localhost.taskhub import sidecar
from localhost.taskhub.hub import TaskHub

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from localhost.functions_host.invocations import FunctionDescription
    from localhost.functions_host.launch import Launch

_log = logging.getLogger("host")

DRAIN_SECONDS_MAX = 30.0
STORAGE = "Storage"
"""What the durable client calls the hub's connection; it travels in management URLs."""


class Host:
    """One host, from start to stop.

    Args:
        parts: takes what must be closed in the end, in the order in which it was opened.

    Attributes:
        port: the HTTP port.
    """

    def __init__(self, launch: Launch, parts: AsyncExitStack) -> None:
        self._launch = launch
        self._parts = parts
        self.port = launch.front_door.getsockname()[1]
        self._runner: web.AppRunner | None = None
        self._timers: Timers | None = None
        self._listeners: list[EventListener] = []
        self._dispatcher: DurableDispatcher | None = None

    async def start(self) -> None:
        """Start every part.

        Raises:
            StartupError: in one sentence, whatever it is that must be changed.
            PermanentError: where the task hub's file cannot be used.
        """
        launch = self._launch
        host_json, pool, options = launch.host_json, launch.pool, launch.options
        hub, hub_endpoint = await self._open_hub()
        connections = await launch.connections
        settings = launch.settings | connections
        launch.folder.publish(connections | {"TASKHUB_ENDPOINT": hub_endpoint})
        client = self._client_json(hub_endpoint)
        functions = await pool.index(
            WorkerSettings(_not_inherited(settings), client, options.app_folder)
        )
        check_functions(functions)
        functions = enabled_functions(functions, settings)
        keys = open_keys(options.data, [each.name for each in functions if _is_http(each)])
        store = HostStore(options.data, options.durability)
        self._parts.callback(store.close)
        spans = Spans(is_exported=start_telemetry(settings))

        front = HttpFront(functions, host_json, keys if options.asks_keys else None, pool, spans)
        self._timers = Timers(functions, settings, store, pool, spans)
        self._listeners = listeners_of(functions, settings, host_json, store, pool, spans)
        self._dispatcher = DurableDispatcher(hub, functions, host_json, pool, spans)
        administration = Administration(functions, keys, front, self._timers, pool, hub_endpoint)
        await self._open_front_door(front, administration, Management(hub, keys, client))
        self._dispatcher.start()
        self._timers.start()
        for listener in self._listeners:
            listener.start()
        # What exists by now stays; garbage collection need not look at it again.
        gc.freeze()
        confine(os.getpid(), launch.cores.host)

    async def drain(self) -> None:
        """Take nothing new in, and let what runs end.

        Doors close before the task hub stops, since a request may be waiting for a story to end.
        """
        try:
            async with asyncio.timeout(DRAIN_SECONDS_MAX):
                await self._close_doors()
                if self._dispatcher is not None:
                    await self._dispatcher.stop_taking()
                    await self._dispatcher.drained()
        except TimeoutError:
            _log.warning("Work was still under way after %s seconds", DRAIN_SECONDS_MAX)

    async def _close_doors(self) -> None:
        stops = [listener.stop() for listener in self._listeners]
        if self._timers is not None:
            stops.append(self._timers.stop())
        if self._runner is not None:
            stops.append(self._runner.cleanup())
        await asyncio.gather(*stops)

    async def _open_hub(self) -> tuple[TaskHub, str]:
        """Open the task hub, and the endpoint that durable clients speak to."""
        host_json, options = self._launch.host_json, self._launch.options
        hub = await TaskHub.open(
            options.data / "taskhub.db",
            durability=options.durability,
            default_version=host_json.default_version,
            version_match=host_json.version_match,
            version_failure=host_json.version_failure,
        )
        self._parts.push_async_callback(hub.close)
        server = await sidecar.serve(hub)
        self._parts.push_async_callback(server.stop)
        return hub, f"http://127.0.0.1:{server.port}"

    def _client_json(self, hub_endpoint: str) -> str:
        """What a durable client binding receives; the members that the real host sends."""
        hub_name = self._launch.host_json.hub_name
        query = {"taskHub": hub_name, "connection": STORAGE, "code": self._launch.keys.durable}
        return json.dumps(
            {
                "taskHubName": hub_name,
                "connectionName": STORAGE,
                "rpcBaseUrl": hub_endpoint,
                "requiredQueryStringParameters": urlencode(query),
                "httpBaseUrl": f"http://127.0.0.1:{self.port}{BASE}",
            }
        )

    async def _open_front_door(
        self, front: HttpFront, administration: Administration, management: Management
    ) -> None:
        application = web.Application(client_max_size=BODY_BYTES_MAX)
        administration.add_to(application.router)
        management.add_to(application.router)
        application.router.add_route("*", "/{path:.*}", front.handle)
        self._runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=DRAIN_SECONDS_MAX
        )
        await self._runner.setup()
        await web.SockSite(self._runner, self._launch.front_door).start()


def _not_inherited(settings: dict[str, str]) -> dict[str, str]:
    """The settings that a worker does not have already from the host's environment."""
    return {name: value for name, value in settings.items() if os.environ.get(name) != value}


def _is_http(function: FunctionDescription) -> bool:
    return function.kind == "httpTrigger"
