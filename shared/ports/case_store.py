"""Where cases live: the inbox rows, the case with its trail, the outbox."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol

from shared.contracts.audit import SealedEntry
from shared.contracts.decision_log import CaseDecision, DecisionRecord
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import Message
from shared.domain.prior_authorization.request import AuthorizationRequest
from shared.domain.prior_authorization.tasks import PersonTask
from shared.errors import PermanentError

LETTER_BYTES_MAX = 1_500_000
_CHARACTER_BYTES_MAX = 12  # One beyond the basic plane is written as two escapes.


class StaleError(Exception):
    """Another commit came first: load again, and apply the rule to what is there now."""


class TooLargeError(PermanentError):
    """What is to be kept is larger than the store takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """A request as a door received it, written before anything else happens.

    Attributes:
        revision: 1 for the first request of a case, one more for each update.
        kind: "new", "update" or "cancel".
        bundle: the FHIR bundle as received; the answer echoes its fullUrls.
        via: the door, "http" or "event".
    """

    case_id: str
    revision: int
    kind: str
    request: AuthorizationRequest
    bundle: Mapping[str, Any]
    received_at: datetime
    submitted_by: str
    via: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """Another name of a case: the claim identifier, or the bundle, of an update or cancellation.

    Attributes:
        alias_id: derived from the name; it is its own partition.
        revision: the revision of the case that came under this name.
    """

    alias_id: str
    case_id: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCase:
    """A case as it was loaded.

    Attributes:
        etag: guards the next commit.
        steps: the recorded result, as JSON values, of every step committed so far, by its key.
        audit_count, audit_head: length and last seal of the audit chain.
    """

    case: Case
    etag: str
    steps: Mapping[str, Any]
    audit_count: int
    audit_head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Everything that one step changes, written in one transactional batch.

    Attributes:
        etag: of the case as loaded; None creates the case.
        settles: what became of messages of the outbox, by their ids; whatever was on record.
        opens: the revision whose inbox row this commit takes up; 0 for none.
        decisions: what the rules answered on the way to this commit.
    """

    case: Case
    etag: str | None
    steps: Mapping[str, Any]
    audit: tuple[SealedEntry, ...]
    audit_count: int
    audit_head: str
    messages: tuple[Message, ...] = ()
    settles: Mapping[str, str] = field(default_factory=dict)
    tasks: tuple[PersonTask, ...] = ()
    opens: int = 0
    decisions: tuple[DecisionRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """An outgoing message, and when it was delivered.

    Attributes:
        audit_count: how long the trail was when the message was written: a case with a trail at
            least as long knows what the message tells.
    """

    case_id: str
    message: Message
    written_at: datetime
    audit_count: int = 0
    settled_at: datetime | None = None
    status: str = ""


def outbox_rows(commit: Commit, *, written_at: datetime) -> tuple[OutboxRow, ...]:
    """The messages of a commit, as they go into the outbox."""
    return tuple(
        OutboxRow(
            case_id=commit.case.case_id,
            message=message,
            written_at=written_at,
            audit_count=commit.audit_count,
        )
        for message in commit.messages
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases to list; an empty field asks nothing.

    Attributes:
        due_before: which ask their story for something since before this time: changed by
            somebody and not looked at since, or past a moment of their clock while they are pended;
            a deadline that passed stays such a moment until the breach is noted.
        services: which ask for just these, see AuthorizationRequest.services.
        decided_since: last decided on that day or later, by its UTC date.
        ends_before: whose last certification ended before this day, while they are notified.
        after: the `next_after` of the page before.
    """

    stages: tuple[str, ...] = ()
    member_id: str = ""
    provider_npi: str = ""
    services: str = ""
    decided_since: date | None = None
    ends_before: date | None = None
    due_before: datetime | None = None
    after: str = ""
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks to list; an empty field asks nothing."""

    queues: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    claimed_by: str = ""
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class TaskPage:
    """Tasks in the order of the inbox, and how many there are in all."""

    tasks: tuple[PersonTask, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """An event that no flow could take, kept with the reason.

    Attributes:
        letter_id: source, partition and sequence number; the same event is kept once.
        body: the event as received, see letter_body.
    """

    letter_id: str
    source: str
    reason: str
    body: str
    received_at: datetime


def letter_body(body: bytes) -> str:
    """What a dead letter keeps of what could not be taken: its beginning, where it is too large.

    Whatever comes must find its place there, else it would come again and again.
    """
    text = body.decode("utf-8", errors="replace")
    if len(json.dumps(text)) <= LETTER_BYTES_MAX:
        return text
    return text[: LETTER_BYTES_MAX // _CHARACTER_BYTES_MAX]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """A story that waits for an engineer, or a message that could not be delivered.

    Attributes:
        instance_id: the story that waits; empty for a message, for which nobody waits.
    """

    incident_id: str
    case_id: str
    instance_id: str
    step: str
    reason: str
    opened_at: datetime
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CasePage:
    """Cases, newest first, and the mark after which the next page begins; empty on the last."""

    cases: tuple[Case, ...]
    next_after: str = field(default="")


class CaseStore(Protocol):
    """Durable cases.

    Every method raises TransientError when the store is out of reach or throttled for longer than
    its client waits, TooLargeError when a document is larger than it takes, and PermanentError when
    it refuses one for good otherwise.
    """

    async def receive(self, row: InboxRow) -> bool:
        """Write an inbox row; False if the same revision of the case is there already."""

    async def give_alias(self, alias: Alias) -> Alias:
        """Give a case another name; where the name is taken, the alias that took it stands."""

    async def alias(self, alias_id: str) -> Alias | None:
        """What an alias stands for."""

    async def inbox_row(self, case_id: str, revision: int) -> InboxRow | None:
        """The inbox row of a revision."""

    async def unopened(self, *, before: datetime, limit: int) -> list[InboxRow]:
        """Rows received before a time that no commit took up yet, oldest first."""

    async def set_aside(self, case_id: str, revision: int) -> None:
        """Let a received row count as taken up, though no commit took it: its story sees to it."""

    async def load(self, case_id: str) -> StoredCase | None:
        """The case with its ETag."""

    def recent(self, case_id: str) -> StoredCase | None:
        """The case as this process last read or wrote it, without asking; None if it never did.

        It may be out of date: good for what never changes, and to try a commit on, which its ETag
        refuses if it is.
        """

    async def save(self, commit: Commit) -> None:
        """Write a commit whole.

        Raises:
            StaleError: the ETag no longer holds, or the case to create is there.
            PermanentError: a message id or an audit sequence is there already.
        """

    async def audit_trail(self, case_id: str) -> tuple[SealedEntry, ...]:
        """The audit trail, oldest first."""

    async def decisions(self, case_id: str) -> tuple[DecisionRecord, ...]:
        """What the rules answered for a case, oldest first."""

    async def decisions_of(self, model: str, *, limit: int) -> tuple[CaseDecision, ...]:
        """What a model answered, of every case and version, the newest first."""

    async def outbox(self, case_id: str) -> tuple[OutboxRow, ...]:
        """The outgoing messages of a case, oldest first."""

    async def message(self, case_id: str, message_id: str) -> OutboxRow | None:
        """One outgoing message."""

    async def settle_message(
        self, case_id: str, message_id: str, *, status: str, at: datetime
    ) -> None:
        """Record what became of a message; the first record stands.

        Raises:
            PermanentError: the case has no such message.
        """

    async def postpone_message(self, case_id: str, message_id: str, *, at: datetime) -> None:
        """Put a message that nobody takes now behind the others that wait; not a settled one."""

    async def undelivered(self, *, before: datetime, limit: int) -> list[OutboxRow]:
        """Messages that wait since before a time, the longest first.

        One waits since it was written, or since it was postponed.
        """

    async def cases(self, wanted: CaseFilter) -> CasePage:
        """The cases that a filter wants."""

    async def tasks(self, wanted: TaskFilter) -> TaskPage:
        """The tasks that a filter wants, by rank, then by due time."""

    async def bury(self, letter: DeadLetter) -> None:
        """Keep an event that could not be taken."""

    async def dead_letters(self, *, limit: int) -> list[DeadLetter]:
        """The newest dead letters."""

    async def open_incident(self, row: IncidentRow) -> None:
        """Record that an engineer is wanted; the same id is recorded once."""

    async def incidents(self, *, limit: int) -> list[IncidentRow]:
        """The incidents not resolved yet, oldest first."""

    async def resolve_incident(self, case_id: str, incident_id: str, *, at: datetime) -> None:
        """Mark an incident as resolved; the first mark stands.

        Raises:
            PermanentError: the case has no such incident.
        """


async def every_case(cases: CaseStore, wanted: CaseFilter) -> AsyncIterator[Case]:
    """All the cases that a filter wants, page by page, each of its limit."""
    while True:
        page = await cases.cases(wanted)
        for case in page.cases:
            yield case
        if not page.next_after:
            return
        wanted = replace(wanted, after=page.next_after)
