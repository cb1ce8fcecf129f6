"""What the payer answers, item by item, and how the items roll up into the case."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from shared.domain.prior_authorization.codes import Level, ReviewAction
from shared.domain.prior_authorization.request import Coding


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something: a person by user id, or the rules.

    Attributes:
        actor_id: the user's id, "rules" or "clock".
        level: the qualification under which the actor decided.
        licence: the licence number of a clinician; empty for the rules.
    """

    actor_id: str
    level: Level = Level.RULES
    licence: str = ""


RULES = Actor("rules")
CLOCK = Actor("clock")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDecision:
    """The decision on one item.

    Attributes:
        action: what was decided.
        reason_code: X12 886 code; compulsory for a denial, with reason_text.
        reason_text: the specific reason in words, for the provider and the member.
        quantity: units certified, for a partial or modified certification.
        service: the service certified instead, for a modification (answered as addItem).
        effective_from, effective_to: first and last day on which the certification holds.
        rule: "table@version#row" of the rule behind it; empty for a person's decision.
    """

    sequence: int
    action: ReviewAction
    decided_by: Actor
    decided_at: datetime
    reason_code: str = ""
    reason_text: str = ""
    quantity: Decimal | None = None
    service: Coding | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    authorization_number: str = ""
    rule: str = ""


class CaseOutcome(StrEnum):
    """What the items add up to."""

    OPEN = "open"
    APPROVED = "approved"
    PARTIAL = "partial"
    MODIFIED = "modified"
    DENIED = "denied"
    CANCELLED = "cancelled"
    NOT_REQUIRED = "not_required"
    REJECTED = "rejected"


def roll_up(actions: Iterable[ReviewAction]) -> CaseOutcome:
    """What the items' actions add up to for the case.

    A case is open while any item is. An item that was cancelled, or that needed no authorization,
    counts only where no other is left: nobody weighed it. One denial among approvals makes the
    case partial: the member gets some of what was asked.
    """
    every = set(actions)
    if not every or any(not action.is_final for action in every):
        return CaseOutcome.OPEN
    standing = every - {ReviewAction.CANCELLED}
    if not standing:
        return CaseOutcome.CANCELLED
    weighed = standing - {ReviewAction.NOT_REQUIRED}
    if not weighed:
        return CaseOutcome.NOT_REQUIRED
    if weighed == {ReviewAction.NOT_CERTIFIED}:
        return CaseOutcome.DENIED
    if weighed & {ReviewAction.NOT_CERTIFIED, ReviewAction.CERTIFIED_PARTIAL}:
        return CaseOutcome.PARTIAL
    if ReviewAction.MODIFIED in weighed:
        return CaseOutcome.MODIFIED
    return CaseOutcome.APPROVED
