import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from localhost.functions_host.host_store import HostStore, TimerStatus
from localhost.functions_host.invocations import Answer, FunctionDescription, Invocation
from localhost.functions_host.lifecycle_spans import Spans
from localhost.functions_host.startup import StartupError
from localhost.functions_host.timers import Timer, Timers
from tests.localhost.functions_host.running_host import RunningHost, until

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


class FakePool:
    """Notes what it is asked to run; a run may take time, or fail."""

    def __init__(self) -> None:
        self.runs: list[dict[str, Any]] = []
        self.seconds = 0.0
        self.answer = Answer(ok=True)
        self.under_way = 0
        self.under_way_most = 0

    async def invoke(self, invocation: Invocation) -> Answer:
        self.under_way += 1
        self.under_way_most = max(self.under_way_most, self.under_way)
        self.runs.append(json.loads(invocation.payload))
        await asyncio.sleep(self.seconds)
        self.under_way -= 1
        return self.answer


def function(schedule: str, **trigger: Any) -> FunctionDescription:
    binding = {"type": "timerTrigger", "name": "timer", "schedule": schedule, **trigger}
    return FunctionDescription("tick", [binding])


def timer(schedule: str, **trigger: Any) -> Timer:
    return Timer(function(schedule, **trigger), {})


@pytest.fixture
def pool() -> FakePool:
    return FakePool()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[HostStore]:
    store = HostStore(tmp_path)
    yield store
    store.close()


def timers(store: HostStore, pool: FakePool, *functions: FunctionDescription) -> Timers:
    return Timers(functions, {}, store, pool, Spans())  # type: ignore[arg-type]  # the fake pool


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, None),
        (TimerStatus(NOON - HOUR, NOON, NOON - HOUR), None),
        (TimerStatus(NOON - 2 * HOUR, NOON - HOUR, NOON - 2 * HOUR), NOON - HOUR),
        (TimerStatus(None, NOON - HOUR, NOON - 2 * HOUR), NOON - HOUR),
        # The schedule was weekly and is hourly now.
        (TimerStatus(NOON - 3 * HOUR, NOON + 99 * HOUR, NOON - 3 * HOUR), NOON - 2 * HOUR),
    ],
)
def test_an_occurrence_that_no_host_ran_is_found(
    status: TimerStatus | None, expected: datetime | None
) -> None:
    assert timer("0 0 * * * *").missed(status, NOON + timedelta(seconds=-1)) == expected


def test_only_schedules_of_a_minute_and_more_are_monitored_by_themselves() -> None:
    assert timer("0 * * * * *").is_monitored
    assert not timer("*/30 * * * * *").is_monitored
    assert timer("*/30 * * * * *", useMonitor=True).is_monitored
    assert not timer("0 * * * * *", useMonitor=False).is_monitored


def test_a_timer_that_is_not_monitored_misses_nothing() -> None:
    old = TimerStatus(NOON - HOUR, NOON - HOUR, NOON - HOUR)

    assert timer("0 0 * * * *", useMonitor=False).missed(old, NOON) is None


@pytest.mark.parametrize("schedule", ["every hour", "%NOT_SET%"])
def test_a_schedule_that_cannot_be_used_names_its_function(schedule: str) -> None:
    with pytest.raises(StartupError, match="the function 'tick' has a schedule"):
        timer(schedule)


def test_a_time_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(StartupError, match="Middle Earth"):
        Timer(function("0 0 * * * *"), {"WEBSITE_TIME_ZONE": "Middle Earth"})


async def test_a_timer_runs_when_it_is_due_and_one_at_a_time(
    store: HostStore, pool: FakePool
) -> None:
    pool.seconds = 1.3
    running = timers(store, pool, function("* * * * * *"))

    running.start()
    await asyncio.sleep(3)
    await running.stop()

    assert 1 <= len(pool.runs) <= 3
    assert pool.under_way_most == 1
    assert pool.under_way == 0
    assert {run["IsPastDue"] for run in pool.runs} == {False}


