"""Who gets which work next: queues of ready work, the workers that take it, and what they hold.

The queues live in memory only and are filled again from the tables when a hub opens. An instance
or entity is in one worker's hands at a time; news that arrive meanwhile make it ready again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import durabletask.internal.orchestrator_service_pb2 as pb


class Kind(IntEnum):
    """The three kinds of work item."""

    ORCHESTRATION = 0
    ENTITY = 1
    ACTIVITY = 2


type Key = str | tuple[int, int]

HANDED_MAX = 64


@dataclass(frozen=True)
class Limits:
    """How many items of each kind one worker holds at once; 0 is without limit."""

    orchestrations: int = 0
    activities: int = 0
    entities: int = 0


@dataclass(slots=True)
class Claim:
    """A work item ready to hand over, and what the room that made it must remember about it."""

    token: str
    item: pb.WorkItem
    memory: Any = None


@dataclass(slots=True)
class Lease:
    """A work item in a worker's hands."""

    kind: Kind
    key: Key
    worker: Worker
    memory: Any


class Worker:
    """One consumer of work items, until it leaves.

    Attributes:
        tokens: what it holds, by completion token.
    """

    def __init__(self, dispatcher: Dispatcher, limits: Limits) -> None:
        self._dispatcher = dispatcher
        self._most = (limits.orchestrations, limits.entities, limits.activities)
        self._held = [0, 0, 0]
        self.tokens: set[str] = set()
        self.waiting: asyncio.Future[None] | None = None
        self.ready: deque[pb.WorkItem] = deque()

    async def take(self) -> pb.WorkItem:
        """Wait for the next item.

        Raises:
            HubClosed: the hub was closed.
        """
        return await self._dispatcher.take(self)

    def leave(self) -> None:
        """Take no more. What was taken stays with it until completed or abandoned."""
        self._dispatcher.leave(self)

    def die(self) -> None:
        """Take no more, and give back what it holds."""
        self._dispatcher.leave(self)
        for token in sorted(self.tokens):
            self._dispatcher.abandon(token)

    def has_room_for(self, kind: Kind) -> bool:
        """Whether it may hold one more of this kind."""
        most = self._most[kind]
        return not most or self._held[kind] < most

    def hold(self, kind: Kind, token: str) -> None:
        """Count an item that it was given."""
        self._held[kind] += 1
        self.tokens.add(token)

    def let_go(self, kind: Kind, token: str) -> None:
        """Count an item that it finished or gave back."""
        self._held[kind] -= 1
        self.tokens.discard(token)


