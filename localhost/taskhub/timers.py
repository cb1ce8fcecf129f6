"""Timers: what is due at a time, kept in order of time, fired in that order."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from localhost.taskhub.clock import micros_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from localhost.taskhub.clock import Alarm
    from localhost.taskhub.store import Store

FIRED_MAX = 500
DUE_MAX = micros_of(datetime.max.replace(tzinfo=UTC))


class TimerKind(IntEnum):
    """What a timer does when it fires."""

    TIMER = 0  # Tells a generation that its timer fired.
    START = 1  # Makes an instance ready that was to start later.
    SIGNAL = 2  # Delivers a signal to an entity.


class Timer(NamedTuple):
    """One row: `due` in microseconds since 1970, then whom it tells what."""

    due: int
    number: int
    kind: TimerKind
    target: str
    generation: int | None = None
    task: int | None = None
    event: bytes | None = None


class Timers:
    """The hub's timers. Only the next moment at which one is due is kept in memory."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._handlers: dict[int, Callable[[Timer], None]] = {}
        self._alarm: Alarm | None = None
        self._next_due: int | None = None
        self._is_stopped = False

    def serve(self, kind: TimerKind, fire: Callable[[Timer], None]) -> None:
        """Call `fire(timer)`, inside a change, for each timer of this kind that is due."""
        self._handlers[kind] = fire

    def set(
        self,
        due: int,
        kind: TimerKind,
        target: str,
        *,
        generation: int | None = None,
        task: int | None = None,
        event: bytes | None = None,
    ) -> None:
        """Inside a change: fire at `due`, unless the generation ends before."""
        timer = Timer(
            max(0, min(due, DUE_MAX)),
            next(self._store.numbers),
            kind,
            target,
            generation,
            task,
            event,
        )
        self._store.db.execute(
            "INSERT INTO timers(due, number, kind, target, generation, task, event) "
            "VALUES(?,?,?,?,?,?,?)",
            timer,
        )
        self._store.journal.after_commit(self._wake_at, timer.due)

    def start(self) -> None:
        """Arrange the first look, when a hub opens."""
        self._wake_at(self._first_due())

    def stop(self) -> None:
        """Wake up no more."""
        self._is_stopped = True
        self._cancel()

    def _cancel(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _wake_at(self, due: int | None) -> None:
        if due is None or self._is_stopped:
            return
        if self._next_due is not None and self._next_due <= due:
            return
        self._cancel()
        self._next_due = due
        self._alarm = self._store.clock.call_at(moment_of(due), self._wake)

    def _wake(self) -> None:
        due, self._alarm, self._next_due = self._next_due, None, None
        if due is not None and due > self._store.now():
            self._wake_at(due)
            return
        self._store.journal.ensure(self._fire)

    def _fire(self) -> None:
        rows = self._store.db.execute(
            "SELECT due, number, kind, target, generation, task, event FROM timers "
            "WHERE due<=? ORDER BY due, number LIMIT ?",
            (self._store.now(), FIRED_MAX),
        ).fetchall()
        for row in rows:
            timer = Timer(*row)
            self._handlers[timer.kind](timer)
        if rows:
            self._store.db.execute("DELETE FROM timers WHERE (due, number)<=(?,?)", rows[-1][:2])
        self._store.journal.after_commit(self._wake_at, self._first_due())

    def _first_due(self) -> int | None:
        due: int | None = self._store.db.execute("SELECT min(due) FROM timers").fetchone()[0]
        return due
