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
from shared.adapters.cosmos.directories import CosmosReviewerDirectory, Register
from shared.adapters.memory.clock import SettableClock
from shared.adapters.rules.file_rule_book import FileRuleBook
from shared.contracts.pas import read_submit
from shared.contracts.tasks import FileAppeal
from shared.ports.appealing import file_appeal
from shared.ports.intake import Received, take_in
from shared.ports.reviewing import Desk, act_on_task
from tests.triggers.sending import eventually

EVERY_SECOND = "* * * * * *"
HOUR = timedelta(hours=1)


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

    async def act(self, case: dict[str, Any], action: str, body: object) -> None:
        """Do what dr-chen says, as the door does, and nudge no story: the power went."""
        clock = SettableClock(datetime.now(UTC) - HOUR)
        reviewers = CosmosReviewerDirectory(Register(self.database, clock))
        desk = Desk(CosmosCaseStore(self.database, clock), reviewers, FileRuleBook(), clock)
        await act_on_task(desk, case["review"]["taskId"], action, body, user_id="dr-chen")

    async def appeal(self, case_id: str) -> None:
        """File an appeal of the first item, as the door does, and start no story for it."""
        clock = SettableClock(datetime.now(UTC) - HOUR)
        cases = CosmosCaseStore(self.database, clock)
        asked = FileAppeal(items=(1,), filed_by="member")
        await file_appeal(cases, FileRuleBook(), clock, case_id, asked)

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


async def test_a_decision_of_which_no_story_heard_is_issued_by_the_sweep(
    sweeping: Product,
) -> None:
    case_id = await sweeping.forget("surgery-with-review", received_at=datetime.now(UTC) - HOUR)
    case = await sweeping.until(case_id, stage="clinical_review")
    denied = {"sequence": 1, "action": "A3", "reasonCode": "02", "reason": "Not by the criteria"}
    await sweeping.act(case, "complete", {"decisions": [denied]})
    case = await sweeping.until(case_id, stage="notified")
    assert case["outcome"] == "denied"


async def test_an_appeal_of_which_no_story_was_started_is_taken_up_by_the_sweep(
    sweeping: Product,
) -> None:
    case_id = await sweeping.forget("surgery-with-review", received_at=datetime.now(UTC) - HOUR)
    case = await sweeping.until(case_id, stage="clinical_review")
    denied = {"sequence": 1, "action": "A3", "reasonCode": "02", "reason": "Not by the criteria"}
    await sweeping.act(case, "complete", {"decisions": [denied]})
    await sweeping.until(case_id, stage="notified")
    await sweeping.appeal(case_id)

    def acknowledged() -> bool:
        timeline = sweeping.host.get(f"/api/cases/{case_id}").body["timeline"]
        return "appeal_received" in [entry["event"] for entry in timeline]

    await asyncio.to_thread(eventually, acknowledged, within_seconds=90)
