"""The real local host as a process tree of its own, started with an application and measured."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from bench.process_tree import ProcessTree
from localhost.functions_host.data_folder import CONNECTIONS_FILE

if TYPE_CHECKING:
    from types import TracebackType

ROOT = Path(__file__).parents[1]
BENCH_APP = ROOT / "bench" / "app"
STOP_SECONDS_MAX = 40
READY = re.compile(r"ready at (http://127\.0\.0\.1:\d+)")

type Durability = Literal["normal", "full"]


class HostDiedError(Exception):
    """The host ended before it was ready; its log says why."""


class RunningHost:
    """`python -m localhost serve` on free ports.

    Attributes:
        url: where it serves; started_in_seconds: from its start to the line that says ready.
        tree: its processes.
    """

    def __init__(
        self,
        data: Path,
        *,
        app: Path = BENCH_APP,
        durability: Durability = "normal",
        workers: int = 1,
        **settings: str,
    ) -> None:
        """Start it, and wait until it is ready.

        Raises:
            HostDiedError: it could not start.
        """
        data.mkdir(parents=True, exist_ok=True)
        self._data = data
        self._log_file = data / "bench.log"
        command = [sys.executable, "-m", "localhost", "serve", "--port", "0", "--log", "ERROR"]
        command += ["--data", str(data), "--app", str(app), "--durability", durability]
        environment = {"FUNCTIONS_WORKER_PROCESS_COUNT": str(workers), **settings}
        began = time.perf_counter()
        with self._log_file.open("a") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                command,
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        with self._process.stdout as lines:
            found = READY.search(lines.readline())
        self.started_in_seconds = time.perf_counter() - began
        if found is None:
            self._process.wait(STOP_SECONDS_MAX)
            raise HostDiedError(self._log_file.read_text())
        self.url = found.group(1)
        self.tree = ProcessTree(self._process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def connections(self) -> dict[str, str]:
        """How to reach its services, by the name of the setting."""
        found: dict[str, str] = json.loads((self._data / CONNECTIONS_FILE).read_text())
        return found

    @property
    def hub_address(self) -> str:
        """Where durable clients reach the task hub, as HOST:PORT."""
        return self.connections["TASKHUB_ENDPOINT"].removeprefix("http://")

    def kill(self) -> None:
        """End every process of it at once."""
        self.tree.kill()
        self._process.wait(STOP_SECONDS_MAX)

    def stop(self) -> None:
        """Ask it to stop, and end it if it does not."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
