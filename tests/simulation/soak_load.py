"""Who loads the product in a soak: clinics, a stream of events and a reviewer, all unrelenting.

Each goes on through every crash: whoever got no answer asks again when the product is back, as the
people and systems out there do.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from azure.eventhub import EventData
from azure.eventhub.aio import EventHubProducerClient
from azure.eventhub.exceptions import EventHubError

from bench.running_host import RunningHost
from localhost.sample_case import sample_bundle
from shared.contracts.cloud_events import SUBMITTED
from shared.domain.prior_authorization.opening import case_id_for
from shared.domain.prior_authorization.request import Identifier

SUBMIT = "/api/fhir/Claim/$submit"
REVIEWER = "dr-chen"
INBOUND = "prior-authorization-requests"
DECIDED_AT_ONCE, REVIEWED = "auto-approved", "surgery-with-review"
PAUSE_SECONDS = 0.3
AWAY_SECONDS = 0.2
ANSWER_SECONDS_MAX = 30
KEPT_SHARE = 0.1
"""Of the tasks: those that the reviewer claims and leaves undecided."""

type Json = dict[str, Any]


@dataclass(slots=True)
class Soaked:
    """What was done to the product, and what it answered wrongly.

    Attributes:
        sent: the sample that each case was made from, once the product has acknowledged it.
        counts: of every kind of act; wrong: answers that should not have been given.
    """

    chance: random.Random
    host: RunningHost | None = None
    sent: dict[str, str] = field(default_factory=dict)
    bundles: list[Json] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    is_over: bool = False


class AwayError(Exception):
    """The product did not answer; it may have crashed before, during or after the work."""


async def ask(
    session: aiohttp.ClientSession, soaked: Soaked, path: str, body: Any = None, user: str = ""
) -> tuple[int, Any]:
    """Ask the product once: the status and the JSON.

    Raises:
        AwayError: no answer, or one that says that it cannot work now.
    """
    host = soaked.host
    if host is None:
        raise AwayError
    headers = {"content-type": "application/json"} | ({"x-careloom-user": user} if user else {})
    data = None if body is None else json.dumps(body)
    method = "GET" if body is None else "POST"
    try:
        async with session.request(method, host.url + path, data=data, headers=headers) as answer:
            if answer.status >= 500:
                soaked.counts["server errors"] += 1
                raise AwayError
            return answer.status, json.loads(await answer.read())
    except (aiohttp.ClientError, TimeoutError, ConnectionError, ValueError) as error:
        raise AwayError from error


async def clinic(session: aiohttp.ClientSession, soaked: Soaked) -> None:
    """New requests, now and then one that was sent before, and looks at cases."""
    while not soaked.is_over:
        draw = soaked.chance.random()
        if draw < 0.1 and soaked.bundles:
            await _insist(session, soaked, soaked.chance.choice(soaked.bundles), "repeats")
        elif draw < 0.3 and soaked.sent:
            await _look(session, soaked, soaked.chance.choice(list(soaked.sent)))
        else:
            sample = REVIEWED if draw > 0.8 else DECIDED_AT_ONCE
            bundle = sample_bundle(sample)
            if await _insist(session, soaked, bundle, "requests"):
                soaked.sent[case_of(bundle)] = sample
                soaked.bundles.append(bundle)
        await asyncio.sleep(PAUSE_SECONDS)


async def stream(soaked: Soaked) -> None:
    """The same requests as events, through the SDK; each until the broker has taken it."""
    while not soaked.is_over:
        bundle = sample_bundle(DECIDED_AT_ONCE)
        case_id = case_of(bundle)
        event = {"specversion": "1.0", "id": case_id, "source": "/soak", "type": SUBMITTED}
        async for host in _while_away(soaked):
            try:
                producer = EventHubProducerClient.from_connection_string(
                    host.connections["EventHubConnection"], eventhub_name=INBOUND, retry_total=0
                )
                async with producer:
                    body = json.dumps(event | {"data": bundle})
                    await producer.send_batch([EventData(body)])
            except (EventHubError, OSError):
                continue
            soaked.sent[case_id] = DECIDED_AT_ONCE
            soaked.counts["events"] += 1
            break
        await asyncio.sleep(PAUSE_SECONDS * 2)


async def reviewer(session: aiohttp.ClientSession, soaked: Soaked) -> None:
    """Decides what waits, and keeps some tasks on the desk."""
    while not soaked.is_over:
        await decide_open_tasks(session, soaked)
        await asyncio.sleep(PAUSE_SECONDS)


async def decide_open_tasks(session: aiohttp.ClientSession, soaked: Soaked) -> int:
    """Go once through the tasks that nobody has claimed; how many there were."""
    try:
        _, page = await ask(session, soaked, "/api/tasks?status=requested&limit=50")
        for task in page["tasks"]:
            keeps = soaked.chance.random() < KEPT_SHARE
            act = "claim" if keeps else "complete"
            body = {} if keeps else {"decisions": [{"sequence": 1, "action": "A1"}]}
            path = f"/api/tasks/{task['taskId']}/{act}"
            status, _ = await ask(session, soaked, path, body, REVIEWER)
            # A conflict says that it was done already, before a crash swallowed the answer.
            if status not in (200, 409):
                soaked.wrong.append(f"{path} was answered {status}")
            soaked.counts["tasks kept" if keeps else "tasks completed"] += 1
    except AwayError:
        return 1
    return len(page["tasks"])


def case_of(bundle: Json) -> str:
    """The id of the case that a request opens."""
    identifier = bundle["entry"][0]["resource"]["identifier"][0]
    return case_id_for(Identifier(identifier["system"], identifier["value"]))


async def _insist(session: aiohttp.ClientSession, soaked: Soaked, bundle: Json, kind: str) -> bool:
    """Send a request until it is acknowledged; False where the soak ended before."""
    async for _ in _while_away(soaked):
        try:
            status, _ = await ask(session, soaked, SUBMIT, bundle)
        except AwayError:
            soaked.counts["asked again"] += 1
            continue
        if status != 200:
            soaked.wrong.append(f"{case_of(bundle)}: $submit was answered {status}")
        soaked.counts[kind] += 1
        return True
    return False


async def _look(session: aiohttp.ClientSession, soaked: Soaked, case_id: str) -> None:
    try:
        status, _ = await ask(session, soaked, f"/api/cases/{case_id}")
    except AwayError:
        return
    # An event's case exists once the host has read the event.
    if status != 200 and soaked.sent[case_id] != DECIDED_AT_ONCE:
        soaked.wrong.append(f"{case_id} was answered {status}")
    soaked.counts["looks"] += 1


async def _while_away(soaked: Soaked) -> AsyncIterator[RunningHost]:
    """The running host, again and again, with a pause before each that is not the first."""
    while not soaked.is_over:
        if soaked.host is not None:
            yield soaked.host
        await asyncio.sleep(AWAY_SECONDS)
