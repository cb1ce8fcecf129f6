"""What a submission is answered, and for how much of it the store is asked."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from localhost.cosmos_gateway.server import Gateway
from samples.generate import Item, request_bundle
from shared.adapters.cosmos.case_store import CosmosCaseStore
from shared.adapters.cosmos.client import CosmosDatabase
from shared.adapters.memory.clock import SettableClock
from shared.contracts.pas import Submission, read_submit
from shared.contracts.prior_authorization import CaseRef
from shared.domain.prior_authorization.case import Stage
from shared.errors import TransientError
from shared.ports.intake import TakenIn
from shared.queries.authorization_answer import Asked, answer_to, authorization_answer
from tests.shared.domain.prior_authorization.cases import MEMBER, certify
from tests.shared.ports.samples import NOON, a_case, opening

CLOCK = SettableClock(NOON)


@pytest.fixture
def submission() -> Submission:
    bundle = request_bundle(
        identifier="claim-1",
        member_id="M-1001",
        provider_npi="1234567893",
        items=[Item(code="97110")],
    )
    return read_submit(json.dumps(bundle).encode())


@pytest.fixture
async def store(database: CosmosDatabase) -> CosmosCaseStore:
    return CosmosCaseStore(database, CLOCK)


async def answered(store: CosmosCaseStore, submission: Submission, taken: TakenIn) -> str:
    """The outcome of the ClaimResponse."""
    answer = await authorization_answer(
        store, CLOCK, taken, submission, "approved", fhir_base="https://payer.example/api/fhir"
    )
    return str(answer["entry"][0]["resource"]["outcome"])


async def test_a_case_that_this_process_brought_to_its_end_is_not_asked_for(
    store: CosmosCaseStore, gateway: Gateway, submission: Submission
) -> None:
    await store.save(opening(replace(a_case(), stage=Stage.NOTIFIED)))
    gateway.faults.unavailable(100)
    taken = TakenIn(CaseRef("case-1"), is_new=True)
    assert await answered(store, submission, taken) == "complete"


@pytest.mark.parametrize(
    ("stage", "taken"),
    [
        pytest.param(Stage.NOTIFIED, TakenIn(CaseRef("case-1"), is_new=False), id="repeated"),
        pytest.param(Stage.NOTIFIED, TakenIn(CaseRef("case-1", 2), is_new=True), id="updated"),
        pytest.param(Stage.DECIDED, TakenIn(CaseRef("case-1"), is_new=True), id="unfinished"),
    ],
)
async def test_a_case_that_may_have_gone_on_elsewhere_is_asked_for(
    store: CosmosCaseStore, gateway: Gateway, submission: Submission, stage: Stage, taken: TakenIn
) -> None:
    await store.save(opening(replace(a_case(), stage=stage)))
    gateway.faults.unavailable(100)
    with pytest.raises(TransientError):
        await answered(store, submission, taken)


def test_a_certification_is_issued_on_the_plans_day(submission: Submission) -> None:
    late = datetime(2026, 3, 3, 3, tzinfo=UTC)  # The evening of the 2nd in New York.
    made = replace(certify(), decided_at=late)
    case = replace(a_case(), membership=MEMBER, decisions=(made,), stage=Stage.NOTIFIED)
    asked = Asked(submission.request, submission.bundle)
    answer = answer_to(asked, case, at=late, fhir_base="https://payer.example/api/fhir")
    [item] = answer["entry"][0]["resource"]["item"]
    issued = [each["valueDate"] for each in item["extension"] if "valueDate" in each]
    assert issued == ["2026-03-02"]
