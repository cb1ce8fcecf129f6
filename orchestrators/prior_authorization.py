"""Prior authorization, from the request to the follow-up of its deadline."""

from datetime import timedelta
from typing import Any

from durabletask.task import OrchestrationContext

from orchestrators.notifying import notify
from orchestrators.running import Steps, perform, perform_all, tell
from shared.contracts.prior_authorization import (
    APPLY_RULES,
    CLINICAL_REVIEW,
    ELIGIBILITY_CHECKS,
    ELIGIBILITY_CHECKS_1_0,
    FOLLOW_UP,
    ISSUE_DECISION,
    OPEN_CASE,
    PENDED,
    PRIOR_AUTHORIZATION,
    Eligibility,
    Notified,
    Opening,
    Ruling,
)

FIRST_LOOK, LOOK_MAX = timedelta(seconds=1), timedelta(minutes=15)


def prior_authorization(context: OrchestrationContext, given: Any) -> Steps[str]:
    """Decide a request for prior authorization, and tell those whom it concerns.

    1. Initiation: open the case from the request that the door received; an update or a
       cancellation that overtook its request waits for it.
    2. Eligibility: ask the independent questions side by side, then apply the rules.
    3. Clinical review, where the rules do not settle it: a person decides, beside a clock.
    4. Decision: one for each item.
    5. Notification: tell every recipient side by side.
    6. Follow-up: see that the deadline was kept and the notices arrived.

    Returns:
        The outcome of the case, or "refused" for an update that may not be.
    """
    case = PRIOR_AUTHORIZATION.read(given)

    opening = yield from perform(context, OPEN_CASE, case)
    looks, wait = 0, FIRST_LOOK
    while opening is Opening.EARLY:
        yield context.create_timer(context.current_utc_datetime + wait)
        looks, wait = looks + 1, min(2 * wait, LOOK_MAX)
        opening = yield from perform(context, OPEN_CASE, case, item=str(looks))
    if opening is Opening.REFUSED:
        return opening

    if opening is Opening.OPENED:
        checks = ELIGIBILITY_CHECKS_1_0 if context.version == "1.0.0" else ELIGIBILITY_CHECKS
        findings = yield from perform_all(context, [(check, case) for check in checks])
        ruling = yield from perform(context, APPLY_RULES, Eligibility(case, tuple(findings)))

        if ruling is Ruling.CLINICAL_REVIEW:
            context.set_custom_status(PENDED)
            review = f"{context.instance_id}.review"
            yield from tell(context, CLINICAL_REVIEW, case, instance_id=review)

    notices = yield from perform(context, ISSUE_DECISION, case)

    receipts = yield from notify(context, case.case_id, notices, is_followed_up=True)

    return (yield from perform(context, FOLLOW_UP, Notified(case, receipts)))
