"""An information request: ask the provider, remind him, and take up the answer or its absence."""

from typing import Any

from durabletask.task import OrchestrationContext

from orchestrators.running import Steps
from orchestrators.watching import watch
from shared.contracts.prior_authorization import ATTEND_QUESTION, INFORMATION_REQUEST


def information_request(context: OrchestrationContext, given: Any) -> Steps[None]:
    """Keep a question before the provider until it is answered or has lapsed.

    1. Send the question.
    2. While it is open: wait for the answer, at the longest until the reminder or the last day.
    3. After each wait look at the question: remind, or give up waiting. The reviewer then
       decides on what there is.
    """
    case = INFORMATION_REQUEST.read(given)
    yield from watch(context, ATTEND_QUESTION, case, case_id=case.case_id)
