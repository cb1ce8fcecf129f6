"""A running host: its parts, the order in which they start, and the order in which they stop."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

from aiohttp import web

from localhost.functions_host import app_settings
from localhost.functions_host.administration import Administration
from localhost.functions_host.backing_services import BackingServices, Orders
from localhost.functions_host.data_folder import DataFolder
from localhost.functions_host.durable_dispatch import DurableDispatcher
from localhost.functions_host.event_listeners import EventListener, listeners_of
from localhost.functions_host.function_rules import check_functions
from localhost.functions_host.host_json import HostJson, read_host_json
from localhost.functions_host.host_store import HostStore
from localhost.functions_host.http_front import BODY_BYTES_MAX, HttpFront
from localhost.functions_host.keys import Keys, open_keys
from localhost.functions_host.lifecycle_spans import Spans
from localhost.functions_host.management import Management
from localhost.functions_host.startup import ENTRY_FILE, StartupError
from localhost.functions_host.telemetry import start_telemetry
from localhost.functions_host.timers import Timers
from localhost.functions_host.worker_pool import WorkerPool, WorkerSettings
from localhost.taskhub import sidecar
from localhost.taskhub.hub import TaskHub

if TYPE_CHECKING:
    from pathlib import Path

    from localhost.functions_host.invocations import FunctionDescription
    from localhost.functions_host.json_logging import JsonLines

_log = logging.getLogger("host")

DRAIN_SECONDS_MAX = 30.0
WEBHOOKS = "/runtime/webhooks/durabletask"
STORAGE = "Storage"
"""What the durable client calls the hub's connection; it travels in management URLs."""


@dataclass(frozen=True)
class Options:
    """What the command line decides.

    Attributes:
        port: the HTTP port; 0 for any that is free.
        durability: "full" where every commit reaches the disk before it counts.
        asks_keys: whether doors ask for the keys that their auth level names. As with Core Tools
            they do not on a developer's machine unless told to; administration always does.
    """

    app_folder: Path
    data: Path
    port: int
    durability: Literal["normal", "full"] = "normal"
    asks_keys: bool = False


