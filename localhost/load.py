"""`python -m localhost load`: drive prior authorizations over HTTP, and prove none was lost."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import aiohttp

from localhost.started_host import HostDiedError, StartedHost
from samples.catalogue import CLINIC, CONSULTATION, MEMBER
from samples.generate import request_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

SUBMIT = "/api/fhir/Claim/$submit"
ANSWER_SECONDS_MAX = 60
FHIR = {"content-type": "application/fhir+json"}
ONCE = ("case_opened", "item_ruled", "decision_issued", "deadline_kept")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "--cases", type=_at_least_one, default=200, help="how many requests to send"
    )
    parser.add_argument("--concurrency", type=_at_least_one, default=20, help="how many at a time")
    parser.add_argument("--url", default="", help="a running host; empty starts one for the load")


@dataclass(slots=True)
class Tally:
    """What came of the load.

    Attributes:
        seconds: from submit to answer, by case id; refused: what was not answered 200.
        wrong: cases that were lost, not decided, or done twice, with what is wrong.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)
    elapsed_seconds: float = 0.0


def run(arguments: argparse.Namespace) -> int:
    """Send the load, look at every case, print the figures; 1 where a case is not as it should."""
    if arguments.url:
        return _report(asyncio.run(drive(arguments.url, arguments.cases, arguments.concurrency)))
    with tempfile.TemporaryDirectory(prefix="careloom-load-") as folder:
        try:
            with StartedHost(Path(folder)) as host:
                tally = asyncio.run(drive(host.url, arguments.cases, arguments.concurrency))
        except HostDiedError:
            return 2
    return _report(tally)


async def drive(url: str, cases: int, concurrency: int) -> Tally:
    """Send auto-decided requests from `concurrency` senders, then check every case."""
    tally = Tally()
    numbers = iter(range(cases))
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS_MAX)
    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(url, timeout=timeout, connector=connector) as session:
        started = time.perf_counter()
        await asyncio.gather(*(_send(session, numbers, tally) for _ in range(concurrency)))
        tally.elapsed_seconds = time.perf_counter() - started
        sent = iter(list(tally.seconds))
        await asyncio.gather(*(_check(session, sent, tally) for _ in range(concurrency)))
    return tally


async def _send(session: aiohttp.ClientSession, numbers: Iterator[int], tally: Tally) -> None:
    for number in numbers:
        bundle = request_bundle(
            identifier=f"load-{number}-{uuid4().hex}",
            member_id=MEMBER,
            provider_npi=CLINIC,
            items=[CONSULTATION],
        )
        started = time.perf_counter()
        async with session.post(SUBMIT, data=json.dumps(bundle), headers=FHIR) as answer:
            body = await answer.read()
            if answer.status != 200:  # noqa: PLR2004 - HTTP's own number
                tally.refused.append(f"{answer.status} {body[:200]!r}")
                continue
            case_id = answer.headers["x-careloom-case-id"]
            tally.seconds[case_id] = time.perf_counter() - started


async def _check(session: aiohttp.ClientSession, case_ids: Iterator[str], tally: Tally) -> None:
    for case_id in case_ids:
        async with session.get(f"/api/cases/{case_id}") as answer:
            fault = fault_of(await answer.json())
        if fault:
            tally.wrong[case_id] = fault


def fault_of(case: dict[str, Any]) -> str:
    """What is wrong with a case that should have been approved by the rules; empty if nothing."""
    if case.get("outcome") != "approved" or case.get("stage") != "notified":
        return f"outcome {case.get('outcome')}, stage {case.get('stage')}"
    if not case["audit"]["isWhole"]:
        return f"the audit trail breaks at entry {case['audit']['brokenAt']}"
    events = [entry["event"] for entry in case["timeline"]]
    for event in ONCE:
        if events.count(event) != 1:
            return f"{event} happened {events.count(event)} times"
    messages = [notice["messageId"] for notice in case["notices"]]
    if len(set(messages)) != len(messages):
        return "a notice was written twice"
    # "undeliverable" is an end too: a requestor without a subscription has nobody to be told.
    if any(notice["status"] == "waiting" for notice in case["notices"]):
        return "a notice was not sent"
    return ""


def _report(tally: Tally) -> int:
    times = sorted(tally.seconds.values())
    answered = len(times)
    rate = answered / tally.elapsed_seconds if tally.elapsed_seconds else 0.0
    sys.stdout.write(
        f"{answered} cases answered in {tally.elapsed_seconds:.1f} s: {rate:.1f} cases/s\n"
        f"submit to answer: p50 {_quantile(times, 0.5):.3f} s, p95 {_quantile(times, 0.95):.3f} s\n"
        f"refused {len(tally.refused)}, lost or done twice {len(tally.wrong)}\n"
    )
    for fault in [*tally.refused[:5], *(f"{one}: {why}" for one, why in tally.wrong.items())][:10]:
        sys.stdout.write(f"  {fault}\n")
    return 1 if tally.refused or tally.wrong else 0


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number
