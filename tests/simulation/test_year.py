"""The simulated year in the suite: 300 cases over the full stack, and the same hash again."""

import asyncio
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.simulation.full_stack import full_stack
from tests.simulation.year import PARTS, Report, play_part

SEED = 7
CASES = 300


@dataclass(frozen=True, slots=True)
class OverFullStack:
    """What came of a part, how often a part of the stack stumbled, and who heard of it."""

    report: Report
    stumbles: int
    notifications: int


@pytest.mark.timeout(1800)
def test_three_hundred_cases_over_the_full_stack_take_the_course_they_should(
    tmp_path: Path,
) -> None:
    with ProcessPoolExecutor(PARTS, mp_context=get_context("spawn")) as pool:
        played = list(pool.map(_play, range(PARTS), [tmp_path] * PARTS))
    for each in played:
        assert not each.report.wrong, _told(each.report)
        assert each.stumbles, "no part stumbled, so nothing was delivered again"
        assert each.notifications, "no subscriber heard of anything"
    assert sum(len(each.report.heads) for each in played) == CASES


async def test_the_same_seed_gives_the_same_audit_hash_and_another_another() -> None:
    first, again = [await play_part(SEED, 0, 60) for _ in range(2)]
    other = await play_part(SEED + 1, 0, 60)
    assert not first.wrong, _told(first)
    assert first.audit_hash == again.audit_hash
    assert first.audit_hash != other.audit_hash


def _play(part: int, folder: Path) -> OverFullStack:
    async def play() -> OverFullStack:
        own = folder / str(part)
        own.mkdir()
        async with full_stack(own) as (make_payer, parts):
            cases = CASES // PARTS
            report = await play_part(SEED, part, cases, make_payer=make_payer, sweep_every_hours=72)
        subscribed = sum(times for npi, times in parts.endpoints.items() if npi)
        return OverFullStack(report, len(parts.refused), subscribed)

    return asyncio.run(play())


def _told(report: Report) -> str:
    return f"seed {SEED}:\n" + "\n".join(report.wrong)
