"""Time as an argument of the hub: the machine's clock, or a virtual one that jumps when idle."""

from __future__ import annotations

import asyncio
import heapq
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

# The event loop counts monotonic seconds. Waking at least this often keeps a long wait true to the
# wall clock after the machine slept or its clock was set.
WAIT_SECONDS_MAX = 300.0

# So many turns of the event loop must pass in quiet before virtual time jumps, so that whoever was
# woken by the last result can ask for more first.
QUIET_TURNS = 5


class Alarm(Protocol):
    """A call that will come, unless it is cancelled."""

    def cancel(self) -> None:
        """Do not call."""


class Clock(Protocol):
    """What the hub asks of time."""

    def now(self) -> datetime:
        """The present, in UTC."""

    def call_at(self, due: datetime, wake: Callable[[], None]) -> Alarm:
        """Call `wake` on the running event loop at `due`, or at once where that has passed.

        An early call is allowed: the caller looks at the time again.
        """

    async def sleep_until(self, due: datetime) -> None:
        """Return at `due`."""

    def watch(self, is_busy: Callable[[], bool]) -> None:
        """Ask `is_busy` before time may jump; the machine's clock never jumps."""

    def settled(self) -> None:
        """Hear that somebody who was busy is idle now."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)

    def call_at(self, due: datetime, wake: Callable[[], None]) -> Alarm:
        """Call `wake` on the running event loop at `due`, or earlier for a long wait."""
        delay = (due - self.now()).total_seconds()
        return asyncio.get_running_loop().call_later(min(max(delay, 0), WAIT_SECONDS_MAX), wake)

    async def sleep_until(self, due: datetime) -> None:
        """Return at `due`."""
        while (delay := (due - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - not polling
            await asyncio.sleep(min(delay, WAIT_SECONDS_MAX))

    def watch(self, is_busy: Callable[[], bool]) -> None:
        """Ignore it: this clock never jumps."""

    def settled(self) -> None:
        """Ignore it: this clock never jumps."""


class VirtualClock:
    """Stands still while anybody is busy, and jumps to the next alarm when all are idle.

    Hubs and drivers register with `watch`; `settled` tells the clock to look again. Alarms ring in
    the order in which they are due, those of one moment in the order in which they were set.
    """

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = start
        self._alarms: list[tuple[datetime, int, _VirtualAlarm]] = []
        self._numbers = count()
        self._watched: list[Callable[[], bool]] = []
        self._holds = 0
        self._quiet_turns = 0
        self._is_looking = False

    def now(self) -> datetime:
        """The present, in UTC."""
        return self._now

    def call_at(self, due: datetime, wake: Callable[[], None]) -> Alarm:
        """Call `wake` when time has jumped to `due`."""
        alarm = _VirtualAlarm(wake)
        heapq.heappush(self._alarms, (due, next(self._numbers), alarm))
        self.settled()
        return alarm

    async def sleep_until(self, due: datetime) -> None:
        """Return when time has jumped to `due`."""
        if due <= self._now:
            return
        woken = asyncio.get_running_loop().create_future()
        alarm = self.call_at(due, lambda: None if woken.done() else woken.set_result(None))
        try:
            await woken
        finally:
            alarm.cancel()

    def watch(self, is_busy: Callable[[], bool]) -> None:
        """Time may not jump while `is_busy()` holds."""
        self._watched.append(is_busy)

    def unwatch(self, is_busy: Callable[[], bool]) -> None:
        """Forget a watched party, such as a hub that crashed in a simulation."""
        self._watched = [watched for watched in self._watched if watched != is_busy]
        self.settled()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep time still inside the block, such as between two calls of a test's client."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1
            self.settled()

    def settled(self) -> None:
        """Look whether time may jump, once the event loop has been quiet for a few turns."""
        self._quiet_turns = 0
        if not self._is_looking:
            self._is_looking = True
            asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        self._is_looking = False
        if self._holds or not self._alarms or any(is_busy() for is_busy in self._watched):
            return
        self._quiet_turns += 1
        if self._quiet_turns < QUIET_TURNS:
            self._is_looking = True
            asyncio.get_running_loop().call_soon(self._look)
            return
        self._jump()

    def _jump(self) -> None:
        while self._alarms and self._alarms[0][2].is_cancelled:
            heapq.heappop(self._alarms)
        if not self._alarms:
            return
        due = self._alarms[0][0]
        self._now = max(self._now, due)
        while self._alarms and self._alarms[0][0] == due:
            heapq.heappop(self._alarms)[2].ring()
        self.settled()


class _VirtualAlarm:
    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True

    def ring(self) -> None:
        if not self.is_cancelled:
            self._wake()


def micros_of(moment: datetime) -> int:
    """Microseconds since 1970 in UTC, the hub's unit of time in its database."""
    return (moment - EPOCH) // MICROSECOND


def moment_of(micros: int) -> datetime:
    """The moment so many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=micros)
