"""A simulated year: thousands of prior authorizations, judged case by case.

    python -m tests.simulation.year --cases 10000 --seed 7

The stories, deeds, rules, clocks and the task hub are the real ones; time is virtual, the store is
an in-memory double, and the people are the seed's. The year is played in two parts that share no
member and no provider, each in a process of its own.
"""

import argparse
import gc
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from multiprocessing import get_context

import durabletask.internal.orchestrator_service_pb2 as pb
import uvloop

from shared.domain.prior_authorization.tasks import TaskStatus, case_of
from shared.ports.case_store import TaskFilter
from tests.simulation.diary import Diary
from tests.simulation.judge import SUBSCRIPTION, judge
from tests.simulation.payer import PayerMaker, in_memory
from tests.simulation.play import Played, play
from tests.simulation.tally import Tally, table, turns

PARTS = 2
SHOWN_MAX = 20
GARBAGE_LOOK_EVERY = 100_000  # New objects; nearly all that a year makes is kept to its end.
OPEN_TASKS = (TaskStatus.REQUESTED, TaskStatus.IN_PROGRESS, TaskStatus.ON_HOLD)


@dataclass(slots=True)
class Report:
    """What came of a part of the year, or of all of it.

    Attributes:
        heads: the last seal of each case's audit trail, in the order of the cases.
        wrong: what is wrong, each with the seed of its case.
    """

    tallies: dict[str, Tally] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    processor_seconds: float = 0.0
    outages: int = 0

    @property
    def audit_hash(self) -> str:
        """One hash of every audit trail; the same seed gives the same."""
        return sha256("".join(self.heads).encode()).hexdigest()

    def add(self, other: "Report") -> None:
        """Put another part's report behind this one."""
        for line, tally in other.tallies.items():
            self.tallies.setdefault(line, Tally()).add(tally)
        self.heads += other.heads
        self.wrong += other.wrong
        self.processor_seconds += other.processor_seconds
        self.outages += other.outages


async def play_part(
    seed: int,
    part: int,
    cases: int,
    *,
    make_payer: PayerMaker = in_memory,
    sweep_every_hours: int = 1,
    progress: bool = False,
) -> Report:
    """Play one part of the year, and judge every case of it."""
    played = await play(
        seed,
        part,
        cases,
        make_payer=make_payer,
        sweep_every=timedelta(hours=sweep_every_hours),
        progress=progress,
    )
    report = Report(outages=len(played.post.outages))
    for diary in played.diaries:
        await _judge_into(report, played, diary)
    report.wrong += await _failed_stories(played)
    report.wrong += played.world.worker.bugs
    report.wrong += await _unrest(played)
    report.wrong += await _incidents(played)
    await played.world.close()
    return report


def play_year(seed: int, cases: int) -> Report:
    """Play the parts of the year side by side."""
    sizes = [cases // PARTS + (part < cases % PARTS) for part in range(PARTS)]
    with ProcessPoolExecutor(PARTS, mp_context=get_context("spawn")) as pool:
        parts = [pool.submit(_play, seed, part, size) for part, size in enumerate(sizes)]
        report = Report()
        for part in parts:
            report.add(part.result())
    return report


def _play(seed: int, part: int, cases: int) -> Report:
    gc.set_threshold(GARBAGE_LOOK_EVERY)
    report = uvloop.run(play_part(seed, part, cases, progress=part == 0))
    report.processor_seconds = time.process_time()
    return report


async def _judge_into(report: Report, played: Played, diary: Diary) -> None:
    stored, course, wrong = await judge(played, diary)
    report.heads.append(stored.audit_head)
    report.wrong += [f"seed {diary.plan.seed}, case {diary.case_id}: {each}" for each in wrong]
    line = diary.plan.member.line_of_business if diary.plan.member else "(not a member)"
    report.tallies.setdefault(line, Tally()).count(stored.case, course)


async def _failed_stories(played: Played) -> list[str]:
    query = pb.QueryInstancesRequest()
    query.query.runtimeStatus.append(pb.ORCHESTRATION_STATUS_FAILED)
    found = await played.world.hub.query(query)
    return [f"story {state.instanceId} failed" for state in found.orchestrationState]


async def _unrest(played: Played) -> list[str]:
    """Stories that run, and tasks that wait, though their case waits for nobody."""
    query = pb.QueryInstancesRequest()
    query.query.runtimeStatus.append(pb.ORCHESTRATION_STATUS_RUNNING)
    running = await played.world.hub.query(query)
    cases = played.world.outside.cases
    waiting = await cases.tasks(TaskFilter(statuses=OPEN_TASKS, limit=sys.maxsize))
    places = {state.instanceId for state in running.orchestrationState}
    places |= {task.task_id for task in waiting.tasks}
    wrong = []
    for place in sorted(places):
        stored = await cases.load(case_of(place))
        if stored is None or not stored.case.is_pended:
            wrong.append(f"{place} is still open")
    return wrong


async def _incidents(played: Played) -> list[str]:
    """What engineers see at the end: the notices that were given up, and nothing else."""
    found = await played.world.outside.cases.incidents(limit=sys.maxsize)
    seen = {(row.case_id, row.incident_id.removeprefix("notice-")) for row in found}
    given_up = {
        (case_id, message_id)
        for (case_id, message_id), outage in played.post.outages.items()
        if outage.is_long and message_id.endswith(f".{SUBSCRIPTION}")
    }
    return [f"incident {each} is there, or is not" for each in sorted(seen ^ given_up)]


def main(arguments: Iterable[str] | None = None) -> int:
    """Play a year and print what came of it; 1 where anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.year", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args(None if arguments is None else list(arguments))
    began = time.monotonic()
    report = play_year(given.seed, given.cases)
    lines = (
        table(report.tallies),
        f"appeals    {turns(report.tallies)}",
        f"outages    {report.outages} of the post, for hours",
        f"audit hash {report.audit_hash}",
        f"wall time  {time.monotonic() - began:.0f} s",
        f"processors {report.processor_seconds:.0f} s",
        f"seed {given.seed}, {given.cases} cases, {len(report.wrong)} wrong",
        *(f"WRONG: {wrong}" for wrong in report.wrong[:SHOWN_MAX]),
    )
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
