"""Stories: the steps of a flow, in order; deterministic, with one file each."""

from collections.abc import Callable
from typing import Any

from orchestrators.appeal import appeal
from orchestrators.clinical_review import clinical_review
from orchestrators.information_request import information_request
from orchestrators.prior_authorization import prior_authorization
from orchestrators.subscription import subscription
from orchestrators.sweep import sweep
from shared.contracts.prior_authorization import (
    APPEAL,
    CLINICAL_REVIEW,
    INFORMATION_REQUEST,
    PRIOR_AUTHORIZATION,
    SUBSCRIPTION,
    SWEEP,
)
from shared.contracts.steps import Story

STORIES: dict[Story[Any], Callable[..., Any]] = {
    PRIOR_AUTHORIZATION: prior_authorization,
    CLINICAL_REVIEW: clinical_review,
    INFORMATION_REQUEST: information_request,
    APPEAL: appeal,
    SUBSCRIPTION: subscription,
    SWEEP: sweep,
}
