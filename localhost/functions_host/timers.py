"""The timer door: runs timer functions when they are due, also the run that a stopped host missed.

Source: the behaviour of Azure's timer trigger. One run at a time per function; runs that come due
meanwhile are skipped; a run that came due while the host was down is made up once, past due.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from localhost.functions_host.host_json import resolve
from localhost.functions_host.host_store import HostStore, TimerStatus
from localhost.functions_host.invocations import (
    Answer,
    Invocation,
    Kind,
    WorkerLost,
    new_invocation_id,
)
from localhost.functions_host.ncrontab import Schedule, parse_schedule
from localhost.functions_host.retry_policies import RetryPolicy
from localhost.functions_host.startup import StartupError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from localhost.functions_host.invocations import FunctionDescription
    from localhost.functions_host.lifecycle_spans import Spans
    from localhost.functions_host.worker_pool import WorkerPool

_log = logging.getLogger("host.timers")

MONITORED_FROM = timedelta(minutes=1)
"""Schedules that recur more often than this are not monitored unless they ask for it."""

SLEEP_SECONDS_MAX = 3600.0
"""Long waits are taken in pieces, so that a changed system clock is noticed."""


class Timer:
    """One timer function and its schedule.

    Raises:
        StartupError: naming the function whose schedule cannot be read.
    """

    def __init__(self, function: FunctionDescription, settings: Mapping[str, str]) -> None:
        trigger = function.trigger
        self.function = function
        try:
            text = resolve(str(trigger["schedule"]), settings)
            zone = settings.get("WEBSITE_TIME_ZONE")
            self.schedule: Schedule = parse_schedule(text, ZoneInfo(zone) if zone else None)
            self.retry = RetryPolicy.read(function.retry)
        except (ValueError, ZoneInfoNotFoundError) as error:
            msg = f"the function '{function.name}' has a schedule that cannot be used: {error}"
            raise StartupError(msg) from error
        self.runs_on_startup = bool(trigger.get("runOnStartup"))
        monitor = trigger.get("useMonitor")
        self.is_monitored = self._is_slow() if monitor is None else bool(monitor)

    def _is_slow(self) -> bool:
        first = self.schedule.next_after(datetime.now(UTC))
        return self.schedule.next_after(first) - first >= MONITORED_FROM

    def missed(self, status: TimerStatus | None, now: datetime) -> datetime | None:
        """The occurrence that no host ran, or None.

        A schedule that was changed since counts from when the old one was last reckoned.
        """
        if status is None or not self.is_monitored:
            return None
        due = min(status.next, self.schedule.next_after(status.last or status.updated))
        return due if due < now else None


class Timers:
    """Runs every timer function of the application."""

    def __init__(
        self,
        functions: Iterable[FunctionDescription],
        settings: Mapping[str, str],
        store: HostStore,
        pool: WorkerPool,
        spans: Spans,
    ) -> None:
        self.timers = [Timer(each, settings) for each in functions if each.kind == "timerTrigger"]
        self._store = store
        self._pool = pool
        self._spans = spans
        self._tasks: list[asyncio.Task[None]] = []
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    def start(self) -> None:
        """Begin to watch the clock."""
        self._tasks = [asyncio.create_task(self._watch(timer)) for timer in self.timers]
        for task in self._tasks:
            task.add_done_callback(_report)

    async def stop(self) -> None:
        """Start no more runs, and let those under way end."""
        self._stopping.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._running, return_exceptions=True)

    async def run_now(self, name: str) -> bool:
        """Run a timer function by hand; answers whether there is one of this name."""
        for timer in self.timers:
            if timer.function.name.lower() == name.lower():
                await self._run(timer, datetime.now(UTC), is_past_due=False)
                return True
        return False

    async def _watch(self, timer: Timer) -> None:
        now = datetime.now(UTC)
        name = timer.function.name
        status = self._store.timer_status(name) if timer.is_monitored else None
        missed = timer.missed(status, now)
        if missed is not None or timer.runs_on_startup:
            await self._finish(self._run(timer, missed or now, is_past_due=missed is not None))
        elif status is None:
            self._keep(timer, TimerStatus(None, timer.schedule.next_after(now), now))
        due = timer.schedule.next_after(datetime.now(UTC))
        while True:
            wait = (due - datetime.now(UTC)).total_seconds()
            if wait > 0:
                await asyncio.sleep(min(wait, SLEEP_SECONDS_MAX))
                continue
            await self._finish(self._run(timer, due, is_past_due=False))
            due = timer.schedule.next_after(max(due, datetime.now(UTC)))

    async def _finish(self, run: Any) -> None:
        """Await a run in a task of its own, so that stop() cancels the watch and not the run."""
        task: asyncio.Task[None] = asyncio.create_task(run)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await asyncio.shield(task)

    async def _run(self, timer: Timer, due: datetime, *, is_past_due: bool) -> None:
        name = timer.function.name
        status = TimerStatus(due, timer.schedule.next_after(max(due, datetime.now(UTC))), due)
        payload = _timer_info(
            timer, self._store.timer_status(name), status, is_past_due=is_past_due
        )
        for attempt in timer.retry.attempts():
            if await self._attempt(timer, payload, attempt) or timer.retry.is_last(attempt):
                break
            if not await timer.retry.goes_on(attempt, self._stopping):
                return  # The next host makes it up.
        self._keep(timer, status)

    def _keep(self, timer: Timer, status: TimerStatus) -> None:
        if timer.is_monitored:
            try:
                self._store.keep_timer_status(timer.function.name, status)
            except sqlite3.OperationalError as error:
                _log.error("The run of '%s' could not be noted: %s", timer.function.name, error)

    async def _attempt(self, timer: Timer, payload: str, attempt: int) -> bool:
        """Run the function once; answers whether it succeeded."""
        name = timer.function.name
        with self._spans.around(name, name) as span:
            invocation = Invocation(
                *(new_invocation_id(), name, Kind.TIMER, payload, None, span.traceparent, ""),
                retry_count=attempt,
                retry_count_max=timer.retry.count_max,
            )
            fields = {"function": name, "invocation_id": invocation.id}
            try:
                answer = await self._pool.invoke(invocation)
            except WorkerLost as lost:
                answer = Answer(ok=False, error=str(lost))
            if answer.ok:
                _log.info("The timer ran", extra=fields)
            else:
                span.failed(answer.error)
                _log.error("The timer's run failed: %s", answer.error, extra=fields)
        return answer.ok


def _report(watch: asyncio.Task[None]) -> None:
    """Say so where a watch ended by itself: its function will not run any more."""
    if not watch.cancelled() and watch.exception() is not None:
        _log.critical("A timer is not watched any more", exc_info=watch.exception())


def _timer_info(
    timer: Timer, before: TimerStatus | None, after: TimerStatus, *, is_past_due: bool
) -> str:
    """What the function receives: TimerInfo as the host serializes it."""
    last = before.last if before and before.last else None
    return json.dumps(
        {
            "Schedule": {"AdjustForDST": timer.schedule.adjusts_for_daylight_saving},
            "ScheduleStatus": {
                "Last": last.isoformat() if last else "0001-01-01T00:00:00+00:00",
                "Next": after.next.isoformat(),
                "LastUpdated": (last or after.updated).isoformat(),
            },
            "IsPastDue": is_past_due,
        }
    )
