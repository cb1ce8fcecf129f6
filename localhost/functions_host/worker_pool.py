"""The worker processes of a host: starts them, shares out invocations, replaces the dead."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

from localhost.functions_host.cores import ANY, Cores
from localhost.functions_host.invocations import Answer, WorkerLost
from localhost.functions_host.startup import StartupError
from localhost.functions_host.worker import OnEnd, Pending, Worker, WorkerSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from localhost.functions_host.frames import Message
    from localhost.functions_host.invocations import FunctionDescription, Invocation

_log = logging.getLogger("host.workers")

RESTART_SECONDS_MAX = 10.0


class WorkerPool:
    """Runs invocations on the worker that has the fewest under way.

    Args:
        count: how many worker processes, at least 1.
        on_log: takes each log message that a worker forwards.
        timeout_seconds: how long one invocation may take; its worker is then replaced, as in
            Azure, because a running function cannot be stopped. None for no limit.
        cores: where the workers run.
    """

    def __init__(
        self,
        count: int,
        on_log: Callable[[Message], None],
        timeout_seconds: float | None = None,
        *,
        cores: Cores = ANY,
    ) -> None:
        self._on_log = on_log
        self._cores = cores
        self._timeout_seconds = timeout_seconds
        self._loop = asyncio.get_running_loop()
        self._workers: list[Worker] = [self._new_worker() for _ in range(count)]
        self._waiting: deque[Pending] = deque()
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
        pending = Pending(invocation, on_end, deadline)
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

    def _new_worker(self) -> Worker:
        return Worker(self._on_log, self._worker_lost, self._cores)

    def _least_busy(self) -> Worker | None:
        if len(self._workers) == 1:
            return self._workers[0] if self._workers[0].is_ready else None
        ready = [worker for worker in self._workers if worker.is_ready]
        return min(ready, key=lambda worker: len(worker.pending), default=None)

    def _worker_lost(self, worker: Worker) -> None:
        lost, worker.pending = worker.pending, {}
        if worker.was_indexed and not self._is_stopping:
            _log.error("A worker process ended with %d invocations under way", len(lost))
            self._replace(worker)
        for pending in lost.values():
            pending.on_end(WorkerLost(f"the worker process ended during {pending.invocation.id}"))

    def _replace(self, worker: Worker) -> None:
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
