"""The child process that holds the Cosmos gateway and the Event Hubs broker.

It is a process of its own so that the database and the stream never hold up the task hub's loop.
Started as `python -m localhost.functions_host.backing_services FD`; its orders come as one line of
JSON on that socket, and so does its answer. It ends when the host closes the socket, or dies.
"""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from localhost.functions_host.startup import StartupError

_ROOT = Path(__file__).resolve().parents[2]

STOP_SECONDS_MAX = 5.0


@dataclass(frozen=True)
class Orders:
    """What to serve: the data folder, and the key of each service; an empty key for none."""

    data: str
    cosmos_key: str
    events_key: str
    durability: Literal["normal", "full"]


class BackingServices:
    """The process, from the host's side."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def start(self, orders: Orders) -> tuple[str, str]:
        """Start serving; answers the Cosmos endpoint and the Event Hubs connection string.

        Raises:
            StartupError: if a service does not start.
        """
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
        self._writer.write(json.dumps(vars(orders)).encode() + b"\n")
        line = await reader.readline()
        if not line:
            msg = "the Cosmos gateway or the Event Hubs broker did not start; its error is above"
            raise StartupError(msg)
        answer = json.loads(line)
        if "refused" in answer:
            raise StartupError(answer["refused"])
        return answer["cosmos"], answer["events"]

    async def stop(self) -> None:
        """End the process, by force where it does not end by itself."""
        if self._process is None or self._writer is None:
            return
        self._writer.close()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS_MAX)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


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


async def _start(orders: Orders, services: list[Any]) -> dict[str, str]:
    """Start what was ordered, adding it to the services; answers where each is found."""
    found = {"cosmos": "", "events": ""}
    data = Path(orders.data)
    if orders.cosmos_key:
        from localhost.cosmos_gateway.server import serve as serve_cosmos

        gateway = await serve_cosmos(
            data / "cosmos.db", key=orders.cosmos_key, durability=orders.durability
        )
        services.append(gateway)
        found["cosmos"] = gateway.endpoint
    if orders.events_key:
        from localhost.eventhubs_broker.server import serve as serve_events

        broker = await serve_events(
            data / "eventhubs.db", key=orders.events_key, durability=orders.durability
        )
        services.append(broker)
        found["events"] = broker.connection_string
    return found


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
