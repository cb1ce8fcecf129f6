"""Cases in memory, with the meaning of every operation as in Cosmos DB, and fast.

What waits for somebody (rows, messages, moments, open tasks) stands in an index of its own, and so
do the cases of a member and of a provider, and those that end on a day: a sweep over ten thousand
settled cases looks only at the few that wait.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from shared.contracts.audit import SealedEntry
from shared.contracts.decision_log import CaseDecision, DecisionRecord
from shared.domain.prior_authorization.tasks import PersonTask, TaskStatus
from shared.errors import PermanentError
from shared.ports.case_store import (
    Alias,
    CaseFilter,
    CasePage,
    Commit,
    DeadLetter,
    InboxRow,
    IncidentRow,
    OutboxRow,
    StaleError,
    StoredCase,
    TaskFilter,
    TaskPage,
    outbox_rows,
)
from shared.ports.case_summary import CaseSummary, summarize, task_mark
from shared.ports.clock import Clock

type Decisions = tuple[DecisionRecord, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    stored: StoredCase
    summary: CaseSummary


type _Shelf = defaultdict[str, dict[str, _Kept]]


class MemoryCaseStore:
    """A CaseStore that lasts as long as its process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._commits = 0
        self._cases: dict[str, _Kept] = {}
        self._waiting: dict[str, _Kept] = {}
        self._of_member: _Shelf = defaultdict(dict)
        self._of_provider: _Shelf = defaultdict(dict)
        self._ending_on: defaultdict[date, dict[str, _Kept]] = defaultdict(dict)
        self._audit: defaultdict[str, list[SealedEntry]] = defaultdict(list)
        self._decisions: defaultdict[str, Decisions] = defaultdict(tuple)
        self._decided: list[tuple[str, Decisions]] = []
        self._inbox: dict[tuple[str, int], InboxRow] = {}
        self._unopened: dict[tuple[str, int], InboxRow] = {}
        self._aliases: dict[str, Alias] = {}
        self._outbox: defaultdict[str, dict[str, OutboxRow]] = defaultdict(dict)
        self._waits_since: dict[tuple[str, str], datetime] = {}
        self._tasks: dict[TaskStatus, dict[str, PersonTask]] = {each: {} for each in TaskStatus}
        self._status_of: dict[str, TaskStatus] = {}
        self._letters: dict[str, DeadLetter] = {}
        self._incidents: dict[tuple[str, str], IncidentRow] = {}

    async def receive(self, row: InboxRow) -> bool:
        """Write an inbox row; False if the same revision of the case is there already."""
        key = (row.case_id, row.revision)
        if key in self._inbox:
            return False
        self._inbox[key] = self._unopened[key] = row
        return True

    async def give_alias(self, alias: Alias) -> Alias:
        """Give a case another name; where the name is taken, the alias that took it stands."""
        return self._aliases.setdefault(alias.alias_id, alias)

    async def alias(self, alias_id: str) -> Alias | None:
        """What an alias stands for."""
        return self._aliases.get(alias_id)

    async def inbox_row(self, case_id: str, revision: int) -> InboxRow | None:
        """The inbox row of a revision."""
        return self._inbox.get((case_id, revision))

    async def unopened(self, *, before: datetime, limit: int) -> list[InboxRow]:
        """Rows received before a time that no commit took up yet, oldest first."""
        rows = (row for row in self._unopened.values() if row.received_at < before)
        return sorted(rows, key=lambda row: row.received_at)[:limit]

    async def set_aside(self, case_id: str, revision: int) -> None:
        """Let a received row count as taken up, though no commit took it."""
        self._unopened.pop((case_id, revision), None)

    async def load(self, case_id: str) -> StoredCase | None:
        """The case with its ETag."""
        kept = self._cases.get(case_id)
        return kept.stored if kept else None

    def recent(self, case_id: str) -> StoredCase | None:
        """The case as this process last read or wrote it, which here is the case itself."""
        kept = self._cases.get(case_id)
        return kept.stored if kept else None

    async def save(self, commit: Commit) -> None:
        """Write a commit whole."""
        case_id = commit.case.case_id
        before = self._cases.get(case_id)
        if (before.stored.etag if before else None) != commit.etag:
            raise StaleError(f"case {case_id} is not as it was loaded")
        self._refuse_impossible(commit)
        now = self._clock.now()
        self._keep_case(commit, now)
        self._audit[case_id].extend(commit.audit)
        if commit.decisions:
            self._decisions[case_id] += commit.decisions
            self._decided.append((case_id, commit.decisions))
        for row in outbox_rows(commit, written_at=now):
            self._outbox[case_id][row.message.message_id] = row
            self._waits_since[case_id, row.message.message_id] = now
        for message_id, status in commit.settles.items():
            self._settle(case_id, message_id, status, now)
        for task in commit.tasks:
            self._keep_task(task)
        if commit.opens:
            self._unopened.pop((case_id, commit.opens), None)

    async def audit_trail(self, case_id: str) -> tuple[SealedEntry, ...]:
        """The audit trail, oldest first."""
        return tuple(self._audit.get(case_id, ()))

    async def decisions(self, case_id: str) -> tuple[DecisionRecord, ...]:
        """What the rules answered for a case, oldest first."""
        return self._decisions.get(case_id, ())

    async def decisions_of(self, model: str, *, limit: int) -> tuple[CaseDecision, ...]:
        """What a model answered, of every case and version, the newest first."""
        made = [
            CaseDecision(case_id, record)
            for case_id, records in reversed(self._decided)
            for record in records
            if record.model == model
        ]
        return tuple(made[:limit])

    async def outbox(self, case_id: str) -> tuple[OutboxRow, ...]:
        """The outgoing messages of a case, oldest first."""
        return tuple(self._outbox.get(case_id, {}).values())

    async def message(self, case_id: str, message_id: str) -> OutboxRow | None:
        """One outgoing message."""
        return self._outbox.get(case_id, {}).get(message_id)

    async def settle_message(
        self, case_id: str, message_id: str, *, status: str, at: datetime
    ) -> None:
        """Record what became of a message; the first record stands."""
        if await self.message(case_id, message_id) is None:
            raise PermanentError(f"case {case_id} has no message {message_id}")
        if (case_id, message_id) in self._waits_since:
            self._settle(case_id, message_id, status, at)

    async def postpone_message(self, case_id: str, message_id: str, *, at: datetime) -> None:
        """Put a message that nobody takes now behind the others that wait; not a settled one."""
        if (case_id, message_id) in self._waits_since:
            self._waits_since[case_id, message_id] = at

    async def undelivered(self, *, before: datetime, limit: int) -> list[OutboxRow]:
        """Messages that wait since before a time, the longest first."""
        waiting = sorted((since, key) for key, since in self._waits_since.items() if since < before)
        return [self._outbox[case_id][name] for _, (case_id, name) in waiting[:limit]]

    async def cases(self, wanted: CaseFilter) -> CasePage:
        """The cases that a filter wants, newest first."""
        found = [kept for kept in self._among(wanted) if kept.summary.fits(wanted)]
        found.sort(key=lambda kept: kept.summary.mark, reverse=True)
        if wanted.after:
            found = [kept for kept in found if kept.summary.mark < wanted.after]
        page = found[: wanted.limit]
        following = page[-1].summary.mark if len(found) > len(page) else ""
        return CasePage(tuple(kept.stored.case for kept in page), following)

    async def tasks(self, wanted: TaskFilter) -> TaskPage:
        """The tasks that a filter wants, by rank, then by due time."""
        statuses = wanted.statuses or tuple(TaskStatus)
        found = [
            task
            for status in statuses
            for task in self._tasks[TaskStatus(status)].values()
            if (not wanted.queues or task.queue in wanted.queues)
            and (not wanted.claimed_by or task.claimed_by == wanted.claimed_by)
        ]
        found.sort(key=task_mark)
        page = found[wanted.offset : wanted.offset + wanted.limit]
        return TaskPage(tuple(page), len(found))

    async def bury(self, letter: DeadLetter) -> None:
        """Keep an event that could not be taken."""
        self._letters.setdefault(letter.letter_id, letter)

    async def dead_letters(self, *, limit: int) -> list[DeadLetter]:
        """The newest dead letters."""
        letters = sorted(self._letters.values(), key=lambda letter: letter.received_at)
        return letters[::-1][:limit]

    async def open_incident(self, row: IncidentRow) -> None:
        """Record that an engineer is wanted; the same id is recorded once."""
        self._incidents.setdefault((row.case_id, row.incident_id), row)

    async def incidents(self, *, limit: int) -> list[IncidentRow]:
        """The incidents not resolved yet, oldest first."""
        waiting = (row for row in self._incidents.values() if row.resolved_at is None)
        return sorted(waiting, key=lambda row: row.opened_at)[:limit]

    async def resolve_incident(self, case_id: str, incident_id: str, *, at: datetime) -> None:
        """Mark an incident as resolved; the first mark stands."""
        row = self._incidents.get((case_id, incident_id))
        if row is None:
            raise PermanentError(f"case {case_id} has no incident {incident_id}")
        if row.resolved_at is None:
            self._incidents[case_id, incident_id] = replace(row, resolved_at=at)

    def _settle(self, case_id: str, message_id: str, status: str, at: datetime) -> None:
        row = self._outbox[case_id][message_id]
        self._outbox[case_id][message_id] = replace(row, status=status, settled_at=at)
        self._waits_since.pop((case_id, message_id), None)

    def _refuse_impossible(self, commit: Commit) -> None:
        case_id = commit.case.case_id
        written = self._outbox.get(case_id, {})
        known = len(self._audit.get(case_id, ()))
        if any(message.message_id in written for message in commit.messages) or any(
            entry.sequence <= known for entry in commit.audit
        ):
            raise PermanentError(f"case {case_id} has a document of this commit already")
        if not commit.settles.keys() <= written.keys():
            raise PermanentError(f"case {case_id} lacks a message of this commit")

    def _keep_case(self, commit: Commit, now: datetime) -> None:
        self._commits += 1
        stored = StoredCase(
            case=commit.case,
            etag=str(self._commits),
            steps=commit.steps,
            audit_count=commit.audit_count,
            audit_head=commit.audit_head,
        )
        kept = _Kept(stored, summarize(commit.case, now=now))
        self._take_down(commit.case.case_id)
        self._cases[commit.case.case_id] = kept
        for shelf in self._shelves(kept.summary):
            shelf[commit.case.case_id] = kept

    def _take_down(self, case_id: str) -> None:
        before = self._cases.get(case_id)
        if before is None:
            return
        for shelf in self._shelves(before.summary):
            del shelf[case_id]
        ended_on = before.summary.ends_on
        if ended_on is not None and not self._ending_on[ended_on]:
            del self._ending_on[ended_on]  # Else each sweep would look at every day of the past.

    def _shelves(self, summary: CaseSummary) -> Iterator[dict[str, _Kept]]:
        """Where a case of that summary is found, beside its id."""
        yield self._of_member[summary.member_id]
        yield self._of_provider[summary.provider_npi]
        if summary.ends_on is not None:
            yield self._ending_on[summary.ends_on]
        if summary.next_moment_at is not None:
            yield self._waiting

    def _among(self, wanted: CaseFilter) -> Iterable[_Kept]:
        """The cases to look at: all that the filter wants, and as few others as may be."""
        if wanted.due_before is not None:
            return self._waiting.values()
        if wanted.ends_before is not None:
            days = [day for day in self._ending_on if day < wanted.ends_before]
            return [kept for day in days for kept in self._ending_on[day].values()]
        if wanted.member_id:
            return self._of_member[wanted.member_id].values()
        if wanted.provider_npi:
            return self._of_provider[wanted.provider_npi].values()
        return self._cases.values()

    def _keep_task(self, task: PersonTask) -> None:
        before = self._status_of.get(task.task_id)
        if before is not None:
            del self._tasks[before][task.task_id]
        self._status_of[task.task_id] = task.status
        self._tasks[task.status][task.task_id] = task
