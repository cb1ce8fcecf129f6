"""The real local host as a process tree of its own, started with an application and measured."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from bench.process_tree import ProcessTree

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
    def hub_address(self) -> str:
        """Where durable clients reach the task hub, as HOST:PORT."""
        key = json.loads((self._data / "keys.json").read_text())["master"]
        request = urllib.request.Request(  # noqa: S310 - our own host
            self.url + "/admin/host/status", headers={"x-functions-key": key}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own host
            status: dict[str, Any] = json.load(answer)
        return str(status["taskHubEndpoint"]).removeprefix("http://")

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
