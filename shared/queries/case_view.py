"""A case as people look at it: its items, clocks, timeline and audit trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.audit import SealedEntry, first_broken
from shared.contracts.steps import converter
from shared.domain.prior_authorization.case import Case, InformationRequest
from shared.domain.prior_authorization.coverage import BusinessError
from shared.domain.prior_authorization.tasks import appeal_task_id, review_task_id
from shared.ports.case_store import CaseStore, OutboxRow, StoredCase
from shared.ports.commits import load_case


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """Everything about a case that a reader may want, read at one time.

    Attributes:
        broken_at: the first audit entry that is not what was written; None if the trail is whole.
    """

    case: Case
    trail: tuple[SealedEntry, ...]
    outbox: tuple[OutboxRow, ...]
    broken_at: int | None


async def view_case(cases: CaseStore, case_id: str) -> CaseView:
    """Read a case with its trail, and prove the trail.

    Raises:
        UnknownCaseError: no case has that id.
    """
    stored = await load_case(cases, case_id)
    trail = await cases.audit_trail(case_id)
    return CaseView(
        case=stored.case,
        trail=trail,
        outbox=await cases.outbox(case_id),
        broken_at=_broken_at(stored, trail),
    )


def as_json(view: CaseView) -> dict[str, Any]:
    """The view as the API shows it."""
    case = view.case
    return {
        "caseId": case.case_id,
        "revision": case.revision,
        "stage": case.stage,
        "outcome": case.outcome,
        "receivedAt": case.received_at.isoformat(),
        "decidedAt": case.decided_at.isoformat() if case.decided_at else None,
        "authorizationNumber": case.authorization_number or None,
        "lineOfBusiness": case.membership.line_of_business if case.membership else None,
        "items": [_item(case, item.sequence) for item in case.request.items],
        "errors": converter(tuple[BusinessError, ...]).dump_python(case.errors, mode="json"),
        "clock": _clock(case),
        "review": _review(case),
        "information": converter(tuple[InformationRequest, ...]).dump_python(
            case.information, mode="json"
        ),
        "appeals": [appeal_as_json(case, n) for n in range(1, len(case.appeals) + 1)],
        "notices": [_notice(row) for row in view.outbox],
        "timeline": [_step(sealed) for sealed in view.trail],
        "audit": {
            "entries": len(view.trail),
            "isWhole": view.broken_at is None,
            "brokenAt": view.broken_at,
            "head": view.trail[-1].seal if view.trail else None,
        },
    }


def appeal_as_json(case: Case, number: int) -> dict[str, Any]:
    """One appeal of a case, by its number from 1, as the API shows it."""
    appeal = case.appeals[number - 1]
    return {
        "appeal": number,
        "taskId": appeal_task_id(case, number),
        "level": appeal.rule.level,
        "name": appeal.rule.name,
        "decidedBy": appeal.rule.decided_by,
        "items": list(appeal.items),
        "expedited": appeal.expedited,
        "filedAt": appeal.filed_at.isoformat(),
        "filedBy": appeal.filed_by,
        "isForwarded": appeal.is_forwarded,
        "dueAt": appeal.clock.due_at.isoformat() if appeal.clock else None,
        "extensions": len(appeal.clock.extensions) if appeal.clock else 0,
        "breachedAt": _maybe(appeal.breached_at),
        "outcome": appeal.outcome,
        "overturnedItems": list(appeal.overturned_items),
        "upheldItems": list(appeal.upheld_items),
        "reviewedAt": _maybe(appeal.reviewed_at),
        "effectuateBy": _maybe(appeal.effectuate_by),
        "effectuatedAt": _maybe(appeal.effectuated_at),
        "aid": {
            "continues": appeal.aid_continues and appeal.aid_ended_at is None,
            "refusal": appeal.aid_refusal,
            "endedAt": _maybe(appeal.aid_ended_at),
        },
    }


def _maybe(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _broken_at(stored: StoredCase, trail: tuple[SealedEntry, ...]) -> int | None:
    """Where the trail breaks.

    Entries committed between the two reads belong to a newer head, so only as many are proved as
    the case knew of.
    """
    known = trail[: stored.audit_count]
    return first_broken(known, count=stored.audit_count, head=stored.audit_head)


def _item(case: Case, sequence: int) -> dict[str, Any]:
    item = case.item(sequence)
    made = case.decision_on(sequence)
    shown = {
        "sequence": sequence,
        "service": item.service.code,
        "action": case.action_of(sequence),
    }
    if made is None:
        return shown
    return shown | {
        "reasonCode": made.reason_code or None,
        "reason": made.reason_text or None,
        "decidedBy": made.decided_by.actor_id,
        "decidedAt": made.decided_at.isoformat(),
        "effectiveFrom": made.effective_from.isoformat() if made.effective_from else None,
        "effectiveTo": made.effective_to.isoformat() if made.effective_to else None,
        "rule": made.rule or None,
    }


def _clock(case: Case) -> dict[str, Any] | None:
    if case.clock is None:
        return None
    return {
        "receivedAt": case.clock.received_at.isoformat(),
        "warnAt": case.clock.warn_at.isoformat(),
        "alertAt": case.clock.alert_at.isoformat(),
        "dueAt": case.clock.due_at.isoformat(),
        "isPaused": case.clock.open_pause is not None,
        "extensions": len(case.clock.extensions),
        "onBreach": case.clock.rule.on_breach,
        "breachedAt": case.breached_at.isoformat() if case.breached_at else None,
    }


def _review(case: Case) -> dict[str, Any] | None:
    if case.review is None:
        return None
    return {
        "taskId": review_task_id(case),
        "queue": case.review.routing.queue,
        "level": case.review.routing.level,
        "rank": case.review.routing.rank,
        "claimedBy": case.review.claimed_by or None,
        "openedAt": case.review.opened_at.isoformat(),
    }


def _notice(row: OutboxRow) -> dict[str, Any]:
    return {
        "messageId": row.message.message_id,
        "event": row.message.event,
        "recipient": row.message.recipient,
        "channel": row.message.channel,
        "status": row.status or "waiting",
        "settledAt": row.settled_at.isoformat() if row.settled_at else None,
    }


def _step(sealed: SealedEntry) -> dict[str, Any]:
    return {
        "sequence": sealed.sequence,
        "at": sealed.entry.at.isoformat(),
        "event": sealed.entry.event,
        "actor": sealed.entry.actor.actor_id,
        "detail": dict(sealed.entry.detail),
        "seal": sealed.seal,
    }
