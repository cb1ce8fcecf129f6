"""Clinical review: a person decides what the rules do not, and a clock stands beside him."""

from typing import Any

from durabletask.task import OrchestrationContext

from orchestrators.notifying import notify
from orchestrators.running import Steps, perform, tell, wait_for
from shared.contracts.prior_authorization import (
    ATTEND_REVIEW,
    CASE_CHANGED,
    CLINICAL_REVIEW,
    INFORMATION_REQUEST,
    OPEN_REVIEW,
)


def clinical_review(context: OrchestrationContext, given: Any) -> Steps[None]:
    """Keep a case before a reviewer until it is decided, withdrawn, or its clock has run out.

    1. Put the case into the queue that the rules name, with its clock started.
    2. While it is open: where the provider was asked for information, see to that question;
       else wait for the reviewer, at the longest until the clock's next moment.
    3. After each wait look at the case: warn, escalate, or do what the law says of a breach.
    """
    case = CLINICAL_REVIEW.read(given)
    review = yield from perform(context, OPEN_REVIEW, case)
    visit = 0
    while review.is_open:
        visit += 1
        yield from notify(context, case.case_id, review.notices)
        if review.question:
            question = f"{context.instance_id}.question{review.question}"
            yield from tell(context, INFORMATION_REQUEST, case, instance_id=question)
        else:
            yield from wait_for(context, CASE_CHANGED, until=review.until)
        review = yield from perform(context, ATTEND_REVIEW, case, item=str(visit))
    yield from notify(context, case.case_id, review.notices)