async def test_a_run_on_startup_is_made_at_once(store: HostStore, pool: FakePool) -> None:
    running = timers(store, pool, function("0 0 3 1 1 *", runOnStartup=True))

    running.start()
    await asyncio.sleep(0.05)
    await running.stop()

    (run,) = pool.runs
    assert run["IsPastDue"] is False
    assert run["Schedule"] == {"AdjustForDST": True}
    assert run["ScheduleStatus"]["Last"].startswith("0001-01-01")
    status = store.timer_status("tick")
    assert status is not None
    assert status.next.isoformat() == run["ScheduleStatus"]["Next"]


async def test_a_missed_run_is_made_up_once(store: HostStore, pool: FakePool) -> None:
    due = datetime.now(UTC) - HOUR
    store.keep_timer_status("tick", TimerStatus(due - 24 * HOUR, due, due - 24 * HOUR))

    for _ in range(2):
        running = timers(store, pool, function("0 0 3 1 1 *"))
        running.start()
        await asyncio.sleep(0.05)
        await running.stop()

    (run,) = pool.runs
    assert run["IsPastDue"] is True
    assert run["ScheduleStatus"]["Last"] == (due - 24 * HOUR).isoformat()


async def test_a_failed_run_counts_as_run(store: HostStore, pool: FakePool) -> None:
    pool.answer = Answer(ok=False, error="ValueError: on purpose")
    running = timers(store, pool, function("0 0 3 1 1 *", runOnStartup=True))

    running.start()
    await asyncio.sleep(0.05)
    await running.stop()

    status = store.timer_status("tick")
    assert status is not None
    assert status.last is not None


async def test_a_failed_run_is_repeated_as_its_policy_says(
    store: HostStore, pool: FakePool
) -> None:
    pool.answer = Answer(ok=False, error="ValueError: on purpose")
    tick = function("0 0 3 1 1 *", runOnStartup=True)
    policy = {"strategy": "fixed_delay", "max_retry_count": "2", "delay_interval": "00:00:00"}
    running = timers(store, pool, FunctionDescription(tick.name, tick.bindings, policy))

    running.start()
    await asyncio.sleep(0.05)
    await running.stop()

    assert len(pool.runs) == 3


async def test_a_run_that_waits_for_its_repetition_stops_with_the_host_and_is_made_up(
    store: HostStore, pool: FakePool
) -> None:
    pool.answer = Answer(ok=False, error="ValueError: on purpose")
    due = datetime.now(UTC) - HOUR
    store.keep_timer_status("tick", TimerStatus(due - 24 * HOUR, due, due - 24 * HOUR))
    tick = function("0 0 3 1 1 *")
    policy = {"strategy": "fixed_delay", "max_retry_count": "-1", "delay_interval": "00:10:00"}

    for _ in range(2):
        running = timers(store, pool, FunctionDescription(tick.name, tick.bindings, policy))
        running.start()
        await asyncio.sleep(0.05)
        async with asyncio.timeout(1):
            await running.stop()

    assert [run["IsPastDue"] for run in pool.runs] == [True, True]


async def test_a_timer_goes_on_where_its_run_cannot_be_noted(
    store: HostStore, pool: FakePool
) -> None:
    store._database.execute("PRAGMA query_only=ON")
    running = timers(store, pool, function("* * * * * *", useMonitor=True))

    running.start()
    await asyncio.sleep(2.2)
    await running.stop()

    assert len(pool.runs) >= 2


def test_a_host_that_was_down_makes_up_what_it_missed(hosts: Callable[..., RunningHost]) -> None:
    first = hosts("kept")
    until((first.data / "host.db").exists)
    assert first.stop() == 0
    store = HostStore(first.data)
    status = store.timer_status("tick")
    assert status is not None
    assert status.last is None
    late = datetime.now(UTC) - timedelta(minutes=5)
    store.keep_timer_status("tick", TimerStatus(None, late, late - 24 * HOUR))
    store.close()

    second = hosts("kept")

    until(lambda: "tick past_due=True" in second.notes())
    assert second.stop() == 0
    assert second.notes().count("tick past_due=True") == 1
