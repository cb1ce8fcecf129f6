"""The memory store is fast enough for a year of cases; its meaning is tested with the port."""

from datetime import timedelta
from time import perf_counter

from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.domain.prior_authorization.case import Stage
from shared.ports.case_store import CaseFilter, TaskFilter
from tests.shared.ports.samples import (
    NOON,
    a_case,
    a_message,
    an_inbox_row,
    following,
    opening,
    under_review,
)

CASES = 2_000
SWEEPS = 2_000


async def test_a_sweep_costs_nothing_for_cases_that_wait_for_nobody() -> None:
    clock = SettableClock(NOON)
    store = MemoryCaseStore(clock)
    for number in range(CASES):
        await store.receive(an_inbox_row(number))
        await store.save(opening(under_review(a_case(number)), a_message()))
        stored = await store.load(f"case-{number}")
        assert stored is not None
        await store.save(following(stored, stored.case.to(Stage.CANCELLED)))
        await store.settle_message(f"case-{number}", "decision-provider", status="ok", at=NOON)
    later = NOON + timedelta(days=9)
    began = perf_counter()
    for _ in range(SWEEPS):
        assert await store.unopened(before=later, limit=9) == []
        assert await store.undelivered(before=later, limit=9) == []
        assert (await store.cases(CaseFilter(due_before=later))).cases == ()
        assert (await store.tasks(TaskFilter(statuses=("requested",)))).total == 0
    # Scanning every case would take minutes; half a millisecond a sweep leaves a wide margin.
    assert perf_counter() - began < SWEEPS * 0.0005
