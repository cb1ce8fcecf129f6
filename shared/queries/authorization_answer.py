"""What the requestor is answered: the case as a Da Vinci PAS response bundle."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.contracts.pas import (
    BusinessError,
    Submission,
    answer_bundle,
    business_error_bundle,
)
from shared.contracts.prior_authorization import Opening
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.opening import case_id_for
from shared.domain.prior_authorization.request import AuthorizationRequest
from shared.errors import PermanentError
from shared.ports.case_store import CaseStore, InboxRow, StoredCase
from shared.ports.clock import Clock
from shared.ports.intake import TakenIn
from shared.queries.information_tasks import information_tasks

# X12 901 code 33 (input errors) with 889 action N (resubmission not allowed), as the guide's own
# example of a refused update has it.
UPDATE_REFUSED = BusinessError(
    "33", "N", "The authorization cannot be updated as it stands; send a new request"
)
PRIOR_UNKNOWN = BusinessError("33", "N", "The prior claim is not known")
CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to answer, with the bundle it came in."""

    request: AuthorizationRequest
    bundle: Mapping[str, Any]


def prior_unknown_answer(clock: Clock, submission: Submission) -> dict[str, Any]:
    """The answer to an update or a cancellation of a claim that nobody sent."""
    return business_error_bundle(
        submission.bundle,
        submission.request,
        [PRIOR_UNKNOWN],
        case_id=case_id_for(submission.request.identifier),
        answered_at=clock.now(),
    )


async def authorization_answer(
    cases: CaseStore,
    clock: Clock,
    taken: TakenIn,
    submission: Submission,
    result: str,
    *,
    fhir_base: str,
) -> dict[str, Any]:
    """The answer to a submission, as its case stands now.

    Args:
        result: what the story answered; a case that is not open yet is answered as pended.
        fhir_base: of the door at which the requestor asked.
    """
    ref = taken.ref
    stored = _just_notified(cases, taken) or await cases.load(ref.case_id)
    asked, now = Asked(submission.request, submission.bundle), clock.now()
    if result == Opening.REFUSED:
        return business_error_bundle(
            submission.bundle,
            submission.request,
            [UPDATE_REFUSED],
            case_id=ref.case_id,
            answered_at=now,
        )
    if stored is None:
        return answer_bundle(
            submission.bundle, submission.request, (), case_id=ref.case_id, answered_at=now
        )
    case = stored.case
    if case.revision == ref.revision:  # What an update left out stands, and is answered too.
        spoken = submission.request.profile_version
        asked = Asked(replace(case.request, profile_version=spoken), submission.bundle)
    return answer_to(asked, case, at=now, fhir_base=fhir_base)


def _just_notified(cases: CaseStore, taken: TakenIn) -> StoredCase | None:
    """The case whose story this process has just brought to its end; None if it did not."""
    recent = cases.recent(taken.ref.case_id) if taken.is_new else None
    if recent is None or recent.case.revision != taken.ref.revision:
        return None
    return recent if recent.case.stage is Stage.NOTIFIED else None


async def current_answer(
    cases: CaseStore, case: Case, *, version: str, at: datetime, fhir_base: str
) -> dict[str, Any]:
    """The answer to the request that a case stands at, as it stands now.

    Args:
        version: the PAS version of whoever is answered, which the request need not have spoken.

    Raises:
        PermanentError: the case has lost its request.
    """
    row = await request_row(cases, case)
    asked = Asked(replace(case.request, profile_version=version), row.bundle)
    return answer_to(asked, case, at=at, fhir_base=fhir_base)


def answer_to(asked: Asked, case: Case, *, at: datetime, fhir_base: str) -> dict[str, Any]:
    """The answer to a request, as its case stands."""
    bundle = dict(asked.bundle)
    if case.stage is Stage.REJECTED:
        errors = [
            BusinessError(error.reject_code, error.follow_up, error.reason) for error in case.errors
        ]
        return business_error_bundle(
            bundle, asked.request, errors, case_id=case.case_id, answered_at=at
        )
    zone = ZoneInfo(case.membership.time_zone) if case.membership else UTC
    return answer_bundle(
        bundle,
        asked.request,
        [replace(made, decided_at=made.decided_at.astimezone(zone)) for made in case.decisions],
        case_id=case.case_id,
        answered_at=at,
        authorization_number=case.authorization_number,
        info_tasks=information_tasks(
            case, bundle, version=asked.request.profile_version, fhir_base=fhir_base
        ),
    )


async def request_row(cases: CaseStore, case: Case) -> InboxRow:
    """The inbox row of the request that a case stands at; a cancellation brings none of its own.

    Raises:
        PermanentError: the case has lost its request.
    """
    for revision in range(case.revision, 0, -1):
        row = await cases.inbox_row(case.case_id, revision)
        if row is not None and row.kind != CANCEL and _stands(row, case):
            return row
    raise PermanentError(f"case {case.case_id} has lost its request")


def _stands(row: InboxRow, case: Case) -> bool:
    """Whether the case took the request up; a differential update names some of its items only."""
    return all(item in case.request.items for item in row.request.items)
