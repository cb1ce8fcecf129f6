from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.cosmos.attachments import CosmosAttachmentStore
from shared.adapters.memory.attachments import MemoryAttachmentStore
from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.contracts.pas import SubmittedAttachments
from shared.domain.prior_authorization.questions import Arrival
from shared.domain.prior_authorization.request import Identifier
from shared.ports.attachments import (
    Addressed,
    AttachmentRow,
    AttachmentStore,
    take_in_documents,
)
from tests.shared.ports.samples import NOON, a_case, opening, under_review

CONTENT = {"resourceType": "Parameters", "parameter": [{"name": "Final", "valueBoolean": True}]}
SUBMITTED = SubmittedAttachments(
    tracking=Identifier("", "case-1"),
    member=None,
    service_date=None,
    attachments=(),
    is_final=True,
    content=CONTENT,
)


@pytest.fixture(params=["memory", "cosmos"])
def attachments(request: pytest.FixtureRequest) -> AttachmentStore:
    if request.param == "memory":
        return MemoryAttachmentStore()
    return CosmosAttachmentStore(request.getfixturevalue("database"))


def _row(name: str = "a", minutes: int = 0) -> AttachmentRow:
    return AttachmentRow(
        case_id="case-1",
        attachment_id=name,
        tracking="case-1-q1",
        content=CONTENT,
        received_at=NOON + timedelta(minutes=minutes),
        submitted_by="clinic",
    )


async def test_the_same_documents_are_kept_once_and_listed_by_age(
    attachments: AttachmentStore,
) -> None:
    await attachments.keep(_row("b", minutes=5))
    await attachments.keep(_row("a"))
    await attachments.keep(replace(_row("a"), tracking="another"))
    assert await attachments.attachments_of("case-1") == (_row("a"), _row("b", minutes=5))
    assert await attachments.attachments_of("case-2") == ()


async def test_documents_are_taken_in_once_however_often_they_come() -> None:
    clock = SettableClock(NOON)
    cases, kept = MemoryCaseStore(clock), MemoryAttachmentStore()
    await cases.save(opening(under_review(a_case())))
    for _ in range(3):
        taken = await take_in_documents(cases, kept, clock, Addressed("case-1"), SUBMITTED)
        assert taken.arrival is Arrival.KEPT
        clock.set(clock.now() + timedelta(minutes=1))
    events = [sealed.entry.event for sealed in await cases.audit_trail("case-1")]
    assert events.count("information_received") == 1
    assert len(await kept.attachments_of("case-1")) == 1
