"""Documents that arrive after the request: kept with their case, then taken into it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from shared.contracts.pas import SubmittedAttachments
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.decision import Actor
from shared.domain.prior_authorization.questions import Arrival, Arriving, take_documents
from shared.ports.case_store import CaseStore
from shared.ports.clock import Clock
from shared.ports.commits import commit_act, load_case


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRow:
    """Documents as they arrived, written before anything else happens.

    Attributes:
        attachment_id: derived from the content, so that a repetition is kept once.
        tracking: the number that the sender gave; content: the message as received.
    """

    case_id: str
    attachment_id: str
    tracking: str
    content: Mapping[str, Any]
    received_at: datetime
    submitted_by: str


class AttachmentStore(Protocol):
    """Durable attachments. Every method raises TransientError when it is out of reach."""

    async def keep(self, row: AttachmentRow) -> None:
        """Keep documents; the same ones of a case are kept once."""

    async def attachments_of(self, case_id: str) -> tuple[AttachmentRow, ...]:
        """The attachments of a case, oldest first."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """The case that documents are for, and the question they name; 0 for none."""

    case_id: str
    question: int = 0


@dataclass(frozen=True, slots=True)
class TakenDocuments:
    """What the documents meant, and the case as it then stands."""

    case: Case
    arrival: Arrival


async def take_in_documents(
    cases: CaseStore,
    attachments: AttachmentStore,
    clock: Clock,
    to: Addressed,
    submitted: SubmittedAttachments,
) -> TakenDocuments:
    """Keep the documents, then let them change their case, once for the same content.

    Raises:
        UnknownCaseError: the case is not open yet.
        TransientError: the store is out of reach; what was kept is found again.
    """
    case = (await load_case(cases, to.case_id)).case
    sender = case.request.requestor.identifier.value
    row = _row(to, submitted, at=clock.now(), sender=sender)
    await attachments.keep(row)
    documents = [each.document for each in submitted.attachments]
    arriving = Arriving(
        attachment_id=row.attachment_id, question=to.question, is_final=submitted.is_final
    )
    arrival = await commit_act(
        cases,
        to.case_id,
        f"{to.case_id}/attachment/{row.attachment_id}",
        lambda case: take_documents(
            case, documents, Actor(sender), row.received_at, arriving=arriving
        ),
        Arrival,
        at=row.received_at,
    )
    return TakenDocuments((await load_case(cases, to.case_id)).case, arrival)


def _row(
    to: Addressed, submitted: SubmittedAttachments, *, at: datetime, sender: str
) -> AttachmentRow:
    content = submitted.content
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return AttachmentRow(
        case_id=to.case_id,
        attachment_id=sha256(text).hexdigest()[:32],
        tracking=submitted.tracking.value,
        content=content,
        received_at=at,
        submitted_by=sender,
    )
