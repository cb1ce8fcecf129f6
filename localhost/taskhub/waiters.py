"""Clients that wait for an instance to start or to end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

from contextlib import contextmanager


@dataclass(eq=False, slots=True)
class _Waiter:
    statuses: frozenset[int]
    done: asyncio.Future[None]


class Waiters:
    """Wakes whoever waits for a status, after the commit that brought it."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[_Waiter]] = {}

    @contextmanager
    def waiting_for(
        self, instance: str, statuses: frozenset[int]
    ) -> Iterator[asyncio.Future[None]]:
        """A future that is done once the instance has one of the statuses.

        Enter it before looking at the present status, so that no change slips between.
        """
        waiter = _Waiter(statuses, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(instance, []).append(waiter)
        try:
            yield waiter.done
        finally:
            others = self._waiting[instance]
            others.remove(waiter)
            if not others:
                del self._waiting[instance]

    def notify(self, instance: str, status: int) -> None:
        """The instance has this status now."""
        for waiter in self._waiting.get(instance, ()):
            if status in waiter.statuses and not waiter.done.done():
                waiter.done.set_result(None)
