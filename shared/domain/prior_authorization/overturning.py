"""Overturning: what an appeal that is won makes of an item."""

from datetime import date, datetime, timedelta

from shared.domain.prior_authorization.appeals import Appeal
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.decision import Actor, ItemDecision


def overturned(
    case: Case, appeal: Appeal, sequence: int, *, by: Actor, reason: str, at: datetime
) -> ItemDecision:
    """The certification of an item whose denial, or the silence about it, was overturned.

    Source:
        42 CFR 422.618, 422.619 and 438.424.
    """
    first, last = _days(case, appeal, sequence, at)
    return ItemDecision(
        sequence=sequence,
        action=ReviewAction.CERTIFIED,
        decided_by=by,
        decided_at=at,
        reason_text=reason,
        effective_from=first,
        effective_to=last,
    )


def _days(case: Case, appeal: Appeal, sequence: int, at: datetime) -> tuple[date, date | None]:
    """From when to when it holds: as long as was asked, and not over before care can be given.

    Days that went by without the care are owed later. Care that went on meanwhile was given on the
    days asked for; what was certified in part keeps its first day. A request that named no last
    day is certified without one.

    Source:
        42 CFR 438.424(a): services not furnished while the appeal was pending.
    """
    item = case.item(sequence)
    today, standing = case.day_of(at), case.decision_on(sequence)
    asked = item.served_from or today
    if appeal.aid_continues and case.was_authorized(sequence):
        return asked, item.served_to
    first = max(asked, today)
    last = first + max(item.served_to - asked, timedelta()) if item.served_to else None
    kept = standing.effective_from if standing and standing.action.authorizes else None
    return min(first, kept or first), last
