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


def expire(case: Case, at: datetime) -> Change[bool]:
    """Expire a notified case whose certifications have all ended.

    Returns:
        Whether it expired; a case without a certification, or with one that holds, stays.
    """
    last = last_day(case)
    if case.stage is not Stage.NOTIFIED or last is None or case.day_of(at) <= last:
        return Change(case=case, result=False)
    entry = AuditEntry(
        event="authorization_expired", actor=CLOCK, at=at, detail={"ended": last.isoformat()}
    )
    return Change(case=case.to(Stage.EXPIRED), result=True, audit=(entry,))
