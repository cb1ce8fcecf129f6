"""The worker processes of a host: starts them, shares out invocations, replaces the dead."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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

_log = logging.getLogger("host.workers")

_ROOT = Path(__file__).resolve().parents[2]

RESTART_SECONDS_MAX = 10.0
STOP_SECONDS_MAX = 5.0

type OnEnd = Callable[[Answer | WorkerLost], None]


@dataclass(frozen=True)
class WorkerSettings:
    """What a worker needs to know: its environment, the durable client's JSON, the application."""

    environment: dict[str, str]
    client_json: str
    app_folder: Path


class _Pending:
    """An invocation under way: whom to tell, and when it has taken too long."""

    __slots__ = ("deadline", "invocation", "on_end")

    def __init__(self, invocation: Invocation, on_end: OnEnd, deadline: float) -> None:
        self.invocation = invocation
        self.on_end = on_end
        self.deadline = deadline


class _Worker:
    """One worker process, from the host's side."""

    def __init__(
        self, on_log: Callable[[Message], None], on_lost: Callable[[_Worker], None]
    ) -> None:
        self._on_log = on_log
        self._on_lost = on_lost
        self._connection: FrameProtocol | None = None
        self.process: asyncio.subprocess.Process | None = None
        self.indexed: asyncio.Future[list[FunctionDescription]] = (
            asyncio.get_running_loop().create_future()
        )
        self.pending: dict[str, _Pending] = {}
        self.is_ready = False

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

    def send(self, pending: _Pending) -> None:
        """Hand one invocation to the worker."""
        self.pending[pending.invocation.id] = pending
        self._send((Tag.INVOKE, *pending.invocation))

    async def stop(self) -> None:
        """End the process, by force where it does not end by itself."""
        self._send((Tag.STOP,))
        if self.process is None:
            return
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


