from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from activities.prior_authorization.eligibility import check_coverage
from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.adapters.memory.directories import MemoryMemberDirectory
from shared.adapters.registers import MemberEntry
from shared.contracts.prior_authorization import CaseRef
from shared.domain.prior_authorization.coverage import Membership
from shared.domain.prior_authorization.request import Identifier
from tests.shared.domain.prior_authorization.cases import MEMBER
from tests.shared.ports.samples import NOON, a_case, opening

LAST_DAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("received_at", "answer"),
    [
        (datetime(2026, 3, 11, 3, 59, tzinfo=UTC), "active"),  # 23:59 of the last day, New York.
        (datetime(2026, 3, 11, 4, tzinfo=UTC), "ended"),
    ],
)
async def test_coverage_lasts_to_the_end_of_the_day_where_the_plan_is(
    received_at: datetime, answer: str
) -> None:
    ending = replace(MEMBER, ends_on=LAST_DAY)
    assert await _coverage(ending, received_at) == answer


async def _coverage(membership: Membership, received_at: datetime) -> str:
    case = replace(a_case(), received_at=received_at)
    cases = MemoryCaseStore(SettableClock(NOON))
    await cases.save(opening(case))
    known = MemberEntry(Identifier("", case.request.member.value), membership)
    found = await check_coverage(
        CaseRef(case.case_id), cases=cases, members=MemoryMemberDirectory([known])
    )
    return found.answer
