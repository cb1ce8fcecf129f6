from __future__ import annotations

import asyncio

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest

from localhost.taskhub.dispatch import Claim, Dispatcher, Key, Kind, Limits
from localhost.taskhub.errors import HubClosed


class Desk:
    """A dispatcher with work of all kinds, named by its key."""

    def __init__(self) -> None:
        self.is_free = True
        self.idle_calls = 0
        self.dispatcher = Dispatcher(lambda: self.is_free, self._count_idle)
        self.tokens = 0
        self.nothing_to_do: set[Key] = set()
        for kind in Kind:
            self.dispatcher.serve(kind, self._claim)

    def _count_idle(self) -> None:
        self.idle_calls += 1

    def _claim(self, key: Key) -> Claim | None:
        if key in self.nothing_to_do:
            return None
        self.tokens += 1
        token = f"{key}#{self.tokens}"
        return Claim(token, pb.WorkItem(completionToken=token))


def key_of(item: pb.WorkItem) -> str:
    return item.completionToken.partition("#")[0]


async def test_work_is_handed_out_oldest_first_whatever_its_kind() -> None:
    desk = Desk()
    desk.dispatcher.ready(Kind.ACTIVITY, "a")
    desk.dispatcher.ready(Kind.ORCHESTRATION, "b")
    desk.dispatcher.ready(Kind.ENTITY, "c")
    desk.dispatcher.ready(Kind.ACTIVITY, "d")
    worker = desk.dispatcher.join(Limits())

    assert [key_of(await worker.take()) for _ in range(4)] == ["a", "b", "c", "d"]


async def test_news_about_what_is_held_wait_until_it_comes_back() -> None:
    desk = Desk()
    worker = desk.dispatcher.join(Limits())
    desk.dispatcher.ready(Kind.ORCHESTRATION, "a")
    item = await worker.take()

    desk.dispatcher.ready(Kind.ORCHESTRATION, "a")
    taking = asyncio.create_task(worker.take())
    await asyncio.sleep(0)
    desk.dispatcher.pump()
    assert not taking.done()
    lease = desk.dispatcher.finish(item.completionToken)
    assert lease is not None
    desk.dispatcher.release(lease)
    desk.dispatcher.pump()

    assert key_of(await taking) == "a"


async def test_an_item_is_finished_once() -> None:
    desk = Desk()
    worker = desk.dispatcher.join(Limits())
    desk.dispatcher.ready(Kind.ORCHESTRATION, "a")
    token = (await worker.take()).completionToken

    assert desk.dispatcher.finish(token) is not None
    assert desk.dispatcher.finish(token) is None


async def test_nothing_is_claimed_while_a_commit_is_under_way() -> None:
    desk = Desk()
    desk.is_free = False
    worker = desk.dispatcher.join(Limits())
    desk.dispatcher.ready(Kind.ORCHESTRATION, "a")
    taking = asyncio.create_task(worker.take())
    await asyncio.sleep(0)
    desk.dispatcher.pump()
    assert not taking.done()

    desk.is_free = True
    desk.dispatcher.pump()

    assert key_of(await taking) == "a"


async def test_a_worker_that_stops_asking_returns_what_it_did_not_take() -> None:
    desk = Desk()
    worker = desk.dispatcher.join(Limits())
    taking = asyncio.create_task(worker.take())
    await asyncio.sleep(0)
    desk.dispatcher.ready(Kind.ORCHESTRATION, "a")
    desk.dispatcher.pump()

    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    worker.leave()
    other = desk.dispatcher.join(Limits())

    assert key_of(await other.take()) == "a"


async def test_a_dead_workers_items_go_to_another() -> None:
    desk = Desk()
    dead, other = desk.dispatcher.join(Limits()), desk.dispatcher.join(Limits())
    desk.dispatcher.ready(Kind.ACTIVITY, "a")
    lost = await dead.take()

    dead.die()

    assert key_of(await other.take()) == "a"
    assert desk.dispatcher.finish(lost.completionToken) is None


async def test_a_limit_of_one_kind_does_not_hold_up_another() -> None:
    desk = Desk()
    worker = desk.dispatcher.join(Limits(activities=1))
    for key in ("a", "b"):
        desk.dispatcher.ready(Kind.ACTIVITY, key)
    desk.dispatcher.ready(Kind.ORCHESTRATION, "c")

    assert [key_of(await worker.take()) for _ in range(2)] == ["a", "c"]


async def test_two_waiting_workers_share_what_becomes_ready() -> None:
    desk = Desk()
    workers = [desk.dispatcher.join(Limits()) for _ in range(2)]
    takes = [asyncio.create_task(worker.take()) for worker in workers]
    await asyncio.sleep(0)
    for number in range(4):
        desk.dispatcher.ready(Kind.ORCHESTRATION, f"i{number}")

    desk.dispatcher.pump()
    await asyncio.gather(*takes)

    assert all(worker.tokens for worker in workers)


async def test_a_dispatcher_is_busy_until_all_work_is_finished() -> None:
    desk = Desk()
    desk.nothing_to_do = {"b"}
    worker = desk.dispatcher.join(Limits())
    desk.dispatcher.ready(Kind.ORCHESTRATION, "a")
    desk.dispatcher.ready(Kind.ORCHESTRATION, "b")
    item = await worker.take()
    taking = asyncio.create_task(worker.take())
    await asyncio.sleep(0)
    was_busy = desk.dispatcher.is_busy

    lease = desk.dispatcher.finish(item.completionToken)
    assert lease is not None
    desk.dispatcher.release(lease)
    desk.dispatcher.pump()

    assert was_busy
    assert not desk.dispatcher.is_busy
    assert desk.idle_calls == 1
    taking.cancel()


async def test_work_that_turns_out_to_be_nothing_leaves_the_dispatcher_idle() -> None:
    desk = Desk()
    desk.nothing_to_do = {"a"}
    worker = desk.dispatcher.join(Limits())
    desk.dispatcher.ready(Kind.ORCHESTRATION, "a")

    taking = asyncio.create_task(worker.take())
    await asyncio.sleep(0)

    assert not desk.dispatcher.is_busy
    assert desk.idle_calls == 1
    taking.cancel()


async def test_closing_ends_those_who_wait_and_those_who_come_later() -> None:
    desk = Desk()
    worker = desk.dispatcher.join(Limits())
    taking = asyncio.create_task(worker.take())
    await asyncio.sleep(0)

    desk.dispatcher.close(HubClosed())

    for take in (taking, worker.take()):
        with pytest.raises(HubClosed):
            await take
