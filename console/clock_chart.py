"""The clock of a case as a chart: its moments on one line, in thousandths of the line."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.times import TimeLeft, moment, time_left, zone_of
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.deadlines import DecisionClock

LINE = 1000


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the chart.

    Attributes:
        kind: "received", "warning", "alert", "due", "now" or "decided".
        place: from the left, 0 to LINE.
    """

    kind: str
    name: str
    at: datetime
    place: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the line, such as a time in which the clock stands still."""

    start: int
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A clock, drawn.

    Attributes:
        used: the part of the line that has passed.
        left: how much time is left; None once the case is settled.
        summary: the chart in a sentence, for who cannot see it.
    """

    marks: tuple[Mark, ...]
    pauses: tuple[Stretch, ...]
    used: Stretch
    left: TimeLeft | None
    summary: str
    stands_still: bool
    zone: str


def draw_clock(case: Case, now: datetime) -> Chart | None:
    """The chart of a case's clock; None for a case that never had one."""
    clock = case.clock
    if clock is None:
        return None
    stopped = case.decided_at if not case.is_pended else None
    reached = stopped or now
    end = max(clock.due_at, reached)

    def place(at: datetime) -> int:
        whole = end - clock.received_at or timedelta(seconds=1)
        return min(LINE, max(0, round((at - clock.received_at) / whole * LINE)))

    moments = [*_moments(clock), _reached(stopped, now)]
    marks = tuple(
        Mark(kind, name, at, place(at))
        for kind, name, at in sorted(moments, key=lambda one: one[2])
    )
    pauses = tuple(
        Stretch(place(pause.started_at), place(pause.over_at) - place(pause.started_at))
        for pause in clock.pauses
    )
    left = time_left(clock.due_at, now, soon_at=clock.warn_at) if case.is_pended else None
    zone = zone_of(case)
    return Chart(
        marks=marks,
        pauses=pauses,
        used=Stretch(0, place(reached)),
        left=left,
        summary="; ".join(f"{mark.name} {moment(mark.at, zone)}" for mark in marks),
        stands_still=clock.open_pause is not None,
        zone=zone,
    )


def _moments(clock: DecisionClock) -> Iterator[tuple[str, str, datetime]]:
    yield "received", "Received", clock.received_at
    yield "warning", "Warning", clock.warn_at
    if clock.alert_at < clock.due_at:
        yield "alert", "Alert: decide by", clock.alert_at
    yield "due", "Deadline", clock.due_at


def _reached(stopped: datetime | None, now: datetime) -> tuple[str, str, datetime]:
    return ("decided", "Decided", stopped) if stopped else ("now", "Now", now)
