"""Ruling: what the rules make of an eligible request, item by item. They never deny."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.change import AuditEntry, Change
from shared.domain.prior_authorization.codes import ReviewAction
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

    Returns:
        Whether every item is decided.

    Raises:
        RuleViolation: a rule tried to do more than approve or free an item.
    """
    made = tuple(_decision(ruling, at) for ruling in rulings if ruling.action is not None)
    known = replace(case, findings=findings, membership=membership, clock=case.clock or clock)
    ruled = numbered(known.deciding(made))
    settled = all(ruled.action_of(item.sequence).is_final for item in ruled.request.items)
    if settled:
        ruled = replace(ruled.to(Stage.DECIDED), decided_at=at)
    entries = (
        *_found(findings, at),
        *(_ruled_entry(ruling, at) for ruling in rulings),
    )
    return Change(case=ruled, result=settled, audit=entries)


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
