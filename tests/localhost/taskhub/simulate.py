"""Play many seeds: `python -m tests.localhost.taskhub.simulate --seeds 1000`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
import traceback

from tests.localhost.taskhub.simulation import simulate


def main() -> int:
    """Print what went wrong, by seed, and the total; 0 where nothing did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    begun, crashes, failed = time.monotonic(), 0, []
    for seed in range(asked.first, asked.first + asked.seeds):
        try:
            crashes += asyncio.run(simulate(seed))
        except Exception:  # noqa: BLE001 - every failing seed is reported, then the next one plays
            failed.append(seed)
            sys.stdout.write(f"seed={seed} failed\n{traceback.format_exc()}\n")
    seconds = time.monotonic() - begun
    sys.stdout.write(
        f"{asked.seeds} seeds, {crashes} crashes, {len(failed)} failed {failed}, {seconds:.0f} s\n"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
