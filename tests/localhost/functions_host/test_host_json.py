import json
import logging
from pathlib import Path
from typing import Any

import pytest

from localhost.functions_host.host_json import HostJson, read_host_json, resolve, seconds_of
from localhost.functions_host.startup import StartupError


def read(folder: Path, content: Any, **settings: str) -> HostJson:
    file = folder / "host.json"
    file.write_text(json.dumps(content))
    return read_host_json(file, settings)


def test_an_empty_file_means_azures_defaults(tmp_path: Path) -> None:
    found = read(tmp_path, {"version": "2.0"})

    assert found.route_prefix == "api"
    assert found.hub_name == "TestHubName"
    assert found.requests_outstanding_max > 1_000_000
    assert found.timeout_seconds is None
    assert found.event_batch_size_max == 100
    assert (found.version_match, found.version_failure) == ("CurrentOrOlder", "Reject")


def test_what_the_file_says_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {
            "functionTimeout": "00:10:00",
            "extensions": {
                "http": {
                    "routePrefix": "/v1/",
                    "maxConcurrentRequests": 7,
                    "maxOutstandingRequests": 9,
                },
                "durableTask": {
                    "hubName": "%HUB%",
                    "defaultVersion": "2.1",
                    "versionMatchStrategy": "Strict",
                    "versionFailureStrategy": "Fail",
                    "maxConcurrentActivityFunctions": 3,
                    "maxConcurrentOrchestratorFunctions": 4,
                },
                "eventHubs": {"maxEventBatchSize": 5, "batchCheckpointFrequency": 2},
            },
        },
        HUB="careloom",
    )

    assert (found.route_prefix, found.hub_name, found.default_version) == ("v1", "careloom", "2.1")
    assert (found.requests_concurrent_max, found.requests_outstanding_max) == (7, 9)
    assert (found.activities_max, found.orchestrators_max) == (3, 4)
    assert (found.version_match, found.version_failure) == ("Strict", "Fail")
    assert (found.event_batch_size_max, found.event_checkpoint_every) == (5, 2)
    assert found.timeout_seconds == 600


def test_an_unlimited_timeout_is_none(tmp_path: Path) -> None:
    assert read(tmp_path, {"functionTimeout": "-1"}).timeout_seconds is None


@pytest.mark.parametrize(
    ("name", "level"), [("Warning", logging.WARNING), ("trace", logging.DEBUG), ("None", 51)]
)
def test_the_default_log_level_is_read(tmp_path: Path, name: str, level: int) -> None:
    assert read(tmp_path, {"logging": {"logLevel": {"default": name}}}).log_level == level


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([], "cannot be used"),
        ({"functionTimeout": "soon"}, "time span"),
        ({"logging": {"logLevel": {"default": "Loud"}}}, "'Loud' is no log level"),
        ({"extensions": {"durableTask": {"hubName": "%NOT_SET%"}}}, "NOT_SET"),
        ({"extensions": {"durableTask": {"versionMatchStrategy": "Newest"}}}, "Newest"),
        ({"extensions": {"http": {"maxOutstandingRequests": "many"}}}, "many"),
    ],
)
def test_an_impossible_value_is_refused(tmp_path: Path, content: Any, reason: str) -> None:
    with pytest.raises(StartupError, match=reason):
        read(tmp_path, content)


def test_settings_are_put_in_place_of_their_names() -> None:
    assert resolve("a-%X%-%Y%", {"X": "1", "Y": "2"}) == "a-1-2"


@pytest.mark.parametrize(
    ("text", "seconds"), [("00:00:30", 30), ("1.02:03:04", 93784), ("00:00:00.5", 0.5)]
)
def test_time_spans_are_read(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds
