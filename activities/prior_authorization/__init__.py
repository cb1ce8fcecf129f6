"""The deeds of prior authorization, each under the step it performs."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from activities.prior_authorization.appeals import attend_appeal
from activities.prior_authorization.decision import follow_up, issue_decision
from activities.prior_authorization.delivery import deliver_notice
from activities.prior_authorization.eligibility import (
    check_coverage,
    check_duplicate,
    check_member,
    check_provider,
    determine_documents,
)
from activities.prior_authorization.expiry import expire
from activities.prior_authorization.initiation import open_case
from activities.prior_authorization.review import attend_question, attend_review, open_review
from activities.prior_authorization.ruling import apply_rules
from activities.prior_authorization.subscriptions import greet_subscriber
from shared.contracts import prior_authorization as steps
from shared.contracts.steps import Step

DEEDS: Mapping[Step[Any, Any], Callable[..., Awaitable[Any]]] = {
    steps.OPEN_CASE: open_case,
    steps.CHECK_MEMBER: check_member,
    steps.CHECK_COVERAGE: check_coverage,
    steps.CHECK_PROVIDER: check_provider,
    steps.CHECK_DUPLICATE: check_duplicate,
    steps.DETERMINE_DOCUMENTS: determine_documents,
    steps.APPLY_RULES: apply_rules,
    steps.OPEN_REVIEW: open_review,
    steps.ATTEND_REVIEW: attend_review,
    steps.ATTEND_QUESTION: attend_question,
    steps.ISSUE_DECISION: issue_decision,
    steps.DELIVER_NOTICE: deliver_notice,
    steps.FOLLOW_UP: follow_up,
    steps.EXPIRE: expire,
    steps.ATTEND_APPEAL: attend_appeal,
    steps.GREET_SUBSCRIBER: greet_subscriber,
}
