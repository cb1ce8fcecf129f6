"""How our rows stand in Cosmos DB: one document each, its value whole under "body".

Beside the body stand only the properties that a query filters or sorts by. A property named
"...Since" is there while something waits, and null once nothing does, so that what waits is found
without looking at what is done.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.contracts.audit import SealedEntry
from shared.contracts.decision_log import DecisionRecord
from shared.contracts.steps import converter
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.tasks import PersonTask
from shared.ports.case_store import (
    Alias,
    Commit,
    DeadLetter,
    InboxRow,
    IncidentRow,
    OutboxRow,
    StoredCase,
)
from shared.ports.case_summary import instant, summarize, task_mark

type Document = dict[str, Any]
type Patch = dict[str, Any]
Decisions = tuple[DecisionRecord, ...]

CASE_ID = "case"
ALIAS_ID = "alias"
# Cosmos DB forbids these characters in an id; each has its own escape, so that no two ids meet.
ESCAPES = str.maketrans({"~": "~~", "/": "~s", "\\": "~b", "?": "~q", "#": "~h"})


def document_id(prefix: str, name: str) -> str:
    """The id of a document, from any name."""
    return f"{prefix}-{name.translate(ESCAPES)}"


def inbox_id(revision: int) -> str:
    """The id of a revision's inbox row."""
    return f"inbox-{revision}"


def outbox_id(message_id: str) -> str:
    """The id of a message's outbox row."""
    return document_id("outbox", message_id)


def incident_id(name: str) -> str:
    """The id of an incident's row."""
    return document_id("incident", name)


def read_body[Row](document: Mapping[str, Any], kind: type[Row]) -> Row:
    """The row that a document holds."""
    row: Row = converter(kind).validate_python(document["body"])
    return row


def write_body(row: object, kind: Any) -> Any:
    """The JSON values of a row."""
    return converter(kind).dump_python(row, mode="json")


def write_case(commit: Commit, *, now: datetime) -> Document:
    """The case document: everything that the next step loads."""
    summary = summarize(commit.case, now=now)
    return {
        "id": CASE_ID,
        "caseId": commit.case.case_id,
        "type": "case",
        "mark": summary.mark,
        "stage": summary.stage,
        "memberId": summary.member_id,
        "providerNpi": summary.provider_npi,
        "services": summary.services,
        "decidedAt": _maybe_instant(summary.decided_at),
        "endsOn": summary.ends_on.isoformat() if summary.ends_on else None,
        "nextMomentAt": _maybe_instant(summary.next_moment_at),
        "auditCount": commit.audit_count,
        "auditHead": commit.audit_head,
        "steps": commit.steps,
        "body": write_body(commit.case, Case),
    }


def read_case(document: Mapping[str, Any]) -> StoredCase:
    """The case as it was loaded."""
    return StoredCase(
        case=read_body(document, Case),
        etag=document["_etag"],
        steps=document["steps"],
        audit_count=document["auditCount"],
        audit_head=document["auditHead"],
    )


def written_case(commit: Commit, *, etag: str) -> StoredCase:
    """The case as a commit has just written it."""
    return StoredCase(
        case=commit.case,
        etag=etag,
        steps=commit.steps,
        audit_count=commit.audit_count,
        audit_head=commit.audit_head,
    )


def write_inbox_row(row: InboxRow) -> Document:
    """A received request, with its bundle; never written again."""
    return {
        "id": inbox_id(row.revision),
        "caseId": row.case_id,
        "type": "inbox",
        "body": write_body(row, InboxRow),
    }


def write_arrival(case_id: str, revision: int, *, waits_since: datetime | None) -> Document:
    """Whether a received request still waits, apart from its bundle, which is dear to rewrite."""
    return {
        "id": f"arrival-{revision}",
        "caseId": case_id,
        "type": "arrival",
        "revision": revision,
        "unopenedSince": _maybe_instant(waits_since),
    }


def write_alias(alias: Alias) -> Document:
    """Another name of a case, in a partition of its own."""
    return {
        "id": ALIAS_ID,
        "caseId": alias.alias_id,
        "type": "alias",
        "body": write_body(alias, Alias),
    }


def write_audit_entry(case_id: str, sealed: SealedEntry) -> Document:
    """An audit entry; its id sorts as its sequence does."""
    return {
        "id": f"audit-{sealed.sequence:06}",
        "caseId": case_id,
        "type": "audit",
        "mark": f"{sealed.sequence:06}",
        "body": write_body(sealed, SealedEntry),
    }


def write_decisions(
    case_id: str, name: str, records: tuple[DecisionRecord, ...], *, now: datetime
) -> Document:
    """What the rules answered in one step.

    Args:
        name: tells it from those of the case's other steps.
    """
    return {
        "id": document_id("decisions", name),
        "caseId": case_id,
        "type": "decisions",
        "mark": f"{instant(now)} {name}",
        "body": write_body(records, Decisions),
    }


def write_message(row: OutboxRow, *, place: int) -> Document:
    """An outgoing message.

    Args:
        place: among the messages of its commit, so that they are listed as they were written.
    """
    return {
        "id": outbox_id(row.message.message_id),
        "caseId": row.case_id,
        "type": "outbox",
        "mark": f"{instant(row.written_at)} {place:03}",
        "undeliveredSince": instant(row.written_at),
        "body": write_body(row, OutboxRow),
    }


def settle_message(status: str, at: datetime) -> list[Patch]:
    """The changes of an outgoing message of which it is known what became."""
    return _settled("undeliveredSince", {"settled_at": instant(at), "status": status})


def resolve_incident(at: datetime) -> list[Patch]:
    """The changes of an incident that is over."""
    return _settled("unresolvedSince", {"resolved_at": instant(at)})


def _settled(waiting_since: str, changes: Mapping[str, str]) -> list[Patch]:
    return [
        {"op": "set", "path": f"/{waiting_since}", "value": None},
        *({"op": "set", "path": f"/body/{name}", "value": changes[name]} for name in changes),
    ]


def write_task(task: PersonTask) -> Document:
    """A task of a person's inbox."""
    return {
        "id": document_id("task", task.task_id),
        "caseId": task.case_id,
        "type": "task",
        "mark": task_mark(task),
        "queue": task.queue,
        "status": task.status,
        "claimedBy": task.claimed_by,
        "body": write_body(task, PersonTask),
    }


def write_incident(row: IncidentRow) -> Document:
    """A story that waits for an engineer."""
    return {
        "id": incident_id(row.incident_id),
        "caseId": row.case_id,
        "type": "incident",
        "unresolvedSince": instant(row.opened_at),
        "body": write_body(row, IncidentRow),
    }


def write_dead_letter(letter: DeadLetter) -> Document:
    """An event that no flow could take."""
    return {
        "id": document_id("letter", letter.letter_id),
        "receivedAt": instant(letter.received_at),
        "body": write_body(letter, DeadLetter),
    }


def _maybe_instant(at: datetime | None) -> str | None:
    return instant(at) if at is not None else None
