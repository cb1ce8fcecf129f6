import re
import signal
import subprocess
import sys
from pathlib import Path

from azure.cosmos import CosmosClient

from localhost.cosmos_gateway.server import EMULATOR_KEY

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "localhost.cosmos_gateway", "--port", "0", "--data"]


def test_it_serves_until_it_is_terminated_and_keeps_its_data(tmp_path: Path) -> None:
    for expected in ([], ["d"]):
        with subprocess.Popen(  # noqa: S603 - our own program
            [*COMMAND, str(tmp_path / "cosmos.db")], stdout=subprocess.PIPE, text=True, cwd=ROOT
        ) as process:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-1]
            with CosmosClient(url, EMULATOR_KEY) as client:
                assert [database["id"] for database in client.list_databases()] == expected
                client.create_database_if_not_exists("d")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0


def test_an_unusable_file_ends_it_with_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("notes " * 1000)
    ended = subprocess.run(  # noqa: S603 - our own program
        [*COMMAND, str(file)], capture_output=True, text=True, cwd=ROOT, timeout=20, check=False
    )
    assert ended.returncode == 1
    assert "not a usable gateway file" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_page_names_every_option() -> None:
    shown = subprocess.run(  # noqa: S603 - our own program
        [*COMMAND[:3], "--help"], capture_output=True, text=True, cwd=ROOT, timeout=20, check=True
    )
    page = (ROOT / "docs/cosmos-gateway.md").read_text()
    for option in set(re.findall(r"--[a-z]+", shown.stdout)) - {"--help"}:
        assert f"`{option}`" in page
