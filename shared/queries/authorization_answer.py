"""What the requestor is answered: the case as a Da Vinci PAS response bundle."""

from typing import Any

from shared.contracts.pas import (
    BusinessError,
    Submission,
    answer_bundle,
    business_error_bundle,
)
from shared.contracts.prior_authorization import CaseRef, Opening
from shared.domain.prior_authorization.case import Stage
from shared.domain.prior_authorization.opening import case_id_for
from shared.ports.case_store import CaseStore
from shared.ports.clock import Clock

# X12 901 code 33 (input errors) with 889 action N (resubmission not allowed), as the guide's own
# example of a refused update has it.
UPDATE_REFUSED = BusinessError(
    "33", "N", text="The authorization cannot be updated as it stands; send a new request"
)
PRIOR_UNKNOWN = BusinessError("33", "N", text="The prior claim is not known")


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
    cases: CaseStore, clock: Clock, ref: CaseRef, submission: Submission, result: str
) -> dict[str, Any]:
    """The answer to a submission, as its case stands now.

    Args:
        result: what the story answered; a case that is not open yet is answered as pended.
    """
    stored = await cases.load(ref.case_id)
    request, bundle, now = submission.request, submission.bundle, clock.now()
    if result == Opening.REFUSED:
        return business_error_bundle(
            bundle, request, [UPDATE_REFUSED], case_id=ref.case_id, answered_at=now
        )
    case = stored.case if stored else None
    if case is not None and case.stage is Stage.REJECTED:
        errors = [
            BusinessError(error.reject_code, error.follow_up, path=error.element)
            for error in case.errors
        ]
        return business_error_bundle(bundle, request, errors, case_id=ref.case_id, answered_at=now)
    return answer_bundle(
        bundle,
        request,
        case.decisions if case else (),
        case_id=ref.case_id,
        answered_at=now,
        authorization_number=case.authorization_number if case else "",
    )
