"""The simulated year in the suite: 300 cases over the full stack, and the same hash again."""

from pathlib import Path

import pytest

from tests.simulation.full_stack import full_stack
from tests.simulation.year import Report, play_part

SEED = 7
CASES = 300


@pytest.mark.timeout(1800)
async def test_three_hundred_cases_over_the_full_stack_take_the_course_they_should(
    tmp_path: Path,
) -> None:
    async with full_stack(tmp_path) as (make_payer, parts):
        report = await play_part(SEED, 0, CASES, make_payer=make_payer, sweep_every_hours=72)
    assert not report.wrong, _told(report)
    assert len(report.heads) == CASES
    assert parts.refused, "no part stumbled, so nothing was delivered again"
    subscribed = sum(times for npi, times in parts.endpoints.items() if npi)
    assert subscribed > 0, "no subscriber heard of anything"


async def test_the_same_seed_gives_the_same_audit_hash_and_another_another() -> None:
    first, again = [await play_part(SEED, 0, 60) for _ in range(2)]
    other = await play_part(SEED + 1, 0, 60)
    assert not first.wrong, _told(first)
    assert first.audit_hash == again.audit_hash
    assert first.audit_hash != other.audit_hash


def _told(report: Report) -> str:
    return f"seed {SEED}:\n" + "\n".join(report.wrong)