class Host:
    """One host, from start to stop.

    Attributes:
        port: the HTTP port, once started.
    """

    def __init__(self, options: Options, logs: JsonLines) -> None:
        self._options = options
        self._logs = logs
        self._closing: list[Any] = []
        self.port = 0
        self._runner: web.AppRunner | None = None
        self._timers: Timers | None = None
        self._listeners: list[EventListener] = []
        self._dispatcher: DurableDispatcher | None = None

    async def start(self) -> None:
        """Start every part.

        Raises:
            StartupError: in one sentence, whatever it is that must be changed.
        """
        options = self._options
        settings, host_json = self._read_configuration()
        front_door = _bind(options.port)
        self.port = front_door.getsockname()[1]
        folder = DataFolder(options.data)
        self._closing.append(folder.close)
        keys = open_keys(options.data)
        spans = Spans(is_exported=start_telemetry(settings))
        pool = WorkerPool(
            max(1, int(settings["FUNCTIONS_WORKER_PROCESS_COUNT"])),
            self._logs.write_forwarded,
            host_json.timeout_seconds,
        )
        self._closing.append(pool.stop)
        await pool.start()
        endpoints, (hub, hub_port) = await asyncio.gather(
            self._start_backing_services(settings, keys), self._open_hub(host_json)
        )
        settings |= endpoints
        client = self._client_json(host_json, keys, hub_port)
        added = {
            name: settings[name] for name in settings if os.environ.get(name) != settings[name]
        }
        functions = await pool.index(WorkerSettings(added, client, options.app_folder))
        check_functions(functions)
        keys = open_keys(options.data, [each.name for each in functions if _is_http(each)])
        store = HostStore(options.data, options.durability)
        self._closing.append(store.close)

        front = HttpFront(functions, host_json, keys if options.asks_keys else None, pool, spans)
        self._timers = Timers(functions, settings, store, pool, spans)
        self._listeners = listeners_of(functions, settings, host_json, store, pool, spans)
        self._dispatcher = DurableDispatcher(hub, functions, host_json, pool, spans)
        self._dispatcher.start()
        self._timers.start()
        for listener in self._listeners:
            listener.start()
        administration = Administration(
            functions, keys, front, self._timers, pool, f"http://127.0.0.1:{hub_port}"
        )
        management = Management(hub, keys, client)
        await self._open_front_door(front_door, front, administration, management)
        # What exists by now stays; garbage collection need not look at it again.
        gc.freeze()

    async def stop(self) -> None:
        """Take nothing new in, let what runs end, then close everything.

        Doors close before the task hub stops, since a request may be waiting for a story to end.
        """
        try:
            async with asyncio.timeout(DRAIN_SECONDS_MAX):
                await self._drain()
        except TimeoutError:
            _log.warning("Work was still under way after %s seconds", DRAIN_SECONDS_MAX)
        for close in reversed(self._closing):
            try:
                outcome = close()
                if outcome is not None:
                    await outcome
            except Exception:  # noqa: BLE001 - the other parts must close all the same
                _log.exception("A part of the host did not close")
        self._closing.clear()

    async def _drain(self) -> None:
        stops = [listener.stop() for listener in self._listeners]
        if self._timers is not None:
            stops.append(self._timers.stop())
        if self._runner is not None:
            stops.append(self._runner.cleanup())
        await asyncio.gather(*stops)
        if self._dispatcher is not None:
            await self._dispatcher.stop_taking()
            await self._dispatcher.drained()

    def _read_configuration(self) -> tuple[dict[str, str], HostJson]:
        folder = self._options.app_folder
        if not (folder / ENTRY_FILE).is_file():
            msg = f"there is no {ENTRY_FILE} in {folder}; name the application's folder with --app"
            raise StartupError(msg)
        settings = app_settings.read_settings(folder)
        return settings, read_host_json(folder / "host.json", settings)

    async def _start_backing_services(self, settings: dict[str, str], keys: Keys) -> dict[str, str]:
        """Start what the application has no connection for; answers the connections made."""
        needs_cosmos = not app_settings.is_set(settings, app_settings.COSMOS)
        needs_events = not app_settings.is_set(settings, app_settings.EVENT_HUBS)
        if not (needs_cosmos or needs_events):
            return {}
        services = BackingServices()
        self._closing.append(services.stop)
        orders = Orders(
            str(self._options.data.resolve()),
            keys.cosmos if needs_cosmos else "",
            keys.events if needs_events else "",
            self._options.durability,
        )
        cosmos, events = await services.start(orders)
        connections = {}
        if needs_cosmos:
            connections[app_settings.COSMOS] = f"AccountEndpoint={cosmos};AccountKey={keys.cosmos};"
        if needs_events:
            connections[app_settings.EVENT_HUBS] = events
        return connections

    async def _open_hub(self, host_json: HostJson) -> tuple[TaskHub, int]:
        hub = await TaskHub.open(
            self._options.data / "taskhub.db",
            durability=self._options.durability,
            default_version=host_json.default_version,
            version_match=host_json.version_match,
            version_failure=host_json.version_failure,
        )
        self._closing.append(hub.close)
        server = await sidecar.serve(hub)
        self._closing.append(server.stop)
        return hub, server.port

    def _client_json(self, host_json: HostJson, keys: Keys, hub_port: int) -> str:
        """What a durable client binding receives; the members that the real host sends."""
        query = {"taskHub": host_json.hub_name, "connection": STORAGE, "code": keys.durable}
        return json.dumps(
            {
                "taskHubName": host_json.hub_name,
                "connectionName": STORAGE,
                "rpcBaseUrl": f"http://127.0.0.1:{hub_port}",
                "requiredQueryStringParameters": urlencode(query),
                "httpBaseUrl": f"http://127.0.0.1:{self.port}{WEBHOOKS}",
            }
        )

    async def _open_front_door(
        self,
        front_door: socket.socket,
        front: HttpFront,
        administration: Administration,
        management: Management,
    ) -> None:
        application = web.Application(client_max_size=BODY_BYTES_MAX)
        administration.add_to(application.router)
        management.add_to(application.router)
        application.router.add_route("*", "/{path:.*}", front.handle)
        self._runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=DRAIN_SECONDS_MAX
        )
        await self._runner.setup()
        await web.SockSite(self._runner, front_door).start()


def _bind(port: int) -> socket.socket:
    end = socket.socket()
    end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        end.bind(("127.0.0.1", port))
        end.listen(1)
    except OSError as error:
        end.close()
        msg = f"port {port} cannot be used ({error.strerror}); choose another with --port"
        raise StartupError(msg) from error
    return end


def _is_http(function: FunctionDescription) -> bool:
    return function.kind == "httpTrigger"
