"""Expiring: the day after the last on which any certification holds."""

from datetime import date, datetime

from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.change import AuditEntry, Change
from shared.domain.prior_authorization.decision import CLOCK


def last_day(case: Case) -> date | None:
    """The last day on which any certification holds; None where none does, or one has no end."""
    ends = [made.effective_to for made in case.decisions if made.action.authorizes]
    known = [day for day in ends if day is not None]
    return max(known) if known and len(known) == len(ends) else None


def is_over(case: Case, at: datetime) -> bool:
    """Whether every certification of a notified case has ended, where the plan's days end."""
    last = last_day(case)
    return case.stage is Stage.NOTIFIED and last is not None and case.day_of(at) > last


def expire(case: Case, at: datetime) -> Change[bool]:
    """Expire a notified case whose certifications have all ended.

    Returns:
        Whether it expired; a case without a certification, or with one that holds, stays.
    """
    if not is_over(case, at):
        return Change(case=case, result=False)
    ended = {"ended": str(last_day(case))}
    entry = AuditEntry(event="authorization_expired", actor=CLOCK, at=at, detail=ended)
    return Change(case=case.to(Stage.EXPIRED), result=True, audit=(entry,))
