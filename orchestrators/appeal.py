"""An appeal, through its levels to the last."""

from typing import Any

from durabletask.task import OrchestrationContext

from orchestrators.running import Steps
from orchestrators.watching import watch
from shared.contracts.prior_authorization import APPEAL, ATTEND_APPEAL


def appeal(context: OrchestrationContext, given: Any) -> Steps[None]:
    """Keep an appeal before its reviewer until it is overturned, closed, or at its last level.

    1. Look at the appeal: open its review, watch its clock, forward it where the law says so.
    2. While it is open: send what the look wrote, then wait for a decision, at the longest until
       the clock's next moment.
    3. An overturned decision has its own clock until the service may be given.
    """
    ref = APPEAL.read(given)
    yield from watch(context, ATTEND_APPEAL, ref, case_id=ref.case_id)
