"""Requests that arrive as CloudEvents, through the real broker and the real SDK."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from azure.eventhub import EventData
from azure.eventhub.aio import EventHubConsumerClient, EventHubProducerClient

from localhost.cosmos_gateway.server import serve as serve_cosmos
from localhost.eventhubs_broker.server import serve as serve_events
from localhost.sample_case import sample_bundle
from localhost.started_host import StartedHost
from samples.catalogue import CONSULTATION, SURGEON
from samples.generate import request_bundle
from shared.adapters.cosmos.case_store import CosmosCaseStore
from shared.adapters.cosmos.client import CosmosDatabase
from shared.adapters.system_clock import SystemClock
from shared.contracts.cloud_events import SUBMITTED
from shared.domain.prior_authorization.opening import case_id_for
from shared.domain.prior_authorization.request import Identifier
from tests.triggers.sending import eventually

INBOUND, OUTBOUND = "prior-authorization-requests", "prior-authorization-outcomes"
WAIT_SECONDS_MAX = 30


@dataclass(frozen=True)
class Backbone:
    """A running product whose store and stream the test can reach."""

    host: StartedHost
    cases: CosmosCaseStore
    events: str

    async def publish(self, *bodies: bytes) -> None:
        async with EventHubProducerClient.from_connection_string(
            self.events, eventhub_name=INBOUND
        ) as producer:
            await producer.send_batch([EventData(body) for body in bodies])


@pytest.fixture
async def backbone(tmp_path: Path) -> AsyncIterator[Backbone]:
    cosmos = await serve_cosmos(tmp_path / "cosmos.db")
    broker = await serve_events(tmp_path / "events.db")
    settings = {
        "COSMOS_CONNECTION": f"AccountEndpoint={cosmos.endpoint};AccountKey={cosmos.key};",
        "EventHubConnection": broker.connection_string,
    }
    database = CosmosDatabase(cosmos.endpoint, "careloom", key=cosmos.key)
    host = await asyncio.to_thread(StartedHost, tmp_path / "host", settings=settings)
    yield Backbone(host, CosmosCaseStore(database, SystemClock()), broker.connection_string)
    await asyncio.to_thread(host.stop)
    await database.close()
    await broker.stop()
    await cosmos.stop()


def _event(bundle: dict[str, Any], **changed: Any) -> bytes:
    event = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/clinic",
        "type": SUBMITTED,
        "data": bundle,
    }
    return json.dumps(event | changed).encode()


def _case_id(bundle: dict[str, Any]) -> str:
    identifier = bundle["entry"][0]["resource"]["identifier"][0]
    return case_id_for(Identifier(identifier["system"], identifier["value"]))


async def _until_notified(backbone: Backbone, case_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        answer = backbone.host.get(f"/api/cases/{case_id}")
        return answer.body if answer.body.get("stage") == "notified" else None

    return await asyncio.to_thread(eventually, look, within_seconds=WAIT_SECONDS_MAX)


async def test_an_event_takes_the_same_way_as_a_request_and_its_outcome_is_published(
    backbone: Backbone,
) -> None:
    bundle = sample_bundle("auto-approved")
    await backbone.publish(_event(bundle), _event(bundle, id="e-2"))
    case = await _until_notified(backbone, _case_id(bundle))
    assert case["outcome"] == "approved"
    events = [entry["event"] for entry in case["timeline"]]
    assert events.count("case_opened") == events.count("decision_issued") == 1
    outcome = await _first_outcome(backbone)
    assert outcome["subject"] == case["caseId"]
    assert outcome["data"]["outcome"] == "approved"


async def _first_outcome(backbone: Backbone) -> dict[str, Any]:
    received: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    consumer = EventHubConsumerClient.from_connection_string(
        backbone.events, consumer_group="$Default", eventhub_name=OUTBOUND
    )

    async def on_event(_: Any, event: EventData | None) -> None:
        if event is not None and not received.done():
            received.set_result(json.loads(event.body_as_str()))

    async with consumer:
        listening = asyncio.create_task(consumer.receive(on_event, starting_position="-1"))
        outcome = await asyncio.wait_for(received, WAIT_SECONDS_MAX)
        listening.cancel()
    return outcome


@pytest.mark.parametrize("amendment", ["update", "cancellation"])
async def test_an_event_that_overtakes_its_request_waits_for_it(
    backbone: Backbone, amendment: str
) -> None:
    asked: dict[str, Any] = {"member_id": "M-1005", "provider_npi": SURGEON}
    request = request_bundle(identifier="first", items=[CONSULTATION], **asked)
    is_cancelled = amendment == "cancellation"
    change = "" if is_cancelled else "changed"
    overtaking = request_bundle(
        identifier="second",
        items=[replace(CONSULTATION, change=change, quantity=2)],
        replaces="first",
        cancels=is_cancelled,
        **asked,
    )
    await backbone.publish(_event(overtaking), _event(request))
    expected = "case_cancelled" if is_cancelled else "request_updated"

    def look() -> bool:
        case = backbone.host.get(f"/api/cases/{_case_id(request)}").body
        return expected in [entry["event"] for entry in case.get("timeline", ())]

    await asyncio.to_thread(eventually, look, within_seconds=WAIT_SECONDS_MAX)
    assert not await backbone.cases.dead_letters(limit=1)


async def test_an_event_that_breaks_its_contract_is_buried_with_the_reason(
    backbone: Backbone,
) -> None:
    good = sample_bundle("auto-approved")
    headless = sample_bundle("auto-approved")
    del headless["entry"][0]
    await backbone.publish(
        b"no json", _event({}, type="org.example.other"), _event(headless), _event(good)
    )
    await _until_notified(backbone, _case_id(good))
    letters = await backbone.cases.dead_letters(limit=10)
    assert len(letters) == 3
    assert all(letter.reason for letter in letters)
    assert {letter.body[:7] for letter in letters} >= {"no json"}
    listed = await asyncio.to_thread(backbone.host.get, "/api/dead-letters")
    assert [each["reason"] for each in listed.body["deadLetters"]] == [
        letter.reason for letter in letters
    ]


async def test_an_event_that_is_too_large_to_be_kept_whole_holds_up_nobody(
    backbone: Backbone,
) -> None:
    good = sample_bundle("auto-approved")
    await backbone.publish(b"\xff" * 900_000)
    await backbone.publish(_event(good))
    await _until_notified(backbone, _case_id(good))
    [letter] = await backbone.cases.dead_letters(limit=10)
    assert 0 < len(letter.body) < 900_000


async def test_events_of_two_partitions_with_one_sequence_number_are_both_buried(
    backbone: Backbone,
) -> None:
    async with EventHubProducerClient.from_connection_string(
        backbone.events, eventhub_name=INBOUND
    ) as producer:
        for partition in ("0", "1"):
            await producer.send_batch([EventData(f"bad {partition}")], partition_id=partition)

    def both() -> bool:
        return len(backbone.host.get("/api/dead-letters").body["deadLetters"]) == 2

    await asyncio.to_thread(eventually, both, within_seconds=WAIT_SECONDS_MAX)
