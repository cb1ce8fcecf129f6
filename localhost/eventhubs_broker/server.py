"""The broker: an Event Hubs namespace that azure-eventhub talks to over loopback.

See docs/eventhubs-broker.md for what it does not reproduce.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from localhost.eventhubs_broker.connection import Connection
from localhost.eventhubs_broker.event_log import EventLog, Retention
from localhost.eventhubs_broker.namespace import Limits, Namespace, Operation
from localhost.eventhubs_broker.tokens import KEY_NAME

HOST = "127.0.0.1"
KEY_DEFAULT = "SAS_KEY_VALUE"  # The key of Microsoft's own emulator; it guards nothing.
RETENTION_EVERY_S = 60
TICK_S = 1.0
CLOSES_WITHIN_S = 1.0
_LOGGER = logging.getLogger(__name__)


async def serve(  # noqa: PLR0913 - each is a separate choice of whoever runs a broker
    path: Path | None,
    *,
    port: int = 0,
    hubs: Mapping[str, int] | None = None,
    key: str = KEY_DEFAULT,
    clock: Callable[[], float] = time.time,
    durability: Literal["normal", "full"] = "normal",
    retention: Retention | None = None,
    limits: Limits | None = None,
    creates_hubs: bool = True,
) -> "Broker":
    """Starts a broker on the loopback interface.

    Args:
        path: the SQLite file; None keeps the events in a temporary one until the broker stops.
        port: 0 takes a free one.
        hubs: partition counts by name, made if they are not there. A hub that nobody declared is
            made with 4 partitions on first use, unless `creates_hubs` is false.
        key: the shared access key of RootManageSharedAccessKey.
        clock: seconds since 1970.
        durability: `full` fsyncs each group of sends; `normal` survives `kill -9` of the process.
        retention: how long events stay; 7 days and 1 GiB a partition.
        limits: what one peer may use.
        creates_hubs: whether an undeclared hub is made on first use.

    Raises:
        PermanentError: the file is corrupt, of a newer version, or in use by another broker.
        OSError: the port is taken.
    """
    temporary = TemporaryDirectory(prefix="eventhubs-") if path is None else None
    file = Path(temporary.name) / "eventhubs.sqlite" if temporary is not None else path
    assert file is not None  # noqa: S101 - one of the two is given
    log = EventLog(file, retention=retention, clock=clock, durability=durability)
    for name, count in (hubs or {}).items():
        log.declare(name, count)
    namespace = Namespace(log, key=key, clock=clock, limits=limits, creates_hubs=creates_hubs)
    broker = Broker(namespace, key, temporary)
    try:
        await broker.start(port)
    except OSError:
        await broker.stop()
        raise
    return broker


class Broker:
    """A running broker.

    Attributes:
        port: where it listens.
        connection_string: of the namespace, for azure-eventhub as it is.
    """

    def __init__(
        self, namespace: Namespace, key: str, temporary: TemporaryDirectory[str] | None = None
    ) -> None:
        self.port = 0
        self.connection_string = ""
        self._namespace = namespace
        self._key = key
        self._temporary = temporary
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._ticking: asyncio.Task[None] | None = None

    async def start(self, port: int) -> None:
        """Listens."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self._namespace, self._connections), HOST, port
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self.connection_string = (
            f"Endpoint=sb://{HOST}:{self.port};SharedAccessKeyName={KEY_NAME};"
            f"SharedAccessKey={self._key};UseDevelopmentEmulator=true;"
        )
        self._ticking = loop.create_task(self._tick())

    async def stop(self) -> None:
        """Closes every connection, commits what is pending, and lets the database go."""
        if self._ticking is not None:
            self._ticking.cancel()
            with suppress(asyncio.CancelledError):
                await self._ticking
        await self._close_connections()
        await self._namespace.log.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def throttle(self, operation: Operation, *, times: int, hub: str | None = None) -> None:
        """Answers the next `times` operations with com.microsoft:server-busy.

        Args:
            operation: `send` refuses deliveries, which azure-eventhub reports at once; `open`
                refuses to open producers and consumers, which azure-eventhub tries again.
            times: how many are refused.
            hub: of one hub; of all when None.
        """
        self._namespace.throttle(operation, times=times, hub=hub)

    def drop_connections(self) -> None:
        """Cuts every connection as a failing network does, so that clients must reconnect."""
        for connection in list(self._connections):
            connection.abort()

    async def enforce_retention(self) -> None:
        """Deletes now what retention does not keep; the broker does so every minute by itself."""
        await self._namespace.log.enforce_retention()

    async def _close_connections(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._connections):
            connection.close()
        try:
            async with asyncio.timeout(CLOSES_WITHIN_S):
                await self._server.wait_closed()
        except TimeoutError:
            self.drop_connections()

    async def _tick(self) -> None:
        turns = 0
        while True:
            if turns % RETENTION_EVERY_S == 0:
                await self._try_retention()
            await asyncio.sleep(TICK_S)
            turns += 1
            for connection in list(self._connections):
                connection.tick()

    async def _try_retention(self) -> None:
        try:
            await self.enforce_retention()
        except Exception:
            _LOGGER.exception("retention failed, and is tried again in a minute")
