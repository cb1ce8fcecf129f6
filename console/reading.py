"""What the pages show, read from the ports at one time."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from console.times import TimeLeft, clock_left, time_left, zone_of
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.tasks import PersonTask, TaskKind, TaskStatus
from shared.ports.case_store import CaseFilter, CaseStore, TaskFilter
from shared.ports.letter_tray import LetterTray, TrayedLetter

TASKS_A_PAGE = 20
CASES_A_PAGE = 25
LETTERS_OF_CASES_A_PAGE = 20
INCIDENTS_MAX = 100
DEAD_LETTERS_MAX = 100
PAGES_MAX = 10_000

OPEN = (TaskStatus.REQUESTED, TaskStatus.IN_PROGRESS, TaskStatus.ON_HOLD)
# The views of the inbox, in the order of its tabs: name, statuses, whether only one's own.
VIEWS: Mapping[str, tuple[str, tuple[TaskStatus, ...], bool]] = {
    "all": ("All open", OPEN, False),
    "unclaimed": ("Unclaimed", (TaskStatus.REQUESTED,), False),
    "mine": ("Mine", OPEN, True),
    "hold": ("On hold", (TaskStatus.ON_HOLD,), False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """A task with the case that it is about."""

    task: PersonTask
    case: Case | None
    left: TimeLeft | None
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """One page of the inbox.

    Attributes:
        counts: tasks of each view, in the chosen queue.
        total: tasks of the shown view, on all pages; page: from 1.
    """

    view: str
    queue: str
    rows: tuple[InboxRow, ...]
    counts: Mapping[str, int]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // TASKS_A_PAGE))

    @property
    def overdue(self) -> int:
        """How many tasks of this page are overdue."""
        return sum(1 for row in self.rows if row.left and row.left.state == "overdue")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseList:
    """One page of cases, and the mark of the next one."""

    stage: str
    member: str
    cases: tuple[Case, ...]
    next_after: str
    is_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tray:
    """The letters of a page of cases, newest case first, or of one case."""

    case_id: str
    letters: tuple[TrayedLetter, ...]
    next_after: str


async def read_inbox(
    cases: CaseStore, user_id: str, asked: Mapping[str, str], now: datetime
) -> Inbox:
    """The tasks that a view of the inbox holds; what is asked wrongly is read as not asked."""
    view = asked.get("view", "")
    view = view if view in VIEWS else "all"
    queue, page = asked.get("queue", ""), _page(asked)
    offset = (page - 1) * TASKS_A_PAGE
    found, *counted = await asyncio.gather(
        cases.tasks(_filter(view, queue, user_id, limit=TASKS_A_PAGE, offset=offset)),
        *(cases.tasks(_filter(each, queue, user_id, limit=1)) for each in VIEWS),
    )
    rows = await asyncio.gather(*(_row(cases, task, now) for task in found.tasks))
    counts = {each: page.total for each, page in zip(VIEWS, counted, strict=True)}
    return Inbox(
        view=view, queue=queue, rows=tuple(rows), counts=counts, total=found.total, page=page
    )


async def read_cases(cases: CaseStore, asked: Mapping[str, str]) -> CaseList:
    """The cases that were asked for, newest first."""
    stage, member, after = (asked.get(name, "").strip() for name in ("stage", "member", "after"))
    wanted = CaseFilter(
        stages=(stage,) if stage else (), member_id=member, after=after, limit=CASES_A_PAGE
    )
    found = await cases.cases(wanted)
    return CaseList(
        stage=stage,
        member=member,
        cases=found.cases,
        next_after=found.next_after,
        is_first=not after,
    )


async def read_tray(cases: CaseStore, tray: LetterTray, asked: Mapping[str, str]) -> Tray:
    """The letters that wait for a person to pass them on."""
    case_id = asked.get("case", "").strip()
    if case_id:
        return Tray(case_id=case_id, letters=await tray.letters_of(case_id), next_after="")
    wanted = CaseFilter(after=asked.get("after", ""), limit=LETTERS_OF_CASES_A_PAGE)
    found = await cases.cases(wanted)
    every = await asyncio.gather(*(tray.letters_of(case.case_id) for case in found.cases))
    letters = tuple(letter for letters in every for letter in letters)
    return Tray(case_id="", letters=letters, next_after=found.next_after)


def _filter(view: str, queue: str, user_id: str, *, limit: int, offset: int = 0) -> TaskFilter:
    _, statuses, mine = VIEWS[view]
    return TaskFilter(
        queues=(queue,) if queue else (),
        statuses=statuses,
        claimed_by=user_id if mine else "",
        limit=limit,
        offset=offset,
    )


async def _row(cases: CaseStore, task: PersonTask, now: datetime) -> InboxRow:
    stored = await cases.load(task.case_id)
    case = stored.case if stored else None
    return InboxRow(
        task=task, case=case, left=_left(task, case, now), zone=zone_of(case) if case else "UTC"
    )


def _left(task: PersonTask, case: Case | None, now: datetime) -> TimeLeft | None:
    """By the case's own clock, which knows alert and deadline apart; else by the task's."""
    if case and case.clock and task.kind is TaskKind.REVIEW:
        return clock_left(case.clock, now)
    return time_left(task.due_at, now) if task.due_at else None


def _page(asked: Mapping[str, str]) -> int:
    text = asked.get("page", "1")
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(PAGES_MAX))
    return min(PAGES_MAX, max(1, int(text))) if is_number else 1