class Dispatcher:
    """Hands ready work to waiting workers, oldest first.

    Args:
        can_claim: whether the database may be read now.
        on_idle: called whenever work was finished and none is left.
    """

    def __init__(self, can_claim: Callable[[], bool], on_idle: Callable[[], None]) -> None:
        self._can_claim = can_claim
        self._on_idle = on_idle
        self._claims: dict[Kind, Callable[[Any], Claim | None]] = {}
        self._queues: tuple[deque[tuple[int, Key]], ...] = (deque(), deque(), deque())
        self._queued: set[Key] = set()
        self._held: set[Key] = set()
        self._again: set[Key] = set()
        self._leases: dict[str, Lease] = {}
        self._workers: deque[Worker] = deque()
        self._arrivals = count()
        self._closed_because: Exception | None = None

    def serve(self, kind: Kind, claim: Callable[[Any], Claim | None]) -> None:
        """Use `claim(key)` to make items of this kind; it may find that there is nothing to do."""
        self._claims[kind] = claim

    @property
    def is_busy(self) -> bool:
        """Whether work is in somebody's hands or waits for them."""
        return bool(self._held or self._queued)

    def is_held(self, key: Key) -> bool:
        """Whether the instance, entity or activity is in a worker's hands."""
        return key in self._held

    def ready(self, kind: Kind, key: Key) -> None:
        """There is work for this key, now or when it comes back from its worker."""
        if key in self._held:
            self._again.add(key)
        elif key not in self._queued:
            self._queued.add(key)
            self._queues[kind].append((next(self._arrivals), key))

    def finish(self, token: str) -> Lease | None:
        """Take a work item back from its worker; None where nobody holds it any more.

        Its key stays held until `release`, so that nothing is claimed before the commit.
        """
        lease = self._leases.pop(token, None)
        if lease is not None:
            lease.worker.let_go(lease.kind, token)
        return lease

    def release(self, lease: Lease) -> None:
        """The finished item's outcome is committed: its key is free for the next one."""
        self._held.discard(lease.key)
        if lease.key in self._again:
            self._again.discard(lease.key)
            self.ready(lease.kind, lease.key)

    def abandon(self, token: str) -> None:
        """Put an item back into the queue: its worker will not finish it."""
        lease = self.finish(token)
        if lease is not None:
            self.give_back(lease)

    def give_back(self, lease: Lease) -> None:
        """Make a finished item ready again: its outcome could not be kept."""
        self._again.add(lease.key)
        self.release(lease)
        self.pump()

    def join(self, limits: Limits) -> Worker:
        """A new worker that will take items."""
        worker = Worker(self, limits)
        self._workers.append(worker)
        return worker

    def leave(self, worker: Worker) -> None:
        """The worker takes no more; what it did not take yet goes back into the queue."""
        if worker in self._workers:
            self._workers.remove(worker)
        while worker.ready:
            self.abandon(worker.ready.popleft().completionToken)

    async def take(self, worker: Worker) -> pb.WorkItem:
        """Wait for the worker's next item."""
        while not worker.ready:
            if self._closed_because is not None:
                raise self._closed_because
            if self._can_claim():
                self._fill(worker)
            if not worker.ready:
                self._tell_if_idle()  # What was ready may have turned out to be nothing to do.
                worker.waiting = asyncio.get_running_loop().create_future()
                try:
                    await worker.waiting
                finally:
                    worker.waiting = None
        return worker.ready.popleft()

    def close(self, reason: Exception) -> None:
        """Tell whoever waits for work, or asks for it later, that there will be none."""
        self._closed_because = reason
        for worker in self._workers:
            if worker.waiting is not None and not worker.waiting.done():
                worker.waiting.set_exception(reason)

    def pump(self) -> None:
        """Hand out what is ready, in turn to each worker that waits."""
        if self._can_claim():
            self._workers.rotate()
            for worker in self._workers:
                if worker.waiting is not None and not worker.waiting.done():
                    self._fill(worker)
                    if worker.ready:
                        worker.waiting.set_result(None)
        self._tell_if_idle()

    def _tell_if_idle(self) -> None:
        if not self.is_busy:
            self._on_idle()

    def _fill(self, worker: Worker) -> None:
        """Claim items for a worker that asks for one.

        Several at once, since none can be claimed while a commit is under way, but no more than
        its share of what is ready.
        """
        share = sum(map(len, self._queues)) // max(len(self._workers), 1) + 1
        for _ in range(min(share, HANDED_MAX)):
            claim = self._claim_for(worker)
            if claim is None:
                return
            worker.ready.append(claim.item)

    def _claim_for(self, worker: Worker) -> Claim | None:
        while (kind := self._next_kind(worker)) is not None:
            _, key = self._queues[kind].popleft()
            self._queued.discard(key)
            claim = self._claims[kind](key)
            if claim is not None:
                self._held.add(key)
                self._leases[claim.token] = Lease(kind, key, worker, claim.memory)
                worker.hold(kind, claim.token)
                return claim
        return None

    def _next_kind(self, worker: Worker) -> Kind | None:
        """The kind whose first item has waited longest, among those that the worker has room for.

        Kinds take turns by age, so that no kind starves another.
        """
        oldest, choice = None, None
        for kind in Kind:
            queue = self._queues[kind]
            if queue and worker.has_room_for(kind) and (oldest is None or queue[0][0] < oldest):
                oldest, choice = queue[0][0], kind
        return choice