class WorkerPool:
    """Runs invocations on the worker that has the fewest under way.

    Args:
        count: how many worker processes, at least 1.
        on_log: takes each log message that a worker forwards.
        timeout_seconds: how long one invocation may take; its worker is then replaced, as in
            Azure, because a running function cannot be stopped. None for no limit.
    """

    def __init__(
        self, count: int, on_log: Callable[[Message], None], timeout_seconds: float | None = None
    ) -> None:
        self._on_log = on_log
        self._timeout_seconds = timeout_seconds
        self._loop = asyncio.get_running_loop()
        self._workers: list[_Worker] = [self._new_worker() for _ in range(count)]
        self._waiting: deque[_Pending] = deque()
        self._settings: WorkerSettings | None = None
        self._restarts: set[asyncio.Task[None]] = set()
        self._restart_delay_seconds = 0.0
        self._is_stopping = False
        self._timeout_check: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Start the processes; they load their libraries while the host prepares the rest."""
        await asyncio.gather(*(worker.start() for worker in self._workers))

    async def index(self, settings: WorkerSettings) -> list[FunctionDescription]:
        """Have every worker index the application; answers its functions.

        Raises:
            StartupError: naming the function and the reason.
        """
        self._settings = settings
        for worker in self._workers:
            worker.configure(settings)
        indexed = await asyncio.gather(
            *(worker.indexed for worker in self._workers), return_exceptions=True
        )
        for each in indexed:
            if isinstance(each, BaseException):
                raise each
        functions: list[FunctionDescription] = indexed[0]  # type: ignore[assignment]  # see above
        return functions

    @property
    def in_flight(self) -> int:
        """How many invocations are under way or wait for a worker."""
        return len(self._waiting) + sum(len(worker.pending) for worker in self._workers)

    @property
    def process_ids(self) -> list[int]:
        """The process ids of the workers that are ready."""
        return [
            worker.process.pid
            for worker in self._workers
            if worker.process is not None and worker.is_ready
        ]

    def submit(self, invocation: Invocation, on_end: OnEnd) -> None:
        """Run the invocation; on_end is called on the event loop with its answer."""
        deadline = self._loop.time() + self._timeout_seconds if self._timeout_seconds else 0.0
        pending = _Pending(invocation, on_end, deadline)
        worker = self._least_busy()
        if worker is None:
            self._waiting.append(pending)
        else:
            worker.send(pending)
            self._watch_timeouts()

    async def invoke(self, invocation: Invocation) -> Answer:
        """Run the invocation and wait for its answer.

        Raises:
            WorkerLost: if the worker died meanwhile.
        """
        ended: asyncio.Future[Answer] = self._loop.create_future()

        def on_end(outcome: Answer | WorkerLost) -> None:
            if ended.done():
                return
            if isinstance(outcome, WorkerLost):
                ended.set_exception(outcome)
            else:
                ended.set_result(outcome)

        self.submit(invocation, on_end)
        return await ended

    async def stop(self) -> None:
        """End every worker; whoever still waits for an answer is told that it was lost."""
        self._is_stopping = True
        if self._timeout_check is not None:
            self._timeout_check.cancel()
        for task in self._restarts:
            task.cancel()
        await asyncio.gather(*(worker.stop() for worker in self._workers))

    def _new_worker(self) -> _Worker:
        return _Worker(self._on_log, self._worker_lost)

    def _least_busy(self) -> _Worker | None:
        if len(self._workers) == 1:
            return self._workers[0] if self._workers[0].is_ready else None
        ready = [worker for worker in self._workers if worker.is_ready]
        return min(ready, key=lambda worker: len(worker.pending), default=None)

    def _worker_lost(self, worker: _Worker) -> None:
        lost, worker.pending = worker.pending, {}
        was_indexed = worker.indexed.done() and not worker.indexed.exception()
        if not self._is_stopping and was_indexed:
            _log.error("A worker process ended with %d invocations under way", len(lost))
            self._replace(worker)
        for pending in lost.values():
            pending.on_end(WorkerLost(f"the worker process ended during {pending.invocation.id}"))

    def _replace(self, worker: _Worker) -> None:
        index = self._workers.index(worker)
        task = self._loop.create_task(self._start_replacement(index))
        self._restarts.add(task)
        task.add_done_callback(self._restarts.discard)

    async def _start_replacement(self, index: int) -> None:
        assert self._settings is not None  # noqa: S101 - only an indexed worker is replaced
        while True:
            await asyncio.sleep(self._restart_delay_seconds)
            # A worker that keeps dying is restarted ever more slowly; one good start resets this.
            slower = max(0.1, self._restart_delay_seconds * 2)
            self._restart_delay_seconds = min(RESTART_SECONDS_MAX, slower)
            worker = self._workers[index] = self._new_worker()
            try:
                await worker.start()
                worker.configure(self._settings)
                await worker.indexed
            except StartupError as error:
                _log.error("A worker process could not be restarted: %s", error)
                worker.kill()
                continue
            self._restart_delay_seconds = 0.0
            _log.warning("A worker process was restarted")
            self._send_waiting()
            return

    def _send_waiting(self) -> None:
        while self._waiting:
            worker = self._least_busy()
            if worker is None:
                return
            worker.send(self._waiting.popleft())
            self._watch_timeouts()

    def _watch_timeouts(self) -> None:
        if self._timeout_seconds and self._timeout_check is None:
            self._timeout_check = self._loop.call_later(self._timeout_seconds, self._end_overdue)

    def _end_overdue(self) -> None:
        self._timeout_check = None
        now = self._loop.time()
        for worker in self._workers:
            # Invocations were added in order, so that the first one is the oldest.
            oldest = next(iter(worker.pending.values()), None)
            if oldest is not None and oldest.deadline <= now:
                _log.error(
                    "Timeout value of %s seconds exceeded by function '%s' (Id: '%s')",
                    self._timeout_seconds,
                    oldest.invocation.function,
                    oldest.invocation.id,
                )
                worker.kill()
        deadlines = [
            pending.deadline for worker in self._workers for pending in worker.pending.values()
        ]
        if deadlines:
            delay = max(0.1, min(deadlines) - now)
            self._timeout_check = self._loop.call_later(delay, self._end_overdue)
