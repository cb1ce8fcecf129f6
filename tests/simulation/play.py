"""Plays one part of the year to its end."""

import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from localhost.taskhub.clock import VirtualClock
from tests.simulation.diary import Diary
from tests.simulation.payer import Arrivals, PayerMaker, in_memory
from tests.simulation.people import provider_life
from tests.simulation.plan import YEAR_BEGINS, plans
from tests.simulation.registers import registers
from tests.simulation.world import World

SWEEPS_AFTERWARDS = timedelta(days=400)  # Until the last authorization has ended.


@dataclass(frozen=True, kw_only=True)
class Played:
    """A part of the year that is over."""

    world: World
    post: Arrivals
    diaries: tuple[Diary, ...]
    sweep_every: timedelta


async def play(
    seed: int,
    part: int,
    cases: int,
    *,
    make_payer: PayerMaker = in_memory,
    sweep_every: timedelta = timedelta(hours=1),
    progress: bool = False,
) -> Played:
    """Play a part of the year: every case to its end, or to where only a person moves it."""
    clock = VirtualClock(YEAR_BEGINS)
    known = registers(Random(f"{seed}/{part}/registers"), part=part, cases=cases)
    payer = await make_payer(seed, clock, known)
    world = await World.open(clock, payer.outside, payer.make_doors)
    diaries = tuple(Diary(plan) for plan in plans(seed, part, cases, known))
    caretaker = Caretaker(world, sweep_every, progress=progress)
    with clock.held():
        world.send_out(_arrivals(world, diaries))
        world.send_out(caretaker.life())
    await world.at_rest()
    if payer.collect:
        await payer.collect(tuple(diary.case_id for diary in diaries))
    return Played(world=world, post=payer.post, diaries=diaries, sweep_every=sweep_every)


async def _arrivals(world: World, diaries: tuple[Diary, ...]) -> None:
    """Everybody begins to live when his request is due."""
    for diary in diaries:
        await world.sleep_until(diary.plan.arrives_at)
        world.send_out(provider_life(world, diary))


@dataclass(slots=True)
class Caretaker:
    """The sweep, until the last of the others has come home, and a while more."""

    world: World
    sweep_every: timedelta
    progress: bool

    async def life(self) -> None:
        """Sweep, every so often."""
        began, shown, last = time.monotonic(), "", None
        while True:
            await self.world.sleep(self.sweep_every)
            await self.world.doors.sweep()
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
