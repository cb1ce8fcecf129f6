"""Hosts for the tests: one shared, and as many of one's own as a test wants."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from tests.localhost.functions_host.following import code_of
from tests.localhost.functions_host.running_host import SAMPLE_APP, RunningHost


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    """One host for all tests that do it no harm."""
    running = RunningHost(tmp_path_factory.mktemp("host") / "data", services=True)
    yield running
    assert running.stop() == 0


@pytest.fixture
def code(host: RunningHost) -> str:
    """The query parameter that opens the management API."""
    return code_of(host)


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Callable[..., RunningHost]]:
    """Starts hosts of one's own, which are ended afterwards."""
    started: list[RunningHost] = []

    def start(data: str = "data", **settings: Any) -> RunningHost:
        running = RunningHost(tmp_path / data, **settings)
        started.append(running)
        return running

    yield start
    for each in started:
        if each.process.poll() is None:
            each.kill()


@pytest.fixture
def sample(tmp_path: Path) -> Callable[..., Path]:
    """Copies of the sample application with other settings in host.json."""

    def copy(**settings: Any) -> Path:
        app = copytree(SAMPLE_APP, tmp_path / "app")
        content = json.loads((app / "host.json").read_text())
        (app / "host.json").write_text(json.dumps(content | settings))
        return app

    return copy
