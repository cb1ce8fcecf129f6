"""The child process that holds the Cosmos gateway and the Event Hubs broker.

It is a process of its own so that the database and the stream never hold up the task hub's loop.
Started as `python -m localhost.functions_host.backing_services FD`; its orders come as one line of
JSON on that socket, and so does its answer. It ends when the host closes the socket, or dies.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from localhost.functions_host.startup import StartupError

_ROOT = Path(__file__).resolve().parents[2]

STOP_SECONDS_MAX = 5.0
RESTART_SECONDS = 1.0

_log = logging.getLogger("host.backing_services")


@dataclass(frozen=True)
class Orders:
    """What to serve: the data folder, and the key of each service; an empty key for none.

    A port of 0 takes one that is free; a service that is started again keeps the one it had.
    """

    data: str
    cosmos_key: str
    events_key: str
    durability: Literal["normal", "full"]
    cosmos_port: int = 0
    events_port: int = 0


class Found(NamedTuple):
    """Where the services are: the Cosmos endpoint and the Event Hubs connection string."""

    cosmos: str
    events: str
    cosmos_port: int
    events_port: int


class BackingServices:
    """The process, from the host's side; where it dies, it is started again."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> Found:
        """Start serving.

        Raises:
            StartupError: if a service does not start.
        """
        found = await self._start_process()
        self._orders = replace(
            self._orders, cosmos_port=found.cosmos_port, events_port=found.events_port
        )
        self._watch = asyncio.create_task(self._replace_when_dead())
        return found

    @property
    def process_id(self) -> int:
        """The id of the process, once it was started; that of another where it was replaced."""
        assert self._process is not None  # noqa: S101 - asked once started
        return self._process.pid

    async def stop(self) -> None:
        """End the process, by force where it does not end by itself."""
        if self._watch is not None:
            self._watch.cancel()
        if self._process is None or self._writer is None:
            return
        self._writer.close()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS_MAX)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _start_process(self) -> Found:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "localhost.functions_host.backing_services",
                str(theirs.fileno()),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                cwd=_ROOT,
            )
        reader, self._writer = await asyncio.open_unix_connection(sock=ours)
        self._writer.write(json.dumps(vars(self._orders)).encode() + b"\n")
        line = await reader.readline()
        if not line:
            msg = "the Cosmos gateway or the Event Hubs broker did not start; its error is above"
            raise StartupError(msg)
        answer = json.loads(line)
        if "refused" in answer:
            raise StartupError(answer["refused"])
        return Found(**answer)

    async def _replace_when_dead(self) -> None:
        while True:
            assert self._process is not None  # noqa: S101 - watched only once started
            await self._process.wait()
            _log.error("The Cosmos gateway and the Event Hubs broker ended; starting them again")
            try:
                await self._start_process()
            except StartupError:
                _log.exception("The Cosmos gateway and the Event Hubs broker did not start")
                await asyncio.sleep(RESTART_SECONDS)


async def serve(file_descriptor: int) -> None:
    """Serve what the host orders until it closes the socket."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Ctrl-C reaches the whole process group; the host decides when this process stops.
        loop.add_signal_handler(number, lambda: None)
    end = socket.socket(fileno=file_descriptor)
    reader, writer = await asyncio.open_unix_connection(sock=end)
    orders = Orders(**json.loads(await reader.readline()))
    services: list[Any] = []
    try:
        answer = await _start(orders, services)
    except Exception as error:  # noqa: BLE001 - whatever it is, the host says it and stops
        answer = {"refused": str(error) or repr(error)}
    writer.write(json.dumps(answer).encode() + b"\n")
    await reader.read()
    for service in services:
        await service.stop()


async def _start(orders: Orders, services: list[Any]) -> dict[str, Any]:
    """Start what was ordered, adding it to the services; answers where each is found."""
    cosmos = events = ""
    cosmos_port = events_port = 0
    data = Path(orders.data)
    if orders.cosmos_key:
        from localhost.cosmos_gateway.server import serve as serve_cosmos

        gateway = await serve_cosmos(
            data / "cosmos.db",
            port=orders.cosmos_port,
            key=orders.cosmos_key,
            durability=orders.durability,
        )
        services.append(gateway)
        cosmos, cosmos_port = gateway.endpoint, gateway.port
    if orders.events_key:
        from localhost.eventhubs_broker.server import serve as serve_events

        broker = await serve_events(
            data / "eventhubs.db",
            port=orders.events_port,
            key=orders.events_key,
            durability=orders.durability,
        )
        services.append(broker)
        events, events_port = broker.connection_string, broker.port
    return Found(cosmos, events, cosmos_port, events_port)._asdict()


if __name__ == "__main__":
    import uvloop

    # Not in the host and the workers: uvloop starts processes by fork, which disturbs gRPC, and
    # functions run on the loop that they have in Azure.
    uvloop.run(serve(int(sys.argv[1])))
