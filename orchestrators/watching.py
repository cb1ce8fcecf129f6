"""Watching: look at something that waits, tell what the look wrote, wait, and look again."""

from durabletask.task import OrchestrationContext

from orchestrators.notifying import notify
from orchestrators.running import Steps, perform, wait_for
from shared.contracts.prior_authorization import CASE_CHANGED, WaitingFor
from shared.contracts.steps import Step


def watch[Given](
    context: OrchestrationContext, look: Step[Given, WaitingFor], given: Given, *, case_id: str
) -> Steps[None]:
    """Look until nothing is open; between two looks wait for a change, or for the named time."""
    visit = 0
    seen = yield from perform(context, look, given, item=str(visit))
    while seen.is_open:
        yield from notify(context, case_id, seen.notices)
        yield from wait_for(context, CASE_CHANGED, until=seen.until)
        visit += 1
        seen = yield from perform(context, look, given, item=str(visit))
    yield from notify(context, case_id, seen.notices)
