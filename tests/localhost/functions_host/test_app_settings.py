import json
from pathlib import Path

import pytest

from localhost.functions_host.app_settings import DEFAULTS, is_set, read_settings
from localhost.functions_host.startup import StartupError


def test_the_environment_wins_over_the_file_and_the_file_over_defaults(tmp_path: Path) -> None:
    (tmp_path / "local.settings.json").write_text(
        json.dumps({"Values": {"A": "file", "B": "file", "TASKHUB_NAME": "file"}})
    )

    found = read_settings(tmp_path, {"B": "environment"})

    assert (found["A"], found["B"], found["TASKHUB_NAME"]) == ("file", "environment", "file")
    assert found["FUNCTIONS_WORKER_RUNTIME"] == "python"


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert read_settings(tmp_path, {}) == DEFAULTS


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"Values": []}'])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "local.settings.json").write_text(content)

    with pytest.raises(StartupError, match=r"local\.settings\.json cannot be used"):
        read_settings(tmp_path, {})


def test_an_encrypted_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "local.settings.json").write_text('{"IsEncrypted": true, "Values": {}}')

    with pytest.raises(StartupError, match="is encrypted"):
        read_settings(tmp_path, {})


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"COSMOS": "AccountEndpoint=x"}, True),
        ({"COSMOS__accountEndpoint": "https://x"}, True),
        ({"COSMOS": ""}, False),
        ({"COSMOS_OTHER": "x"}, False),
    ],
)
def test_a_connection_is_set_by_string_or_by_identity(
    settings: dict[str, str],
    expected: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    assert is_set(settings, "COSMOS") is expected
