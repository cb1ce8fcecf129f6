"""A soak: mixed load on the whole product with a crash every minute, then an account of every case.

    python -m tests.simulation.soak --minutes 30

Clinics, a stream of events and a reviewer load the product on its local host. Once a minute every
process of the host is killed, and the host is started again on the same data. In the end every case
that was acknowledged must have ended, or wait for a named person; no step may have been lost or
done twice; memory must be flat and the data files bounded.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bench.running_host import ROOT, RunningHost
from localhost.load import ONCE
from tests.simulation.soak_load import (
    ANSWER_SECONDS_MAX,
    DECIDED_AT_ONCE,
    AwayError,
    Soaked,
    ask,
    clinic,
    decide_open_tasks,
    reviewer,
    stream,
)

CLINICS = 4
CHECKERS = 8
MINUTE_SECONDS = 60.0
SETTLED_WITHIN_SECONDS = 180.0
SWEEP_SCHEDULE = "*/15 * * * * *"
"""Often, so that what a crash cut short is taken up while the account is made."""
MEGABYTE = 1_000_000
GROWTH_MAX = 1.15
"""Of the last third of the minutes over the middle third: memory, and data for each case."""
WAL_BYTES_MAX = 128 * MEGABYTE
SHOWN_MAX = 20


@dataclass(frozen=True, slots=True)
class Minute:
    """What was seen at the end of a minute, before the crash."""

    number: int
    cases: int
    resident_bytes: int
    data_bytes: int
    wal_bytes: int
    ready_after_seconds: float

    def __str__(self) -> str:
        return (
            f"minute {self.number:>3}: {self.cases:>6} cases, "
            f"memory {self.resident_bytes / MEGABYTE:6.1f} MB, "
            f"data {self.data_bytes / MEGABYTE:6.1f} MB "
            f"({self.data_bytes / max(self.cases, 1) / 1000:.1f} kB a case), "
            f"logs of SQLite {self.wal_bytes / MEGABYTE:5.1f} MB, "
            f"ready after {self.ready_after_seconds:.1f} s"
        )


async def soak(data: Path, minutes: int, minute_seconds: float, seed: int) -> list[str]:
    """Load, crash, restart; then judge. Answers all that is wrong."""
    soaked = Soaked(random.Random(seed))
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS_MAX)
    seen: list[Minute] = []
    async with aiohttp.ClientSession(timeout=timeout) as session:
        soaked.host = await _start(data)
        people = [clinic(session, soaked) for _ in range(CLINICS)]
        load = asyncio.gather(*people, stream(soaked), reviewer(session, soaked))
        try:
            for number in range(1, minutes + 1):
                await asyncio.wait([load], timeout=minute_seconds)
                if load.done():
                    break  # Its error says why, below.
                seen.append(_look(number, soaked, data))
                _say(str(seen[-1]))
                if number < minutes:
                    await _crash_and_restart(soaked, data)
            soaked.is_over = True
            await load
            wrong = await _settled(session, soaked)
        finally:
            if soaked.host is not None:
                await asyncio.to_thread(soaked.host.stop)
    _say(", ".join(f"{count} {kind}" for kind, count in soaked.counts.items()))
    return soaked.wrong + wrong + _growth(seen)


async def _start(data: Path) -> RunningHost:
    return await asyncio.to_thread(RunningHost, data, app=ROOT, SWEEP_SCHEDULE=SWEEP_SCHEDULE)


async def _crash_and_restart(soaked: Soaked, data: Path) -> None:
    assert soaked.host is not None
    host, soaked.host = soaked.host, None
    await asyncio.to_thread(host.kill)
    soaked.host = await _start(data)


def _look(number: int, soaked: Soaked, data: Path) -> Minute:
    assert soaked.host is not None
    sizes = {file.name: file.stat().st_size for file in data.iterdir() if file.is_file()}
    logs = [size for name, size in sizes.items() if name.endswith("-wal")]
    return Minute(
        number,
        len(soaked.sent),
        soaked.host.tree.resident_bytes(),
        sum(sizes.values()) - sum(logs),
        max(logs, default=0),
        soaked.host.started_in_seconds,
    )


async def _settled(session: aiohttp.ClientSession, soaked: Soaked) -> list[str]:
    """Let the reviewer finish, then look at every case until none is wrong or time is up."""
    ends = time.monotonic() + SETTLED_WITHIN_SECONDS
    open_cases = dict(soaked.sent)
    wrong: dict[str, str] = {}
    while time.monotonic() < ends:
        await decide_open_tasks(session, soaked)
        wrong = await _judged(session, soaked, open_cases)
        open_cases = {case_id: soaked.sent[case_id] for case_id in wrong}
        if not wrong:
            break
        await asyncio.sleep(1)
    return [f"{case_id}: {fault}" for case_id, fault in wrong.items()]


async def _judged(
    session: aiohttp.ClientSession, soaked: Soaked, case_ids: dict[str, str]
) -> dict[str, str]:
    wrong: dict[str, str] = {}
    remaining = iter(case_ids.items())

    async def check() -> None:
        for case_id, sample in remaining:
            try:
                status, case = await ask(session, soaked, f"/api/cases/{case_id}")
            except AwayError:
                wrong[case_id] = "no answer"
                continue
            fault = "lost" if status != 200 else fault_in(case, sample)
            if fault:
                wrong[case_id] = fault

    await asyncio.gather(*(check() for _ in range(CHECKERS)))
    return wrong


def fault_in(case: dict[str, Any], sample: str) -> str:
    """What is wrong with a case, given the sample that it was made from; empty if nothing."""
    events = Counter(entry["event"] for entry in case["timeline"])
    done = Counter(
        (entry["event"], json.dumps(entry["detail"], sort_keys=True)) for entry in case["timeline"]
    )
    messages = Counter(notice["messageId"] for notice in case["notices"])
    twice = [name for name, times in [*done.items(), *messages.items()] if times > 1]
    is_open = case["outcome"] == "open"
    once = ONCE if sample == DECIDED_AT_ONCE else ("case_opened", "review_opened")
    faults = {
        f"{twice} happened twice": twice,
        "a step is missing or was done again": any(events[event] != 1 for event in once),
        f"the audit trail breaks at {case['audit']['brokenAt']}": not case["audit"]["isWhole"],
        "it waits for nobody": is_open and not (case["review"] or {}).get("claimedBy"),
        f"outcome {case['outcome']}, stage {case['stage']}": not is_open
        and (case["outcome"], case["stage"]) != ("approved", "notified"),
        "a notice was not sent": any(not _is_sent(notice) for notice in case["notices"]),
    }
    return ", ".join(fault for fault, is_there in faults.items() if is_there)


def _is_sent(notice: dict[str, Any]) -> bool:
    """Whether nothing is left to do; no requestor of ours has subscribed to notifications."""
    nowhere = notice["channel"] == "subscription" and notice["status"] == "undeliverable"
    return bool(notice["status"] == "delivered" or nowhere)


def _growth(seen: list[Minute]) -> list[str]:
    """Whether memory or data grew where they should not."""
    wrong = [
        f"minute {each.number}: a log of SQLite holds {each.wal_bytes} bytes"
        for each in seen
        if each.wal_bytes > WAL_BYTES_MAX
    ]
    third = len(seen) // 3
    if third:
        slope, _ = statistics.linear_regression(
            [each.number for each in seen], [each.resident_bytes / MEGABYTE for each in seen]
        )
        _say(f"memory changes by {slope:+.2f} MB a minute")
        middle, last = seen[third : 2 * third], seen[-third:]
        memory = _mean_memory(last) / _mean_memory(middle)
        a_case = _mean_data_for_each_case(last) / _mean_data_for_each_case(middle)
        wrong += [f"memory grew {memory:.2f} times"] if memory > GROWTH_MAX else []
        wrong += [f"data for each case grew {a_case:.2f} times"] if a_case > GROWTH_MAX else []
    return wrong


def _mean_memory(minutes: list[Minute]) -> float:
    return statistics.fmean(each.resident_bytes for each in minutes)


def _mean_data_for_each_case(minutes: list[Minute]) -> float:
    return statistics.fmean(each.data_bytes / max(each.cases, 1) for each in minutes)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Soak as the command line asks; 1 where anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.soak")
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument(
        "--minute-seconds", type=float, default=MINUTE_SECONDS, help="between crashes"
    )
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="careloom-soak-") as folder:
        wrong = asyncio.run(soak(Path(folder), asked.minutes, asked.minute_seconds, asked.seed))
    for fault in wrong[:SHOWN_MAX]:
        _say(f"wrong: {fault}")
    _say(f"{len(wrong)} wrong, seed {asked.seed}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
