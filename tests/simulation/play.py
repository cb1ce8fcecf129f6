"""Plays one part of the year to its end."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from localhost.taskhub.clock import VirtualClock
from shared.adapters.memory.attachments import MemoryAttachmentStore
from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.directories import (
    MemoryMemberDirectory,
    MemoryProviderDirectory,
    MemoryReviewerDirectory,
)
from shared.adapters.memory.subscriptions import MemorySubscriptionStore
from shared.adapters.messaging.template_letters import TemplateLetters
from shared.adapters.rules.file_rule_book import FileRuleBook
from shared.domain.prior_authorization.notice_matrix import Channel as ChannelWord
from shared.domain.prior_authorization.outgoing import EVENT_CHANNEL
from shared.ports.case_store import CaseStore
from tests.simulation import doors
from tests.simulation.diary import Diary
from tests.simulation.people import provider_life
from tests.simulation.plan import YEAR_BEGINS, plans
from tests.simulation.post import Post
from tests.simulation.registers import registers
from tests.simulation.world import Outside, World

SWEEPS_AFTERWARDS = timedelta(days=400)  # Until the last authorization has ended.

type StoreMaker = Callable[[VirtualClock], CaseStore]


@dataclass(frozen=True, kw_only=True)
class Played:
    """A part of the year that is over."""

    world: World
    post: Post
    diaries: tuple[Diary, ...]
    incidents: int


async def play(
    seed: int,
    part: int,
    cases: int,
    *,
    make_store: StoreMaker = MemoryCaseStore,
    sweep_every: timedelta = timedelta(hours=1),
    progress: bool = False,
) -> Played:
    """Play a part of the year: every case to its end, or to where only a person moves it."""
    clock = VirtualClock(YEAR_BEGINS)
    known = registers(Random(f"{seed}/{part}/registers"), part=part, cases=cases)
    post = Post(seed)
    outside = Outside(
        cases=make_store(clock),
        attachments=MemoryAttachmentStore(),
        subscriptions=MemorySubscriptionStore(),
        members=MemoryMemberDirectory((*known.members, known.left)),
        providers=MemoryProviderDirectory((*known.providers, known.excluded)),
        reviewers=MemoryReviewerDirectory(known.reviewers),
        rules=FileRuleBook(),
        channels=dict.fromkeys((*ChannelWord, EVENT_CHANNEL), post),
        letters=TemplateLetters(),
        clock=clock,
    )
    world = await World.open(clock, outside)
    diaries = tuple(Diary(plan) for plan in plans(seed, part, cases, known))
    caretaker = Caretaker(world, sweep_every, progress=progress)
    with clock.held():
        world.send_out(_arrivals(world, diaries))
        world.send_out(caretaker.life())
    await world.at_rest()
    return Played(world=world, post=post, diaries=diaries, incidents=caretaker.incidents)


async def _arrivals(world: World, diaries: tuple[Diary, ...]) -> None:
    """Everybody begins to live when his request is due."""
    for diary in diaries:
        await world.sleep_until(diary.plan.arrives_at)
        world.send_out(provider_life(world, diary))


@dataclass(slots=True)
class Caretaker:
    """The sweep and the engineer, until the last of the others has come home, and a while more.

    Attributes:
        incidents: how many the engineer repaired.
    """

    world: World
    sweep_every: timedelta
    progress: bool
    incidents: int = field(default=0)

    async def life(self) -> None:
        """Sweep and repair, every so often."""
        began, shown, last = time.monotonic(), "", None
        while True:
            await self.world.sleep(self.sweep_every)
            await doors.sweep(self.world)
            self.incidents += await doors.repair(self.world)
            now = self.world.clock.now()
            if self.world.people_out > 1:
                last = None
            elif last is None:
                last = now + SWEEPS_AFTERWARDS
            elif now >= last:
                return
            if self.progress and (month := f"{now:%Y-%m}") != shown:
                shown = month
                took = time.monotonic() - began
                sys.stderr.write(f"  {month}: {took:.0f} s\n")
