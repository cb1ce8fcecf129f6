from __future__ import annotations

import pytest

from tests.localhost.taskhub.simulation import simulate


@pytest.mark.parametrize("seed", range(30))
async def test_random_programs_end_as_the_oracle_says_whatever_crashes(seed: int) -> None:
    try:
        await simulate(seed)
    except BaseException as error:
        error.add_note(
            f"seed={seed}: python -m tests.localhost.taskhub.simulate --first {seed} --seeds 1"
        )
        raise
