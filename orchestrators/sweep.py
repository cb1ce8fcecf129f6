"""The sweep's chores: send what was not sent, expire what has ended."""

from typing import Any

from durabletask.task import OrchestrationContext

from orchestrators.running import Steps, perform_all
from shared.contracts.prior_authorization import DELIVER_NOTICE, EXPIRE, SWEEP, CaseRef, NoticeRef


def sweep(context: OrchestrationContext, given: Any) -> Steps[int]:
    """Do the chores that the timer found, side by side.

    Returns:
        How many there were.
    """
    chores = SWEEP.read(given)
    yield from perform_all(
        context,
        [
            (DELIVER_NOTICE, NoticeRef(chore.case_id, chore.message_id))
            if chore.message_id
            else (EXPIRE, CaseRef(chore.case_id))
            for chore in chores
        ],
    )
    return len(chores)
