"""Expiring: the day after the last on which any certification holds."""

from datetime import datetime

from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.change import AuditEntry, Change
from shared.domain.prior_authorization.decision import CLOCK


def expire(case: Case, at: datetime) -> Change[bool]:
    """Expire a notified case whose certifications have all ended.

    Returns:
        Whether it expired; a case without a certification, or with one that holds, stays.
    """
    ends = [made.effective_to for made in case.decisions if made.action.authorizes]
    known = [day for day in ends if day is not None]
    if case.stage is not Stage.NOTIFIED or not known or len(known) < len(ends):
        return Change(case=case, result=False)
    last = max(known)
    if at.date() <= last:
        return Change(case=case, result=False)
    entry = AuditEntry(
        event="authorization_expired", actor=CLOCK, at=at, detail={"ended": last.isoformat()}
    )
    return Change(case=case.to(Stage.EXPIRED), result=True, audit=(entry,))
