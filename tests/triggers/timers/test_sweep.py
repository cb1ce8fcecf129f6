"""The sweep finds what was forgotten: on a running product, with its timer every second."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from localhost.cosmos_gateway.server import serve as serve_cosmos
from localhost.sample_case import sample_bundle
from localhost.started_host import StartedHost
from shared.adapters.cosmos.case_store import CosmosCaseStore
from shared.adapters.cosmos.client import CosmosDatabase
from shared.adapters.memory.clock import SettableClock
from shared.contracts.pas import read_submit
from shared.ports.intake import Received, take_in
from tests.triggers.sending import eventually

EVERY_SECOND = "* * * * * *"


@dataclass(frozen=True)
class Product:
    """A running product with a sweep every second, and the store behind it."""

    host: StartedHost
    database: CosmosDatabase

    async def forget(self, sample: str, *, received_at: datetime) -> str:
        """Take a request in as a door does, and start no story for it: the power went."""
        store = CosmosCaseStore(self.database, SettableClock(received_at))
        submission = read_submit(json.dumps(sample_bundle(sample)).encode())
        received = Received(
            kind=submission.kind,
            request=submission.request,
            bundle=submission.bundle,
            submitted_by="clinic",
            via="http",
            received_at=received_at,
        )
        return (await take_in(store, received)).ref.case_id

    async def until(self, case_id: str, **wanted: Any) -> dict[str, Any]:
        """The case, once it is as wanted."""

        def look() -> dict[str, Any] | None:
            case = self.host.get(f"/api/cases/{case_id}").body
            return case if all(case.get(name) == value for name, value in wanted.items()) else None

        return await asyncio.to_thread(eventually, look, within_seconds=30)


@pytest.fixture
async def sweeping(tmp_path: Path) -> AsyncIterator[Product]:
    cosmos = await serve_cosmos(tmp_path / "cosmos.db")
    settings = {
        "COSMOS_CONNECTION": f"AccountEndpoint={cosmos.endpoint};AccountKey={cosmos.key};",
        "SWEEP_SCHEDULE": EVERY_SECOND,
    }
    database = CosmosDatabase(cosmos.endpoint, "careloom", key=cosmos.key)
    host = await asyncio.to_thread(StartedHost, tmp_path / "host", settings=settings)
    yield Product(host, database)
    await asyncio.to_thread(host.stop)
    await database.close()
    await cosmos.stop()


async def test_a_request_that_was_received_and_never_started_is_started(sweeping: Product) -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    case_id = await sweeping.forget("auto-approved", received_at=an_hour_ago)
    case = await sweeping.until(case_id, stage="notified")
    assert case["outcome"] == "approved"


async def test_when_the_deadline_has_passed_a_person_still_decides(sweeping: Product) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=30)
    case_id = await sweeping.forget("surgery-with-review", received_at=long_ago)
    await sweeping.until(case_id, stage="clinical_review")

    def breached() -> bool:
        case = sweeping.host.get(f"/api/cases/{case_id}").body
        events = [entry["event"] for entry in case["timeline"]]
        told = {notice["recipient"] for notice in case["notices"]}
        return "deadline_breached" in events and {"member", "compliance"} <= told

    await asyncio.to_thread(eventually, breached, within_seconds=30)
    case = await sweeping.until(case_id, outcome="open")
    assert case["clock"]["breachedAt"]
    answer = await asyncio.to_thread(
        sweeping.host.post,
        f"/api/tasks/{case['review']['taskId']}/complete",
        {"decisions": [{"sequence": 1, "action": "A1"}]},
        user="dr-chen",
    )
    assert answer.status == 200, answer.body
    settled = await sweeping.until(case_id, stage="notified")
    assert "deadline_missed" in [entry["event"] for entry in settled["timeline"]]
