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


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StartupError, match="cannot be used"):
        DataFolder(tmp_path / "file" / "data")
