"""Initiation: take a received request into its case."""

from shared.contracts.prior_authorization import CaseRef, Opening
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import Change
from shared.domain.prior_authorization.decision import Actor
from shared.domain.prior_authorization.opening import open_case as opened
from shared.domain.prior_authorization.withdrawing import cancel, update
from shared.errors import PermanentError, RuleViolation
from shared.ports.case_store import CaseStore, InboxRow
from shared.ports.commits import commit_opening, commit_step
from shared.ports.rule_book import RuleBook


async def open_case(ref: CaseRef, *, cases: CaseStore, rules: RuleBook, key: str) -> Opening:
    """Open the case of a new request, or let an update or a cancellation change the case."""
    row = await cases.inbox_row(ref.case_id, ref.revision)
    if row is None:
        raise PermanentError(f"case {ref.case_id} has no request of revision {ref.revision}")
    if row.kind == "new":
        change = opened(
            row.case_id,
            row.request,
            submitted_by=row.submitted_by,
            received_at=row.received_at,
            rule_versions=await rules.versions(row.received_at),
        )
        await commit_opening(cases, key, change, str)
        return Opening.OPENED
    try:
        return await commit_step(cases, ref.case_id, key, lambda case: _amend(case, row), Opening)
    except RuleViolation:
        return Opening.REFUSED


def _amend(case: Case, row: InboxRow) -> Change[Opening]:
    by = Actor(row.submitted_by)
    if row.kind == "cancel":
        cancelled = cancel(case, by, row.received_at)
        return Change(case=cancelled.case, result=Opening.CANCELLED, audit=cancelled.audit)
    updated = update(case, row.request, revision=row.revision, by=by, at=row.received_at)
    return Change(case=updated.case, result=Opening.OPENED, audit=updated.audit)
