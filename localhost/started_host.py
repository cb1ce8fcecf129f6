"""A host started as a process of its own, for the commands that need one to talk to."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

    type Settings = Mapping[str, str]

READY = re.compile(r"ready at (http://127\.0\.0\.1:\d+)")
STOP_SECONDS_MAX = 40
ANSWER_SECONDS_MAX = 60


class HostDiedError(Exception):
    """The host ended before it was ready; it has said why on standard error."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the host answered: the body as JSON, the headers by their names in lower case."""

    status: int
    body: Any
    headers: dict[str, str]


class StartedHost:
    """A running host, and how to talk to it.

    Attributes:
        url: where it serves, such as http://127.0.0.1:7071; ready: the line it printed.
    """

    def __init__(
        self, data: Path, *, port: int = 0, log: str = "ERROR", settings: Settings | None = None
    ) -> None:
        """Start it, with settings over those of the environment, and wait until it is ready.

        Raises:
            HostDiedError: it could not start.
        """
        command = [sys.executable, "-m", "localhost", "serve", "--port", str(port)]
        command += ["--data", str(data), "--log", log]
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **(settings or {})},
            start_new_session=True,  # Ctrl-C is ours to pass on, once.
        )
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe.
        with self._process.stdout as lines:
            self.ready = lines.readline().strip()
        found = READY.search(self.ready)
        if found is None:
            self._process.wait(STOP_SECONDS_MAX)
            raise HostDiedError
        self.url = found.group(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def get(self, path: str) -> Answer:
        """Ask for a resource."""
        return self._ask(urllib.request.Request(self.url + path))  # noqa: S310 - our own host

    def post(self, path: str, body: Any, *, user: str = "") -> Answer:
        """Send a JSON body, as a reviewer where one is named."""
        headers = {"content-type": "application/json"} | ({"x-careloom-user": user} if user else {})
        data = json.dumps(body).encode()
        return self._ask(urllib.request.Request(self.url + path, data, headers))  # noqa: S310

    def wait(self) -> int:
        """Wait until it ends, or stop it in order on Ctrl-C; answers its exit code."""
        try:
            return self._process.wait()
        except KeyboardInterrupt:
            return self.stop()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Ask it to stop, and end it if it does not."""
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _ask(self, request: urllib.request.Request) -> Answer:
        try:
            answer = urllib.request.urlopen(request, timeout=ANSWER_SECONDS_MAX)  # noqa: S310
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status, json.loads(answer.read() or b"null"), headers)
