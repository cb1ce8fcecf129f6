"""Initiation: take a received request into its case."""

import json
from datetime import timedelta

from shared.contracts.prior_authorization import CaseRef, Opening
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import Change
from shared.domain.prior_authorization.decision import Actor
from shared.domain.prior_authorization.opening import open_case as opened
from shared.domain.prior_authorization.withdrawing import (
    cancel,
    check_sender,
    refuse,
    update,
)
from shared.errors import PermanentError, RuleViolation, TransientError
from shared.ports.case_store import CaseStore, DeadLetter, InboxRow, letter_body
from shared.ports.clock import Clock
from shared.ports.commits import UnknownCaseError, commit_opening, commit_step
from shared.ports.intake import instance_of
from shared.ports.rule_book import RuleBook

# An event is overtaken by another partition's, or by another sender's, not by days.
EARLY_MAX = timedelta(days=1)


async def open_case(
    ref: CaseRef, *, cases: CaseStore, rules: RuleBook, clock: Clock, key: str
) -> Opening:
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
    except UnknownCaseError as error:
        if await cases.inbox_row(ref.case_id, 1) is None:
            return await _early(ref, row, cases, clock)
        # The first request was received, and its own story is about to open the case.
        raise TransientError(f"case {ref.case_id} is not open yet") from error


async def _early(ref: CaseRef, row: InboxRow, cases: CaseStore, clock: Clock) -> Opening:
    """Let an amendment wait for its request; where none comes, a person looks."""
    await cases.set_aside(ref.case_id, ref.revision)
    if clock.now() < row.received_at + EARLY_MAX:
        return Opening.EARLY
    await cases.bury(
        DeadLetter(
            letter_id=instance_of(ref),
            source="prior-authorization-requests",
            reason="the prior claim is not known; send it anew, under another bundle identifier",
            body=letter_body(json.dumps(row.bundle).encode()),
            received_at=row.received_at,
        )
    )
    return Opening.REFUSED


def _amend(case: Case, row: InboxRow) -> Change[Opening]:
    """What the request makes of the case; a refusal is put on record.

    One that overtook its request takes effect with it.
    """
    by, revision = Actor(row.submitted_by), row.revision
    at = max(row.received_at, case.received_at)
    try:
        check_sender(case, row.request)
        if row.kind == "cancel":
            return _answering(Opening.CANCELLED, cancel(case, revision=revision, by=by, at=at))
        updated = update(case, row.request, revision=revision, by=by, at=at)
        return _answering(Opening.OPENED, updated)
    except RuleViolation:
        refused = refuse(case, revision=revision, kind=row.kind, by=by, at=at)
        return _answering(Opening.REFUSED, refused)


def _answering(opening: Opening, change: Change[None]) -> Change[Opening]:
    return Change(case=change.case, result=opening, audit=change.audit, takes_up=change.takes_up)
