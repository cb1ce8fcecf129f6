"""The course that a case's appeals should have taken, told anew from the diary and the rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

from tests.simulation.course import Course
from tests.simulation.diary import Deed, Kind
from tests.simulation.oracle import Stand, first_instant_of, local_day

NOT_OFFERED = "at this level the law keeps no care going"
NOT_AUTHORIZED = "no care was authorized before that could go on"
TOO_LATE = "it was asked for too late"
ENDS = frozenset({Kind.APPEAL_DECIDED, Kind.APPEAL_WITHDRAWN})
SILENCE_OPENS = frozenset({"adverse", "denial notice", "exhausted"})


@dataclass(frozen=True, slots=True)
class Expected:
    """What the record of one appeal should say.

    Attributes:
        aid: "continues", the words of its refusal, or "" where none was asked for.
    """

    level: int
    outcome: str
    due_at: datetime | None
    is_forwarded: bool
    is_breached: bool
    aid: str
    extensions: int


@dataclass(frozen=True, slots=True)
class _Open:
    """The level that is open to the member, and the notice from which its window is counted."""

    level: int
    notice_at: datetime
    is_first: bool = False


async def follow_appeals(course: Course) -> None:
    """Say of every filing whether it had to be taken, and what had to come of it."""
    filings = [
        deed for deed in course.diary.deeds if deed.kind in {Kind.APPEALED, Kind.APPEAL_REFUSED}
    ]
    after: _Open | None = None
    for filed, later in zip_longest(filings, filings[1:]):
        open_level = after or await _first(course, filed)
        is_in_time = await _is_in_time(course, open_level, filed)
        if is_in_time != (filed.kind is Kind.APPEALED):
            word = "refused" if is_in_time else "taken"
            course.complaints.append(f"an appeal was {word} at {filed.at}")
        if open_level is None or filed.kind is Kind.APPEAL_REFUSED:
            continue
        taken = later if later and later.kind is Kind.APPEALED else None
        after = await _follow(course, filed, open_level, taken)


async def _first(course: Course, filed: Deed) -> _Open | None:
    """What the first appeal stands on: the decision, or the silence that the law lets speak."""
    if filed.at >= (course.first_decided_at or filed.at + timedelta(days=1)):
        settled = course.settled_before(filed.at)
        return _Open(1, settled, is_first=True) if settled else None
    breach = next((each for each in course.breaches if each[0] <= filed.at), None)
    if breach is None or breach[1] not in SILENCE_OPENS:
        return None
    level = 1
    if breach[1] == "exhausted":
        while (await _row(course, level, filed, filed.at))["decided by"] == "plan":
            level += 1
    return _Open(level, breach[0], is_first=True)


async def _is_in_time(course: Course, at_level: _Open | None, filed: Deed) -> bool:
    if at_level is None:
        return False
    row = await _row(course, at_level.level, filed, filed.at)
    days = int(row["file within days"])
    return days > 0 and filed.at < _closes_at(course, at_level.notice_at, days)


def _closes_at(course: Course, notice_at: datetime, days: int) -> datetime:
    zone = _zone(course)
    return first_instant_of(local_day(notice_at, zone) + timedelta(days=days + 1), zone)


async def _follow(
    course: Course, filed: Deed, open_level: _Open, taken_over: Deed | None
) -> _Open | None:
    """Follow an appeal to where nobody forwards it; what is open to the member then."""
    number, at, level = filed.revision, filed.at, open_level.level
    is_forwarded = False
    aid = await _aid(course, filed, open_level)
    await course.tell("appeal received")
    while True:
        row = await _row(course, level, filed, at)
        end = _end_of(course, number, taken_over)
        stand = Stand(row, at, _zone(course)) if int(row["allowed"]) else None
        extensions = await _warn(course, number, stand, end)
        is_late = stand is not None and (end is None or stand.due_at <= end.at)
        is_passed_on = is_late and row["on breach"] == "forwarded"
        course.appeals.append(
            Expected(
                level=level,
                outcome="superseded" if is_passed_on else _outcome(end),
                due_at=stand.due_at if stand else None,
                is_forwarded=is_forwarded,
                is_breached=is_late,
                aid="" if is_forwarded else aid,
                extensions=extensions,
            )
        )
        if is_late:
            await _miss(course, row)
        if is_passed_on:
            assert stand is not None
            at = stand.due_at
        elif end and end.outcome == "upheld" and row["forwards on uphold"]:
            at = _forwarded_at(course, number + 1, end)
        else:
            return await _settle(course, filed, end, row, stand, open_level)
        await course.tell("appeal forwarded")
        number, level, is_forwarded = number + 1, int(row["next level"]), True
        open_level = _Open(level, at)


def _forwarded_at(course: Course, number: int, end: Deed) -> datetime:
    """At once; where no story heard of the decision, when the next body received the appeal."""
    late = course.diary.of(Kind.APPEAL_FORWARDED)
    return next((each.at for each in late if each.revision == number), end.at)


async def _aid(course: Course, filed: Deed, open_level: _Open) -> str:
    if not filed.asks_aid:
        return ""
    row = await _row(course, open_level.level, filed, filed.at)
    days = int(row["aid asked within days"])
    if not days:
        return NOT_OFFERED
    if course.plan.certification == "I" and course.taken_back.isdisjoint(filed.sequences):
        return NOT_AUTHORIZED
    in_time = filed.at < _closes_at(course, open_level.notice_at, days)
    return "continues" if in_time else TOO_LATE


def _end_of(course: Course, number: int, taken_over: Deed | None) -> Deed | None:
    """What ended an appeal: a decision, a withdrawal, or the filing at the next level."""
    ends = [deed for deed in course.diary.deeds if deed.kind in ENDS and deed.revision == number]
    if ends:
        return ends[0]
    is_next = taken_over is not None and taken_over.revision == number + 1
    return taken_over if is_next else None


def _outcome(end: Deed | None) -> str:
    if end is None:
        return "open"
    named = {Kind.APPEALED: "superseded", Kind.APPEAL_WITHDRAWN: "withdrawn"}
    return named.get(end.kind, end.outcome)


async def _warn(course: Course, number: int, stand: Stand | None, end: Deed | None) -> int:
    """Owe the warnings and the extensions, each in its time; how many extensions were taken."""
    if stand is None:
        return 0
    since = stand.start
    taken = [deed for deed in course.diary.of(Kind.APPEAL_EXTENDED) if deed.revision == number]
    for extended in taken:
        if stand.warn_at < extended.at:
            await course.tell("appeal deadline near")
        await course.tell("appeal extended")
        stand.extensions += 1
        since = extended.at
    warn_at = max(since, stand.warn_at)
    if warn_at < stand.due_at and (end is None or warn_at < end.at):
        await course.tell("appeal deadline near")
    return len(taken)


async def _miss(course: Course, row: Mapping[str, Any]) -> None:
    if not course.plan.appeal_is_forgotten:
        course.complaints.append("an appeal was decided late that nobody planned to forget")
    is_open = row["on breach"] == "exhausted" and int(row["next level"])
    await course.tell("appeal exhausted" if is_open else "appeal deadline missed")


async def _settle(
    course: Course,
    filed: Deed,
    end: Deed | None,
    row: Mapping[str, Any],
    stand: Stand | None,
    open_level: _Open,
) -> _Open | None:
    """Owe what the end of an appeal brings; what is open to the member after it."""
    next_level = int(row["next level"])
    if end is None:
        course.complaints.append("an appeal was left open")
        return open_level
    if end.kind is Kind.APPEALED:
        assert stand is not None
        return _Open(next_level, stand.due_at)
    if end.kind is Kind.APPEAL_WITHDRAWN:
        await course.tell("appeal withdrawn")
        return None if open_level.is_first else open_level
    await course.tell(f"appeal {end.outcome}")
    if end.outcome == "overturned" and end.revision not in course.first_on_appeal:
        course.overturn(filed.sequences)
    return _Open(next_level, end.at)


def _zone(course: Course) -> str:
    known = course.plan.member
    assert known is not None
    return known.time_zone


async def _row(course: Course, level: int, filed: Deed, at: datetime) -> Any:
    known = course.plan.member
    assert known is not None
    given = {
        "line of business": known.line_of_business,
        "level": level,
        "expedited": filed.expedited,
        "filed on": local_day(at, "UTC"),
    }
    return (await course.rules.ask("appeal-levels", "Appeal level", given, at=at)).value
