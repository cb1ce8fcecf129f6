from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from localhost.taskhub.clock import SystemClock, VirtualClock, micros_of, moment_of

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def test_virtual_time_jumps_from_alarm_to_alarm_in_order() -> None:
    clock = VirtualClock(START)
    rung: list[tuple[str, datetime]] = []

    def ring(name: str) -> None:
        rung.append((name, clock.now()))

    for name, hours in (("c", 3), ("a", 1), ("b", 2), ("b2", 2)):
        clock.call_at(START + hours * HOUR, partial(ring, name))
    await clock.sleep_until(START + 4 * HOUR)

    assert rung == [
        ("a", START + HOUR),
        ("b", START + 2 * HOUR),
        ("b2", START + 2 * HOUR),
        ("c", START + 3 * HOUR),
    ]


async def test_virtual_time_stands_still_while_someone_is_busy() -> None:
    clock, busy = VirtualClock(START), [True]
    clock.watch(lambda: bool(busy))
    sleeping = asyncio.create_task(clock.sleep_until(START + HOUR))
    for _ in range(100):
        await asyncio.sleep(0)
    stood_still = not sleeping.done() and clock.now() == START

    busy.clear()
    clock.settled()
    await sleeping

    assert stood_still
    assert clock.now() == START + HOUR


async def test_virtual_time_stands_still_while_it_is_held() -> None:
    clock = VirtualClock(START)
    with clock.held():
        sleeping = asyncio.create_task(clock.sleep_until(START + HOUR))
        await asyncio.sleep(0.01)
        assert not sleeping.done()

    await sleeping


async def test_a_forgotten_watcher_stops_nobody() -> None:
    clock = VirtualClock(START)

    def is_busy() -> bool:
        return True

    clock.watch(is_busy)
    sleeping = asyncio.create_task(clock.sleep_until(START + HOUR))
    await asyncio.sleep(0.01)
    clock.unwatch(is_busy)

    await sleeping


async def test_a_cancelled_alarm_does_not_ring_and_does_not_move_time() -> None:
    clock = VirtualClock(START)
    clock.call_at(START + HOUR, lambda: pytest.fail("rang")).cancel()

    await asyncio.sleep(0.01)
    await clock.sleep_until(START)

    assert clock.now() == START


async def test_the_machines_clock_wakes_at_its_time() -> None:
    clock, rung = SystemClock(), asyncio.Event()
    begun = clock.now()

    clock.call_at(begun + timedelta(milliseconds=50), rung.set)
    await clock.sleep_until(begun + timedelta(milliseconds=20))
    slept = clock.now() - begun
    await rung.wait()

    assert slept >= timedelta(milliseconds=20)
    assert clock.now() - begun >= timedelta(milliseconds=49)


async def test_an_alarm_in_the_past_rings_at_once() -> None:
    rung = asyncio.Event()

    SystemClock().call_at(START, rung.set)

    async with asyncio.timeout(1):
        await rung.wait()


def test_moments_survive_the_way_into_the_database() -> None:
    moment = datetime(2026, 7, 4, 12, 30, 15, 123_457, tzinfo=UTC)

    assert moment_of(micros_of(moment)) == moment
