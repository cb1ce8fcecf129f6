"""Expiry: an authorization whose last day has passed."""

from shared.contracts.prior_authorization import CaseRef
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import Change
from shared.domain.prior_authorization.expiring import expire as expired
from shared.ports.case_store import CaseStore
from shared.ports.clock import Clock
from shared.ports.commits import commit_step


async def expire(ref: CaseRef, *, cases: CaseStore, clock: Clock, key: str) -> bool:
    """Expire the case if its last certification has ended; answer whether it did."""
    now = clock.now()

    def rule(case: Case) -> Change[bool]:
        return expired(case, now)

    return await commit_step(cases, ref.case_id, key, rule, bool)
