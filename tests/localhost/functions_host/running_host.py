"""Runs the real host with the sample application, as a process tree of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[3]
SAMPLE_APP = Path(__file__).parent / "sample_app"

WITHOUT_SERVICES = {
    "COSMOS_CONNECTION": "AccountEndpoint=http://127.0.0.1:9/;AccountKey=AA==;",
    "EventHubConnection": "Endpoint=sb://127.0.0.1:9;SharedAccessKeyName=n;SharedAccessKey=AA==",
    **{
        f"AzureWebJobs.{function}.Disabled": "true"
        for function in ("on_events", "on_event", "on_deadly", "on_failing", "on_patient")
    },
}
"""Starting the services and connecting consumers costs more than all the rest of a start."""

WAIT_SECONDS_MAX = 20


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class RunningHost:
    """`python -m localhost serve` on a free port, until it is stopped or killed.

    Args:
        services: whether the Cosmos gateway, the broker and the Event Hubs functions run.
    """

    def __init__(
        self, data: Path, app: Path = SAMPLE_APP, *, services: bool = False, **environment: str
    ) -> None:
        self.data = data
        self.notebook = data / "notebook.txt"
        data.mkdir(parents=True, exist_ok=True)
        self.notebook.touch()
        self.log_file = data / "log.jsonl"
        self._log = self.log_file.open("a")
        variables = {
            **os.environ,
            "SAMPLE_NOTEBOOK": str(self.notebook),
            "SAMPLE_SCHEDULE": "0 0 3 * * *",
            **({} if services else WITHOUT_SERVICES),
            **environment,
        }
        arguments = ["serve", "--port", "0", "--data", str(data), "--app", str(app)]
        arguments.append("--enable-auth")
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "localhost", *arguments],
            cwd=ROOT,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if "ready at" not in line:
            self.ended()
            raise AssertionError(self.log_file.read_text())
        self.url = line.partition("ready at ")[2].split(" ")[0]

    def call(
        self,
        method: str,
        url: str,
        body: bytes | str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request; the url may be a path or, as management URLs are, whole."""
        parts = urlsplit(url if url.startswith("http") else self.url + url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        with contextlib.closing(connection):
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def keys(self) -> Any:
        return json.loads((self.data / "keys.json").read_text())

    def master(self) -> dict[str, str]:
        return {"x-functions-key": self.keys()["master"]}

    def logs(self) -> list[dict[str, Any]]:
        """The structured log lines so far."""
        return [json.loads(each) for each in self.log_file.read_text().splitlines()]

    def notes(self) -> list[str]:
        """What the sample application has noted so far."""
        return self.notebook.read_text().splitlines()

    def worker_ids(self) -> list[int]:
        status = self.call("GET", "/admin/host/status", headers=self.master()).json()
        return list(status["workerProcessIds"])

    def stop(self) -> int:
        """Stop in an orderly way; answers the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def kill(self) -> None:
        self.process.kill()
        self.ended()

    def ended(self) -> int:
        """Wait for the end; answers the exit code."""
        code = self.process.wait(timeout=60)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._log.close()
        return code


def until(condition: Callable[[], Any], seconds: float = WAIT_SECONDS_MAX) -> Any:
    """The first true answer of the condition; fails where none comes in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.02)
    pytest.fail(f"did not happen within {seconds} seconds")
