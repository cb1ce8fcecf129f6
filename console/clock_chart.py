"""The clock of a case as a chart: its moments on one line, in thousandths of the line."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.times import TimeLeft, clock_left, moment, zone_of
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.deadlines import DecisionClock

LINE = 1000
ONE_SECOND = timedelta(seconds=1)


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


def draw_clock(
    clock: DecisionClock, now: datetime, *, zone: str, decided_at: datetime | None = None
) -> Chart:
    """The chart of a clock; decided_at is when what it measures was settled, if it is."""
    reached = decided_at or now
    end = max(clock.due_at, reached)
    whole = max(end - clock.received_at, ONE_SECOND)

    def place(at: datetime) -> int:
        return min(LINE, max(0, round((at - clock.received_at) / whole * LINE)))

    last = ("decided", "Decided", reached) if decided_at else ("now", "Now", reached)
    moments = sorted([*_moments(clock), last], key=lambda moment: moment[2])
    marks = tuple(Mark(kind, name, at, place(at)) for kind, name, at in moments)
    pauses = tuple(
        Stretch(place(pause.started_at), place(pause.over_at) - place(pause.started_at))
        for pause in clock.pauses
    )
    return Chart(
        marks=marks,
        pauses=pauses,
        used=Stretch(0, place(reached)),
        left=None if decided_at else clock_left(clock, now),
        summary="; ".join(f"{mark.name} {moment(mark.at, zone)}" for mark in marks),
        stands_still=not decided_at and clock.open_pause is not None,
        zone=zone,
    )


def draw_case_clock(case: Case, now: datetime) -> Chart | None:
    """The chart of a case's clock; None for a case that never had one."""
    if case.clock is None:
        return None
    decided_at = None if case.is_pended else case.decided_at
    return draw_clock(case.clock, now, zone=zone_of(case), decided_at=decided_at)


def _moments(clock: DecisionClock) -> Iterator[tuple[str, str, datetime]]:
    yield "received", "Received", clock.received_at
    yield "warning", "Warning", clock.warn_at
    if clock.alert_at < clock.due_at:
        yield "alert", "Alert: decide by", clock.alert_at
    yield "due", "Deadline", clock.due_at
