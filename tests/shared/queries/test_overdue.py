from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.domain.prior_authorization.case import Stage
from shared.queries.overdue import find_overdue
from tests.shared.domain.prior_authorization.cases import certify, opened
from tests.shared.ports.samples import NOON, opening

ITS_END_IN_NEW_YORK = datetime(2026, 3, 11, 4, tzinfo=UTC)


async def test_an_authorization_is_a_chore_once_its_last_day_is_over_where_the_plan_is() -> None:
    cases = MemoryCaseStore(SettableClock(NOON))
    case = replace(opened(), stage=Stage.NOTIFIED, decisions=(certify(until=date(2026, 3, 10)),))
    await cases.save(opening(case))

    before = await find_overdue(cases, ITS_END_IN_NEW_YORK - timedelta(microseconds=1))
    assert before.chores == ()

    [chore] = (await find_overdue(cases, ITS_END_IN_NEW_YORK)).chores
    assert (chore.case_id, chore.message_id) == (case.case_id, "")
