"""The first part of a start: claims what the host needs, and sends its processes on their way.

Everything here is quick and light to import: while the workers and the services load their
libraries, which takes longest, the host loads its own (host.py).
"""

from __future__ import annotations

import asyncio
import logging
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from localhost.functions_host import app_settings
from localhost.functions_host.backing_services import BackingServices, Orders
from localhost.functions_host.cores import Cores, Division, confine, divide, usable
from localhost.functions_host.data_folder import DataFolder
from localhost.functions_host.host_json import HostJson, read_host_json
from localhost.functions_host.keys import Keys, open_keys
from localhost.functions_host.startup import ENTRY_FILE, StartupError
from localhost.functions_host.worker_pool import WorkerPool

if TYPE_CHECKING:
    from contextlib import AsyncExitStack
    from pathlib import Path

    from localhost.functions_host.json_logging import JsonLines

WORKERS_MAX = 10
"""As many as Azure allows."""


@dataclass(frozen=True)
class Options:
    """What the command line decides.

    Attributes:
        port: the HTTP port; 0 for any that is free.
        durability: "full" where every commit reaches the disk before it counts.
        asks_keys: whether doors ask for the keys that their auth level names. As with Core Tools
            they do not on a developer's machine unless told to; administration always does.
        log_level: the least level of logs; None for what host.json says.
    """

    app_folder: Path
    data: Path
    port: int
    durability: Literal["normal", "full"] = "normal"
    asks_keys: bool = False
    log_level: int | None = None


@dataclass(frozen=True)
class Launch:
    """What a host has before it has loaded anything.

    Attributes:
        folder: held until the host ends.
        settings: the application's, without the connections to the local services.
        front_door: bound to the HTTP port and listening.
        connections: the settings that lead to the local services, once these are started.
    """

    options: Options
    folder: DataFolder
    settings: dict[str, str]
    host_json: HostJson
    keys: Keys
    front_door: socket.socket
    pool: WorkerPool
    cores: Division
    connections: asyncio.Task[dict[str, str]]


async def launch(options: Options, logs: JsonLines, parts: AsyncExitStack) -> Launch:
    """Check, claim, and start the processes.

    Args:
        parts: takes what must be closed, also where this fails.

    Raises:
        StartupError: in one sentence, whatever it is that must be changed.
    """
    settings, host_json = _read_configuration(options.app_folder)
    level = host_json.log_level if options.log_level is None else options.log_level
    logging.getLogger().setLevel(level)
    front_door = parts.enter_context(_bind(options.port))
    folder = DataFolder(options.data)
    parts.callback(folder.close)
    keys = open_keys(options.data)
    count = _worker_count(settings)
    cores = divide(usable(), count)
    pool = WorkerPool(count, logs.write_forwarded, host_json.timeout_seconds, cores=cores.workers)
    parts.push_async_callback(pool.stop)
    await pool.start()
    connections = asyncio.create_task(_start_services(options, settings, keys, parts, cores.host))
    parts.callback(connections.cancel)
    # Let it get as far as the start of its process.
    await asyncio.sleep(0)
    return Launch(options, folder, settings, host_json, keys, front_door, pool, cores, connections)


def _read_configuration(app_folder: Path) -> tuple[dict[str, str], HostJson]:
    if not (app_folder / ENTRY_FILE).is_file():
        msg = f"there is no {ENTRY_FILE} in {app_folder}; name the application's folder with --app"
        raise StartupError(msg)
    settings = app_settings.read_settings(app_folder)
    return settings, read_host_json(app_folder / "host.json", settings)


def _worker_count(settings: dict[str, str]) -> int:
    text = settings["FUNCTIONS_WORKER_PROCESS_COUNT"]
    if not text.isdigit() or not 1 <= int(text) <= WORKERS_MAX:
        msg = f"FUNCTIONS_WORKER_PROCESS_COUNT is '{text}', and must be from 1 to {WORKERS_MAX}"
        raise StartupError(msg)
    return int(text)


async def _start_services(
    options: Options, settings: dict[str, str], keys: Keys, parts: AsyncExitStack, cores: Cores
) -> dict[str, str]:
    """Start what the application has no connection for; answers the connections made."""
    needs_cosmos = not app_settings.is_set(settings, app_settings.COSMOS)
    needs_events = not app_settings.is_set(settings, app_settings.EVENT_HUBS)
    if not (needs_cosmos or needs_events):
        return {}
    services = BackingServices(
        Orders(
            str(options.data),
            keys.cosmos if needs_cosmos else "",
            keys.events if needs_events else "",
            options.durability,
        )
    )
    parts.push_async_callback(services.stop)
    found = await services.start()
    confine(services.process_id, cores)
    connections = {}
    if needs_cosmos:
        endpoint = f"AccountEndpoint={found.cosmos};AccountKey={keys.cosmos};"
        connections[app_settings.COSMOS] = endpoint
    if needs_events:
        connections[app_settings.EVENT_HUBS] = found.events
    return connections


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
