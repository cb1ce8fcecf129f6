"""Which case documents go to, where several share a claim identifier."""

from dataclasses import replace

import pytest

from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.contracts.pas import SubmittedAttachments
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.opening import case_id_for
from shared.domain.prior_authorization.request import Identifier, Party
from shared.ports.attachments import Addressed
from shared.queries.attachment_address import find_addressed
from tests.shared.domain.prior_authorization.cases import asking
from tests.shared.ports.samples import NOON, NPI_SYSTEM, a_case, a_request, an_inbox_row, opening

CLAIM, MEMBER = a_request().identifier, a_request().member
FIRST = replace(a_case(), case_id=case_id_for(CLAIM))
STRANGER = Party(Identifier(NPI_SYSTEM, "1245319599"))
SECOND = replace(a_case(), case_id="case-2", request=replace(a_request(), requestor=STRANGER))


async def _kept(*cases: Case) -> MemoryCaseStore:
    store = MemoryCaseStore(SettableClock(NOON))
    for case in cases:
        await store.receive(replace(an_inbox_row(), case_id=case.case_id, request=case.request))
        await store.save(opening(case))
    return store


def _sent(member: Identifier | None) -> SubmittedAttachments:
    return SubmittedAttachments(
        tracking=CLAIM,
        member=member,
        service_date=None,
        attachments=(),
        is_final=True,
        content={},
    )


@pytest.mark.parametrize("asks", [FIRST, SECOND], ids=["first", "second"])
async def test_documents_go_to_the_case_that_asked_for_them(asks: Case) -> None:
    cases = [
        replace(each, information=(asking(),)) if each is asks else each for each in (FIRST, SECOND)
    ]
    found = await find_addressed(await _kept(*cases), _sent(MEMBER))
    assert found == Addressed(asks.case_id)


async def test_documents_of_another_member_go_to_nobody() -> None:
    store = await _kept(FIRST)
    assert await find_addressed(store, _sent(replace(MEMBER, value="another"))) is None


async def test_without_a_member_the_claim_tells() -> None:
    assert await find_addressed(await _kept(FIRST), _sent(None)) == Addressed(FIRST.case_id)
