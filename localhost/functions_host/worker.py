"""One worker process, from the host's side: its start, its messages, its end."""

from __future__ import annotations

import asyncio
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localhost.functions_host.cores import Cores, confine
from localhost.functions_host.frames import FrameProtocol, Message
from localhost.functions_host.invocations import (
    Answer,
    FunctionDescription,
    Invocation,
    Tag,
    WorkerLost,
)
from localhost.functions_host.startup import StartupError

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOT = Path(__file__).resolve().parents[2]

STOP_SECONDS_MAX = 5.0

type OnEnd = Callable[[Answer | WorkerLost], None]


@dataclass(frozen=True)
class WorkerSettings:
    """What a worker needs to know: its environment, the durable client's JSON, the application."""

    environment: dict[str, str]
    client_json: str
    app_folder: Path


class Pending:
    """An invocation under way: whom to tell, and when it has taken too long."""

    __slots__ = ("deadline", "invocation", "on_end")

    def __init__(self, invocation: Invocation, on_end: OnEnd, deadline: float) -> None:
        self.invocation = invocation
        self.on_end = on_end
        self.deadline = deadline


class Worker:
    """One worker process, from the host's side."""

    def __init__(
        self,
        on_log: Callable[[Message], None],
        on_lost: Callable[[Worker], None],
        cores: Cores,
    ) -> None:
        self._on_log = on_log
        self._on_lost = on_lost
        self._cores = cores
        self._connection: FrameProtocol | None = None
        self.process: asyncio.subprocess.Process | None = None
        self.indexed: asyncio.Future[list[FunctionDescription]] = (
            asyncio.get_running_loop().create_future()
        )
        self.pending: dict[str, Pending] = {}
        self.is_ready = False

    @property
    def was_indexed(self) -> bool:
        """Whether it has been ready once; its start may have been given up as well."""
        done = self.indexed.done() and not self.indexed.cancelled()
        return done and self.indexed.exception() is None

    async def start(self) -> None:
        """Start the process, which begins with its slow imports."""
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "localhost.functions_host.worker_process",
                str(theirs.fileno()),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                cwd=_ROOT,
            )
        confine(self.process.pid, self._cores)
        self._connection = FrameProtocol(self._receive, self._lost)
        connection = self._connection
        loop = asyncio.get_running_loop()
        await loop.create_unix_connection(lambda: connection, sock=ours)

    def configure(self, settings: WorkerSettings) -> None:
        """Tell the worker which application to index, and in which environment."""
        self._send(
            (
                Tag.CONFIGURE,
                settings.environment,
                settings.client_json,
                str(settings.app_folder),
            )
        )

    def send(self, pending: Pending) -> None:
        """Hand one invocation to the worker."""
        self.pending[pending.invocation.id] = pending
        self._send((Tag.INVOKE, *pending.invocation))

    async def stop(self) -> None:
        """End the process, by force where it does not end by itself."""
        if self.process is None:
            return
        if not self.is_ready:
            # It is loading something, and would not listen.
            self.kill()
        self._send((Tag.STOP,))
        try:
            await asyncio.wait_for(self.process.wait(), STOP_SECONDS_MAX)
        except TimeoutError:
            self.kill()
            await self.process.wait()

    def kill(self) -> None:
        """End the process by force; what it was running counts as lost."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()

    def _send(self, message: Message) -> None:
        if self._connection is not None:
            self._connection.send(message)

    def _receive(self, message: Message) -> None:
        tag = message[0]
        if tag == Tag.RESULT:
            pending = self.pending.pop(message[1], None)
            if pending is not None:
                pending.on_end(Answer(*message[2:]))
        elif tag == Tag.LOG:
            self._on_log(message)
        elif self.indexed.done():
            return  # Its start was given up meanwhile.
        elif tag == Tag.INDEXED:
            self.is_ready = True
            self.indexed.set_result([FunctionDescription(*each) for each in message[1]])
        elif tag == Tag.REFUSED:
            self.indexed.set_exception(StartupError(message[1]))

    def _lost(self) -> None:
        self.is_ready = False
        if not self.indexed.done():
            self.indexed.set_exception(StartupError("the worker process ended while it started"))
        self._on_lost(self)
