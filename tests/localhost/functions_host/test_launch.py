import io
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from localhost.functions_host.json_logging import JsonLines
from localhost.functions_host.launch import Options, launch
from localhost.functions_host.startup import StartupError


@pytest.fixture
def options(tmp_path: Path) -> Options:
    (tmp_path / "function_app.py").write_text("")
    (tmp_path / "host.json").write_text("{}")
    return Options(tmp_path, tmp_path / "data", 0)


@pytest.mark.parametrize("count", ["0", "11", "two", "-1"])
async def test_an_impossible_number_of_workers_is_refused(
    options: Options, monkeypatch: pytest.MonkeyPatch, count: str
) -> None:
    monkeypatch.setenv("FUNCTIONS_WORKER_PROCESS_COUNT", count)

    async with AsyncExitStack() as parts:
        with pytest.raises(StartupError, match="FUNCTIONS_WORKER_PROCESS_COUNT"):
            await launch(options, JsonLines(io.StringIO()), parts)


async def test_what_was_launched_leads_to_the_local_services(options: Options) -> None:
    async with AsyncExitStack() as parts:
        launched = await launch(options, JsonLines(io.StringIO()), parts)
        connections = await launched.connections

    assert connections["COSMOS_CONNECTION"].startswith("AccountEndpoint=http://127.0.0.1:")
    assert connections["EventHubConnection"].startswith("Endpoint=sb://127.0.0.1:")
