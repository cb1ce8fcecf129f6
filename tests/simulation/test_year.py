"""The simulated year in the suite: 300 cases over the full stack, and the same hash again."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from localhost.cosmos_gateway.server import serve
from localhost.taskhub.clock import VirtualClock
from shared.adapters.cosmos.case_store import CosmosCaseStore
from shared.adapters.cosmos.client import CosmosDatabase
from tests.simulation.year import Report, play_part

SEED = 7


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[CosmosDatabase]:
    gateway = await serve(tmp_path / "cosmos.db")
    opened = CosmosDatabase(gateway.endpoint, "careloom", key=gateway.key)
    yield opened
    await opened.close()
    await gateway.stop()


@pytest.mark.timeout(300)
async def test_three_hundred_cases_over_the_full_stack_take_the_course_they_should(
    database: CosmosDatabase,
) -> None:
    def in_cosmos(clock: VirtualClock) -> CosmosCaseStore:
        return CosmosCaseStore(database, clock)

    report = await play_part(SEED, 0, 300, make_store=in_cosmos, sweep_every_hours=24)
    assert not report.wrong, _told(report)
    assert len(report.heads) == 300


async def test_the_same_seed_gives_the_same_audit_hash_and_another_another() -> None:
    first, again = [await play_part(SEED, 0, 60) for _ in range(2)]
    other = await play_part(SEED + 1, 0, 60)
    assert not first.wrong, _told(first)
    assert first.audit_hash == again.audit_hash
    assert first.audit_hash != other.audit_hash


def _told(report: Report) -> str:
    return f"seed {SEED}:\n" + "\n".join(report.wrong)
