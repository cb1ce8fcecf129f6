"""Cases in Cosmos DB: a case is one partition, a commit one transactional batch."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from azure.cosmos.exceptions import (
    CosmosAccessConditionFailedError,
    CosmosResourceExistsError,
    CosmosResourceNotFoundError,
)

from shared.adapters.cosmos import documents
from shared.adapters.cosmos.client import CosmosDatabase
from shared.adapters.cosmos.containers import CASES, DEAD_LETTERS, ContainerPlan
from shared.adapters.cosmos.documents import Document, Patch, read_body
from shared.adapters.cosmos.failures import batch_translated, translated
from shared.adapters.cosmos.queries import (
    Query,
    cases_wanted,
    newest,
    newest_of,
    of_case,
    tasks_counted,
    tasks_wanted,
    waiting,
)
from shared.adapters.last_used import LastUsed
from shared.contracts.audit import SealedEntry
from shared.contracts.decision_log import CaseDecision, DecisionRecord
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.tasks import PersonTask
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
from shared.ports.case_summary import instant
from shared.ports.clock import Clock

# The limit of a transactional batch in Cosmos DB.
OPERATIONS_MAX = 100
# How many cases, requests and messages a process remembers; each is a few kilobytes.
REMEMBERED_MAX = 500
# A message is sent by the story that wrote it, and by the sweep only when that was long ago.
FRESH = timedelta(seconds=30)

type Operation = tuple[Any, ...]


class CosmosCaseStore:
    """A CaseStore over the containers "cases" and "deadletters"."""

    def __init__(self, database: CosmosDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._recent: LastUsed[StoredCase] = LastUsed(REMEMBERED_MAX)
        self._received: LastUsed[InboxRow] = LastUsed(REMEMBERED_MAX)
        self._written: LastUsed[OutboxRow] = LastUsed(REMEMBERED_MAX)

    async def receive(self, row: InboxRow) -> bool:
        """Write an inbox row; False if the same revision of the case is there already."""
        arrival = documents.write_arrival(row.case_id, row.revision, waits_since=row.received_at)
        batch = [("create", (documents.write_inbox_row(row),)), ("upsert", (arrival,))]
        try:
            await self._write(row.case_id, batch)
        except StaleError:
            return False
        self._received.keep(f"{row.case_id}/{row.revision}", row)
        return True

    async def give_alias(self, alias: Alias) -> Alias:
        """Give a case another name; where the name is taken, the alias that took it stands."""
        if await self._create(CASES, documents.write_alias(alias)):
            return alias
        return await self.alias(alias.alias_id) or alias

    async def alias(self, alias_id: str) -> Alias | None:
        """What an alias stands for."""
        return await self._row(alias_id, documents.ALIAS_ID, Alias)

    async def inbox_row(self, case_id: str, revision: int) -> InboxRow | None:
        """The inbox row of a revision, which never changes once it is written."""
        kept = self._received.get(f"{case_id}/{revision}")
        return kept or await self._row(case_id, documents.inbox_id(revision), InboxRow)

    async def unopened(self, *, before: datetime, limit: int) -> list[InboxRow]:
        """Rows received before a time that no commit took up yet, oldest first."""
        found = await self._find(waiting("unopenedSince", before=before, limit=limit))
        rows = [await self.inbox_row(each["caseId"], each["revision"]) for each in found]
        return [row for row in rows if row is not None]

    async def set_aside(self, case_id: str, revision: int) -> None:
        """Let a received row count as taken up, though no commit took it."""
        arrival = documents.write_arrival(case_id, revision, waits_since=None)
        await self._write(case_id, [("upsert", (arrival,))])

    async def load(self, case_id: str) -> StoredCase | None:
        """The case with its ETag."""
        document = await self._read(case_id, documents.CASE_ID)
        if document is None:
            return None
        stored = documents.read_case(document)
        self._recent.keep(case_id, stored)
        return stored

    def recent(self, case_id: str) -> StoredCase | None:
        """The case as this process last read or wrote it."""
        return self._recent.get(case_id)

    async def save(self, commit: Commit) -> None:
        """Write a commit whole."""
        case_id, now = commit.case.case_id, self._clock.now()
        rows = outbox_rows(commit, written_at=now)
        try:
            written = await self._write(case_id, list(_operations(commit, rows, now)))
        except StaleError:
            self._recent.forget(case_id)
            raise
        self._recent.keep(case_id, documents.written_case(commit, etag=written[0]["eTag"]))
        for row in rows:
            self._written.keep(f"{case_id}/{row.message.message_id}", row)
        for message_id in commit.settles:
            self._written.forget(f"{case_id}/{message_id}")

    async def audit_trail(self, case_id: str) -> tuple[SealedEntry, ...]:
        """The audit trail, oldest first."""
        return tuple(await self._rows(of_case(case_id, "audit"), SealedEntry))

    async def decisions(self, case_id: str) -> tuple[DecisionRecord, ...]:
        """What the rules answered for a case, oldest first."""
        found = await self._rows(of_case(case_id, "decisions"), documents.Decisions)
        return tuple(record for records in found for record in records)

    async def decisions_of(self, model: str, *, limit: int) -> tuple[CaseDecision, ...]:
        """What a model answered, of every case and version, the newest first."""
        container = await self._database.container(CASES)
        made: list[CaseDecision] = []
        with translated(f"read decisions of model {model}"):
            found = container.query_items(newest_of("decisions").text)
            async for document in found:
                records = read_body(document, documents.Decisions)
                ours = (record for record in records if record.model == model)
                made += [CaseDecision(document["caseId"], record) for record in ours]
                if len(made) >= limit:
                    break
        return tuple(made[:limit])

    async def outbox(self, case_id: str) -> tuple[OutboxRow, ...]:
        """The outgoing messages of a case, oldest first."""
        return tuple(await self._rows(of_case(case_id, "outbox"), OutboxRow))

    async def message(self, case_id: str, message_id: str) -> OutboxRow | None:
        """One outgoing message; one that was just written here has not been sent by others."""
        kept = self._written.get(f"{case_id}/{message_id}")
        if kept is not None and self._clock.now() < kept.written_at + FRESH:
            return kept
        return await self._row(case_id, documents.outbox_id(message_id), OutboxRow)

    async def settle_message(
        self, case_id: str, message_id: str, *, status: str, at: datetime
    ) -> None:
        """Record what became of a message; the first record stands."""
        self._written.forget(f"{case_id}/{message_id}")
        operations = documents.settle_message(status, at)
        document_id = documents.outbox_id(message_id)
        await self._patch_waiting(case_id, document_id, "undeliveredSince", operations)

    async def postpone_message(self, case_id: str, message_id: str, *, at: datetime) -> None:
        """Put a message that nobody takes now behind the others that wait; not a settled one."""
        later = {"op": "set", "path": "/undeliveredSince", "value": instant(at)}
        document_id = documents.outbox_id(message_id)
        await self._patch_waiting(case_id, document_id, "undeliveredSince", [later])

    async def undelivered(self, *, before: datetime, limit: int) -> list[OutboxRow]:
        """Messages that wait since before a time, the longest first."""
        return await self._rows(waiting("undeliveredSince", before=before, limit=limit), OutboxRow)

    async def cases(self, wanted: CaseFilter) -> CasePage:
        """The cases that a filter wants, newest first."""
        found = await self._find(cases_wanted(wanted))
        page = found[: wanted.limit]
        following = page[-1]["mark"] if len(found) > len(page) else ""
        return CasePage(tuple(read_body(each, Case) for each in page), following)

    async def tasks(self, wanted: TaskFilter) -> TaskPage:
        """The tasks that a filter wants, by rank, then by due time."""
        tasks = tuple(await self._rows(tasks_wanted(wanted), PersonTask))
        if 0 < len(tasks) < wanted.limit or not (tasks or wanted.offset):
            return TaskPage(tasks, wanted.offset + len(tasks))
        [total] = await self._find(tasks_counted(wanted))
        return TaskPage(tasks, total)

    async def bury(self, letter: DeadLetter) -> None:
        """Keep an event that could not be taken."""
        await self._create(DEAD_LETTERS, documents.write_dead_letter(letter))

    async def dead_letters(self, *, limit: int) -> list[DeadLetter]:
        """The newest dead letters."""
        return await self._rows(newest("receivedAt", limit), DeadLetter, DEAD_LETTERS)

    async def open_incident(self, row: IncidentRow) -> None:
        """Record that an engineer is wanted; the same id is recorded once."""
        await self._create(CASES, documents.write_incident(row))

    async def incidents(self, *, limit: int) -> list[IncidentRow]:
        """The incidents not resolved yet, oldest first."""
        return await self._rows(waiting("unresolvedSince", limit=limit), IncidentRow)

    async def resolve_incident(self, case_id: str, incident_id: str, *, at: datetime) -> None:
        """Mark an incident as resolved; the first mark stands."""
        operations = documents.resolve_incident(at)
        document_id = documents.incident_id(incident_id)
        await self._patch_waiting(case_id, document_id, "unresolvedSince", operations)

    async def _write(self, case_id: str, batch: list[Operation]) -> list[dict[str, Any]]:
        """Write a batch, and answer the outcome of each operation."""
        if len(batch) > OPERATIONS_MAX:
            raise PermanentError(f"a commit of case {case_id} has {len(batch)} parts")
        container = await self._database.container(CASES)
        with batch_translated(f"commit case {case_id}"):
            return list(await container.execute_item_batch(batch, case_id))

    async def _create(self, plan: ContainerPlan, document: Document) -> bool:
        container = await self._database.container(plan)
        with translated(f"create {document['id']}"):
            try:
                await container.create_item(document)
            except CosmosResourceExistsError:
                return False
        return True

    async def _read(self, case_id: str, document_id: str) -> Mapping[str, Any] | None:
        container = await self._database.container(CASES)
        with translated(f"read {document_id} of case {case_id}"):
            try:
                return await container.read_item(document_id, case_id)
            except CosmosResourceNotFoundError:
                return None

    async def _row[Row](self, case_id: str, document_id: str, kind: type[Row]) -> Row | None:
        document = await self._read(case_id, document_id)
        return read_body(document, kind) if document else None

    async def _patch_waiting(
        self, case_id: str, document_id: str, waiting_since: str, operations: list[Patch]
    ) -> None:
        """Patch a row, if it still waits; another call came first if not."""
        container = await self._database.container(CASES)
        still_waits = f"FROM c WHERE IS_STRING(c.{waiting_since})"
        deed = f"patch {document_id} of case {case_id}"
        with translated(deed), suppress(CosmosAccessConditionFailedError):
            await container.patch_item(
                document_id, case_id, operations, filter_predicate=still_waits
            )

    async def _find(self, query: Query, plan: ContainerPlan = CASES) -> list[Any]:
        container = await self._database.container(plan)
        with translated("query cases"):
            scope: dict[str, Any] = (
                {} if query.case_id is None else {"partition_key": query.case_id}
            )
            found = container.query_items(query.text, parameters=query.parameters, **scope)
            return [each async for each in found]

    async def _rows[Row](
        self, query: Query, kind: type[Row], plan: ContainerPlan = CASES
    ) -> list[Row]:
        return [read_body(document, kind) for document in await self._find(query, plan)]


def _operations(commit: Commit, rows: tuple[OutboxRow, ...], now: datetime) -> Iterator[Operation]:
    """The operations of a commit; the first is guarded by the case's ETag."""
    case_id = commit.case.case_id
    case = documents.write_case(commit, now=now)
    if commit.etag is None:
        yield "create", (case,)
    else:
        yield "replace", (documents.CASE_ID, case), {"if_match_etag": commit.etag}
    for sealed in commit.audit:
        yield "create", (documents.write_audit_entry(case_id, sealed),)
    if commit.decisions:
        name = f"{len(commit.steps):06}"
        yield "create", (documents.write_decisions(case_id, name, commit.decisions, now=now),)
    for place, row in enumerate(rows):
        yield "create", (documents.write_message(row, place=place),)
    for message_id, status in commit.settles.items():
        yield "patch", (documents.outbox_id(message_id), documents.settle_message(status, now))
    for task in commit.tasks:
        yield "upsert", (documents.write_task(task),)
    if commit.opens:
        yield "upsert", (documents.write_arrival(case_id, commit.opens, waits_since=None),)
