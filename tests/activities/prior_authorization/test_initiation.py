"""Opening a case, over memory adapters: a request, and what amends it."""

from datetime import timedelta

import pytest

from activities.prior_authorization.initiation import EARLY_MAX, open_case
from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.adapters.rules.file_rule_book import FileRuleBook
from shared.contracts.prior_authorization import CaseRef, Opening
from shared.errors import TransientError
from tests.shared.ports.samples import NOON, a_case, an_inbox_row, opening

UPDATE = CaseRef("case-1", 2)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@pytest.fixture
async def cases(clock: SettableClock) -> MemoryCaseStore:
    store = MemoryCaseStore(clock)
    await store.receive(an_inbox_row(revision=2))
    return store


async def _open(cases: MemoryCaseStore, clock: SettableClock) -> Opening:
    return await open_case(
        UPDATE, cases=cases, rules=FileRuleBook(), clock=clock, key="case-1.r2/open_case"
    )


async def test_an_update_whose_request_has_not_come_waits_without_troubling_the_sweep(
    cases: MemoryCaseStore, clock: SettableClock
) -> None:
    assert await _open(cases, clock) is Opening.EARLY
    assert await cases.unopened(before=NOON + EARLY_MAX, limit=1) == []
    assert await cases.dead_letters(limit=1) == []


async def test_an_update_whose_request_never_comes_ends_among_the_dead_letters_once(
    cases: MemoryCaseStore, clock: SettableClock
) -> None:
    clock.set(NOON + EARLY_MAX)
    for _ in range(2):
        assert await _open(cases, clock) is Opening.REFUSED
    [letter] = await cases.dead_letters(limit=9)
    assert (letter.letter_id, letter.received_at) == ("case-1.r2", NOON)
    assert letter.reason.startswith("the prior claim is not known")
    assert '"resourceType": "Bundle"' in letter.body


async def test_an_update_whose_request_is_about_to_be_opened_tries_again(
    cases: MemoryCaseStore, clock: SettableClock
) -> None:
    await cases.receive(an_inbox_row())
    with pytest.raises(TransientError):
        await _open(cases, clock)


async def test_an_update_that_waited_is_taken_up_once_the_case_is_open(
    cases: MemoryCaseStore, clock: SettableClock
) -> None:
    await _open(cases, clock)
    await cases.receive(an_inbox_row())
    await cases.save(opening(a_case()))
    clock.set(NOON + timedelta(minutes=5))
    assert await _open(cases, clock) is Opening.OPENED
    stored = await cases.load("case-1")
    assert stored is not None
    assert stored.case.revision == 2


async def test_an_update_that_overtook_its_request_takes_effect_with_it(
    cases: MemoryCaseStore, clock: SettableClock
) -> None:
    came = NOON + timedelta(hours=20)
    await cases.receive(an_inbox_row())
    await cases.save(opening(a_case(received_at=came)))
    clock.set(came)
    assert await _open(cases, clock) is Opening.OPENED
    stored = await cases.load("case-1")
    assert stored is not None
    assert stored.case.revised_at == came
