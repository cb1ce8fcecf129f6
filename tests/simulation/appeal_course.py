"""The course that a case's appeals should have taken."""

from datetime import datetime
from typing import Any

from tests.simulation.course import Course
from tests.simulation.diary import Deed, Kind
from tests.simulation.oracle import Stand, local_day


async def follow_appeals(course: Course) -> None:
    """Owe the notices of every appeal, and say what its decision made of the items."""
    decided = {deed.revision: deed for deed in course.diary.of(Kind.APPEAL_DECIDED)}
    level = 1
    for filed in course.diary.of(Kind.APPEALED):
        level = await _follow(course, filed, level, decided)


async def _follow(course: Course, filed: Deed, level: int, decided: dict[int, Deed]) -> int:
    """Follow an appeal to where nobody forwards it; the level that is open to the member next."""
    known = course.plan.member
    assert known is not None
    number, at = filed.revision, filed.at
    await course.tell("appeal received")
    while True:
        row = await _row(course, level, filed, at)
        until = decided.get(number)
        stand = Stand(row, at, known.time_zone) if int(row["allowed"]) else None
        if stand and _is_before(stand.warn_at, until) and stand.warn_at < stand.due_at:
            await course.tell("deadline near")
        course.appeal_dues.append(stand.due_at if stand else None)
        is_late = stand is not None and _is_before(stand.due_at, until)
        if is_late and not course.plan.appeal_is_forgotten:
            course.complaints.append("an appeal was decided late that nobody planned to forget")
        if is_late and row["on breach"] != "forwarded":
            course.appeal_breaches += 1
            await course.tell("deadline missed")
        if is_late and row["on breach"] == "forwarded":
            assert stand is not None
            at = stand.due_at
        elif until and until.outcome == "upheld" and row["forwards on uphold"]:
            at = until.at
        else:
            await _end(course, until)
            return int(row["next level"])
        await course.tell("appeal forwarded")
        number, level = number + 1, int(row["next level"])


async def _end(course: Course, decided: Deed | None) -> None:
    if decided and decided.outcome == "overturned":
        course.actions = {
            number: "A1" if action in {"A2", "A3", "A6"} else action
            for number, action in course.actions.items()
        }
        await course.tell("appeal overturned")
    if decided and decided.outcome == "upheld":
        await course.tell("appeal upheld")


def _is_before(at: datetime, deed: Deed | None) -> bool:
    return deed is None or at < deed.at


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
