from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from localhost.taskhub.versions import VersionFailure, VersionMatch, VersionRule, compare_versions
from tests.localhost.taskhub.stage import staged

if TYPE_CHECKING:
    from pathlib import Path

    from durabletask import task


def tells_version(context: task.OrchestrationContext, _: Any) -> str | None:
    return context.version


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [
        ("", "", 0),
        ("", "1.0", -1),
        ("1.0", "", 1),
        ("1.0", "1.0.0", -1),
        ("1.0.0", "1.00.0", 0),
        ("1.9", "1.10", -1),
        ("2.0.0", "1.10", 1),
        ("blue", "green", -1),
        ("1.0", "green", -1),
        ("Green", "green", 0),
        ("10", "9", -1),
        ("1.0-beta", "1.0", 1),
        ("1.2.3.4.5", "1.2.3.4.10", 1),
        (" ", "0.1", -1),
    ],
)
def test_versions_compare_as_the_real_host_compares_them(left: str, right: str, order: int) -> None:
    assert compare_versions(left, right) == order
    assert compare_versions(right, left) == -order


@pytest.mark.parametrize(
    ("match", "version", "is_admitted"),
    [
        (VersionMatch.CURRENT_OR_OLDER, "1.9", True),
        (VersionMatch.CURRENT_OR_OLDER, "2.0", True),
        (VersionMatch.CURRENT_OR_OLDER, "2.1", False),
        (VersionMatch.CURRENT_OR_OLDER, None, True),
        (VersionMatch.STRICT, "1.9", False),
        (VersionMatch.STRICT, "2.0", True),
        (VersionMatch.NONE, "9.0", True),
    ],
)
def test_a_rule_admits_what_its_strategy_says(
    match: VersionMatch,
    version: str | None,
    is_admitted: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    assert VersionRule("2.0", match).admits(version) is is_admitted


async def test_new_instances_get_the_default_version_unless_they_name_one(tmp_path: Path) -> None:
    async with staged(tmp_path / "hub.db", default_version="1.5") as stage:
        stage.worker.add(orchestrators=[tells_version])

        default = await stage.run(tells_version)
        named = await stage.run(tells_version, version="1.2.0")

        assert (default.serialized_output, named.serialized_output) == ('"1.5"', '"1.2.0"')


async def test_a_newer_instance_waits_and_runs_once_a_newer_hub_opens(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    async with staged(path, default_version="1.0") as stage:
        stage.worker.add(orchestrators=[tells_version])
        instance = await stage.client.schedule_new_orchestration(tells_version, version="1.1")
        await asyncio.sleep(0.1)
        assert await stage.status(instance) == "PENDING"
        assert stage.worker.items_seen == []

    async with staged(path, default_version="1.1") as stage:
        stage.worker.add(orchestrators=[tells_version])

        assert (await stage.end_of(instance)).serialized_output == '"1.1"'


async def test_a_waiting_newer_instance_can_be_terminated(tmp_path: Path) -> None:
    async with staged(tmp_path / "hub.db", default_version="1.0") as stage:
        instance = await stage.client.schedule_new_orchestration(tells_version, version="2.0")

        await stage.client.terminate_orchestration(instance)

        assert await stage.status(instance) == "TERMINATED"


async def test_under_the_fail_strategy_a_newer_instance_fails(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    async with staged(path, default_version="1.0", version_failure=VersionFailure.FAIL) as stage:
        end = await stage.run(tells_version, version="2.0")

        assert end.runtime_status.name == "FAILED"
        assert end.failure_details is not None
        assert end.failure_details.error_type == "VersionMismatch"
