"""Decisions as they were issued: what the public report and a gold card are counted from.

The case goes on: it is updated, appealed, cancelled. What was decided on the request that was then
before the plan stays as it was.
"""

from dataclasses import dataclass
from datetime import date, datetime

from shared.domain.prior_authorization.codes import ReviewAction, Urgency
from shared.domain.prior_authorization.coverage import Membership
from shared.domain.prior_authorization.request import Coding


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedItem:
    """An item that was approved or denied, and as which service it was asked for."""

    sequence: int
    service: Coding
    category: str
    action: ReviewAction


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedDecision:
    """What was decided on one request, or on one update of a decided case.

    Attributes:
        membership: under which it was decided.
        received_at: the receipt from which its clock ran.
        extended: whether the payer took an extension.
        items: only what was approved or denied by this decision.
    """

    urgency: Urgency
    membership: Membership
    received_at: datetime
    decided_at: datetime
    extended: bool
    items: tuple[IssuedItem, ...]

    @property
    def decided_on(self) -> date:
        """The day of the decision in the plan's own time zone."""
        return self.membership.day_of(self.decided_at)
