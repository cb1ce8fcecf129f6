"""Gathering: news of one instance that come about together are told in one turn.

A turn replays the history, so that the results of three parallel activities cost a third in one
turn of what they cost in three.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from localhost.taskhub.dispatch import Dispatcher, Kind

if TYPE_CHECKING:
    from localhost.taskhub.clock import Alarm, Clock

WAIT_MAX = timedelta(milliseconds=50)


class Gathering:
    """Makes instances ready for a turn, at once or when their news have gathered."""

    def __init__(self, clock: Clock, dispatcher: Dispatcher) -> None:
        self._clock = clock
        self._dispatcher = dispatcher
        self._alarms: dict[str, Alarm] = {}

    def ready(self, instance: str) -> None:
        """There are news, and none that they should wait for."""
        alarm = self._alarms.pop(instance, None)
        if alarm is not None:
            alarm.cancel()
        self._dispatcher.ready(Kind.ORCHESTRATION, instance)

    def ready_soon(self, instance: str) -> None:
        """There are news, and more under way: both make one turn if they come within WAIT_MAX."""
        if instance not in self._alarms:
            due = self._clock.now() + WAIT_MAX
            self._alarms[instance] = self._clock.call_at(due, lambda: self._wait_is_over(instance))

    def stop(self) -> None:
        """Make nothing ready any more; what waited stands in the tables."""
        for alarm in self._alarms.values():
            alarm.cancel()
        self._alarms.clear()

    def _wait_is_over(self, instance: str) -> None:
        self.ready(instance)
        self._dispatcher.pump()
