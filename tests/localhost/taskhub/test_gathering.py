from __future__ import annotations

import asyncio
from typing import Any

from localhost.taskhub.clock import VirtualClock
from localhost.taskhub.dispatch import Limits
from localhost.taskhub.gathering import WAIT_MAX, Gathering
from tests.localhost.taskhub.stage import staged
from tests.localhost.taskhub.test_dispatch import Desk, key_of
from tests.localhost.taskhub.test_turns import fan_out, plus_one


async def test_news_wait_for_the_next_ones_and_are_told_once() -> None:
    clock, desk = VirtualClock(), Desk()
    gathering = Gathering(clock, desk.dispatcher)
    worker = desk.dispatcher.join(Limits())
    with clock.held():
        gathering.ready_soon("a")
        assert not desk.dispatcher.is_busy

        gathering.ready("a")
        item = await worker.take()
    lease = desk.dispatcher.finish(item.completionToken)
    assert lease is not None
    desk.dispatcher.release(lease)

    await clock.sleep_until(clock.now() + 2 * WAIT_MAX)
    assert key_of(item) == "a"
    assert not desk.dispatcher.is_busy


async def test_news_wait_no_longer_than_a_moment() -> None:
    clock, desk = VirtualClock(), Desk()
    gathering = Gathering(clock, desk.dispatcher)
    began = clock.now()
    taking = asyncio.create_task(desk.dispatcher.join(Limits()).take())
    await asyncio.sleep(0)

    gathering.ready_soon("a")
    gathering.ready_soon("a")

    assert key_of(await taking) == "a"
    assert clock.now() - began == WAIT_MAX


async def test_a_hub_that_is_closed_is_woken_no_more() -> None:
    clock, desk = VirtualClock(), Desk()
    gathering = Gathering(clock, desk.dispatcher)
    gathering.ready_soon("a")

    gathering.stop()

    await clock.sleep_until(clock.now() + 2 * WAIT_MAX)
    assert not desk.dispatcher.is_busy


async def test_activities_that_run_together_end_in_one_turn() -> None:
    async with staged(None, clock=VirtualClock()) as stage:
        stage.worker.add(orchestrators=[fan_out], activities=[plus_one])

        end = await stage.run(fan_out, 20)

        history: list[Any] = await stage.client.get_orchestration_history(end.instance_id)
    turns = [each for each in history if type(each).__name__ == "OrchestratorStartedEvent"]
    assert len(turns) == 2
