"""A worker process: indexes function_app.py and runs its functions for the host.

Started by worker_pool.py as `python -m localhost.functions_host.worker_process FD`, where FD is
its end of a socket pair. Three kinds of place run functions: asynchronous ones and the short turns
of orchestrators on the event loop; entities and long turns on threads of their own, so that no slow
function can hold them up; other synchronous ones on the runtime's pool
(PYTHON_THREADPOOL_THREAD_COUNT).
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
import os
import queue
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

from localhost.functions_host.frames import FrameProtocol, Message
from localhost.functions_host.inline_loop import run_to_end
from localhost.functions_host.invocations import Invocation, Kind, Tag
from localhost.functions_host.runtime_seam import FunctionsRuntime
from localhost.functions_host.startup import StartupError
from localhost.functions_host.worker_logging import current_invocation, forward_logs
from localhost.functions_host.worker_tracing import attach_trace_context

if TYPE_CHECKING:
    from collections.abc import Callable

GARBAGE_THRESHOLDS = (50_000, 20, 100)
"""New objects before a look for garbage, and looks before a deeper one: functions leave little."""
TURN_THREADS = 4
"""Threads for entities and long turns: more than one, since a long replay takes seconds."""
SHORT_TURN_BYTES = 32_768
"""Up to this length, some 280 events, a turn takes ten milliseconds at most, since an orchestrator
may neither wait nor compute for long; on a thread, thread and event loop would wait for each other
at every system call."""


class Worker:
    """Runs invocations that arrive on the connection and sends each answer back."""

    def __init__(self, runtime: FunctionsRuntime) -> None:
        self._runtime = runtime
        self._loop = asyncio.get_running_loop()
        self._connection = FrameProtocol(self._receive, self._host_is_gone)
        self._turns: queue.SimpleQueue[Invocation] = queue.SimpleQueue()
        self._running: set[asyncio.Task[None]] = set()
        self._is_stopping = False
        self.finished = asyncio.Event()

    async def connect(self, file_descriptor: int) -> None:
        """Open the connection to the host; from here on messages are served."""
        forward_logs(self._connection.send_from_thread)
        end = socket.socket(fileno=file_descriptor)
        await self._loop.create_unix_connection(lambda: self._connection, sock=end)

    def _receive(self, message: Message) -> None:
        tag, *fields = message
        if tag == Tag.INVOKE:
            self._start(Invocation(*fields))
        elif tag == Tag.CONFIGURE:
            self._configure(*fields)
        elif tag == Tag.STOP:
            # The host has waited for the answers that it wants before it says so.
            self._is_stopping = True
            self._connection.close()
            self.finished.set()

    def _host_is_gone(self) -> None:
        """Exit at once: answers have nowhere to go, and the next host runs the work again."""
        if not self._is_stopping:
            os._exit(1)

    def _configure(self, environment: dict[str, str], client_json: str, app_folder: str) -> None:
        os.environ.update(environment)
        try:
            functions = self._runtime.index(app_folder, client_json)
        except StartupError as error:
            self._connection.send((Tag.REFUSED, str(error)))
            return
        for number in range(TURN_THREADS):
            name = f"turns-{number}"
            threading.Thread(target=self._run_turns, name=name, daemon=True).start()
        described = [(each.name, each.bindings, each.retry) for each in functions]
        # What exists by now stays; garbage collection need not look at it again.
        gc.freeze()
        gc.set_threshold(*GARBAGE_THRESHOLDS)
        self._connection.send((Tag.INDEXED, described))

    def _start(self, invocation: Invocation) -> None:
        kind = invocation.kind
        if not self._runtime.runs_inline(invocation.function, kind):
            task = self._loop.create_task(self._run(invocation))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        elif kind == Kind.ORCHESTRATION and len(invocation.payload) <= SHORT_TURN_BYTES:
            self._loop.call_soon(self._run_inline, invocation, self._connection.send)
        elif kind in (Kind.ORCHESTRATION, Kind.ENTITY):
            self._turns.put(invocation)
        else:
            self._runtime.threads.submit(self._run_on_thread, invocation)

    async def _run(self, invocation: Invocation) -> None:
        _enter(invocation)
        answer = await self._runtime.invoke(invocation)
        self._connection.send((Tag.RESULT, invocation.id, *answer))

    def _run_turns(self) -> None:
        while True:
            self._run_on_thread(self._turns.get())

    def _run_on_thread(self, invocation: Invocation) -> None:
        context = contextvars.copy_context()
        context.run(self._run_inline, invocation, self._connection.send_from_thread)

    def _run_inline(self, invocation: Invocation, send: Callable[[Message], None]) -> None:
        _enter(invocation)
        answer = run_to_end(self._runtime.invoke(invocation))
        send((Tag.RESULT, invocation.id, *answer))


def _enter(invocation: Invocation) -> None:
    current_invocation.set((invocation.id, invocation.function))
    attach_trace_context(invocation.traceparent, invocation.tracestate)


async def serve(file_descriptor: int) -> None:
    """Serve the host until it says stop or goes away."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Ctrl-C reaches the whole process group; the host decides when a worker stops.
        loop.add_signal_handler(number, lambda: None)
    worker = Worker(FunctionsRuntime())
    await worker.connect(file_descriptor)
    await worker.finished.wait()


def main(arguments: list[str]) -> Any:
    """Run a worker on the inherited socket whose number is the only argument."""
    asyncio.run(serve(int(arguments[0])))


if __name__ == "__main__":
    main(sys.argv[1:])
