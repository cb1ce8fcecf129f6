import json
from pathlib import Path

import pytest

from localhost.functions_host.data_folder import DataFolder
from localhost.functions_host.startup import StartupError


def test_a_folder_is_made_and_held(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "a" / "b")

    with pytest.raises(StartupError, match="in use by another host"):
        DataFolder(tmp_path / "a" / "b")
    folder.close()
    DataFolder(tmp_path / "a" / "b").close()


def test_connections_are_published_for_the_owner_of_the_folder_only(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.publish({"EventHubConnection": "Endpoint=sb://127.0.0.1:1;"})
    folder.publish({"EventHubConnection": "Endpoint=sb://127.0.0.1:2;"})
    written = tmp_path / "connections.json"
    assert json.loads(written.read_text()) == {"EventHubConnection": "Endpoint=sb://127.0.0.1:2;"}
    assert written.stat().st_mode & 0o077 == 0
    folder.close()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StartupError, match="cannot be used"):
        DataFolder(tmp_path / "file" / "data")
