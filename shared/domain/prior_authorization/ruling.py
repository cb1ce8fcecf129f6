"""Ruling: what the rules make of an eligible request, item by item. They never deny."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.change import AuditEntry, Change
from shared.domain.prior_authorization.codes import ReviewAction, Urgency
from shared.domain.prior_authorization.coverage import BusinessError, Finding, Membership
from shared.domain.prior_authorization.deadlines import DecisionClock
from shared.domain.prior_authorization.decision import RULES, ItemDecision
from shared.domain.prior_authorization.issuing import numbered
from shared.errors import RuleViolation

MAY_RULE = frozenset({ReviewAction.CERTIFIED, ReviewAction.NOT_REQUIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRuling:
    """What a rule says of one item.

    Attributes:
        action: certified, not required, or None: a person looks.
        effective_to: the last day a certification holds.
        rule: "model@version#row".
    """

    sequence: int
    action: ReviewAction | None
    reason_text: str
    rule: str
    effective_from: date | None = None
    effective_to: date | None = None


def reject(
    case: Case, error: BusinessError, findings: tuple[Finding, ...], rule: str, at: datetime
) -> Change[None]:
    """Turn a request back that cannot be decided: a business error, never a decision on care."""
    rejected = replace(case.to(Stage.REJECTED), errors=(error,), findings=findings, decided_at=at)
    detail = {"error": error.reject_code, "follow_up": error.follow_up, "rule": rule}
    entry = AuditEntry(event="request_rejected", actor=RULES, at=at, detail=detail)
    return Change(case=rejected, result=None, audit=(*_found(findings, at), entry))


def rule_on_items(
    case: Case,
    rulings: tuple[ItemRuling, ...],
    *,
    findings: tuple[Finding, ...],
    membership: Membership,
    clock: DecisionClock,
    at: datetime,
) -> Change[bool]:
    """Record what the rules decided, and start the clock of what they left open.

    Args:
        clock: as it would start with what was received last, the request or its update.

    Returns:
        Whether every item is decided.

    Raises:
        RuleViolation: a rule tried to do more than approve or free an item.
    """
    made = tuple(_decision(ruling, at) for ruling in rulings if ruling.action is not None)
    holds = _clock_that_holds(case, clock)
    known = replace(case, findings=findings, membership=membership, clock=holds)
    ruled = numbered(known.deciding(made))
    settled = not ruled.open_items
    if settled:
        ruled = replace(ruled.to(Stage.DECIDED), decided_at=at)
    entries = (
        *_found(findings, at),
        *_shortened(case.clock, holds, at),
        *(_ruled_entry(ruling, at) for ruling in rulings),
    )
    return Change(case=ruled, result=settled, audit=entries)


def _clock_that_holds(case: Case, started: DecisionClock) -> DecisionClock:
    """The clock that runs already, unless an update made the request urgent and is due sooner.

    An extension that was taken is spent; the urgent row does not give it again.

    Source:
        42 CFR 422.570(c)(2)(ii) with 422.572(a), 438.210(d)(2): 72 hours from the receipt of the
        request to expedite. That the earlier deadline stands where it is due first is our reading.
    """
    running = case.clock
    if running is None:
        return started
    is_urgent_now = case.request.urgency is Urgency.URGENT
    is_same_row = started.rule.rule_id == running.rule.rule_id
    if not is_urgent_now or is_same_row or started.due_at >= running.due_at:
        return running
    left = max(0, started.rule.extensions_max - len(running.extensions))
    return replace(started, rule=replace(started.rule, extensions_max=left))


def _shortened(
    before: DecisionClock | None, holds: DecisionClock, at: datetime
) -> tuple[AuditEntry, ...]:
    if before is None or before == holds:
        return ()
    detail = {
        "due": holds.due_at.isoformat(),
        "before": before.due_at.isoformat(),
        "rule": holds.rule.rule_id,
    }
    return (AuditEntry(event="deadline_shortened", actor=RULES, at=at, detail=detail),)


def _decision(ruling: ItemRuling, at: datetime) -> ItemDecision:
    if ruling.action not in MAY_RULE:
        raise RuleViolation(f"rule {ruling.rule} may not decide {ruling.action}")
    return ItemDecision(
        sequence=ruling.sequence,
        action=ruling.action,
        decided_by=RULES,
        decided_at=at,
        reason_text=ruling.reason_text,
        effective_from=ruling.effective_from,
        effective_to=ruling.effective_to,
        rule=ruling.rule,
    )


def _ruled_entry(ruling: ItemRuling, at: datetime) -> AuditEntry:
    detail = {
        "item": str(ruling.sequence),
        "action": ruling.action or "review",
        "rule": ruling.rule,
    }
    return AuditEntry(event="item_ruled", actor=RULES, at=at, detail=detail)


def _found(findings: tuple[Finding, ...], at: datetime) -> tuple[AuditEntry, ...]:
    return tuple(
        AuditEntry(
            event="eligibility_checked",
            actor=RULES,
            at=at,
            detail={"check": found.check, "answer": found.answer, "codes": ",".join(found.codes)},
        )
        for found in findings
    )
