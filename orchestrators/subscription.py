"""A subscription: greet its endpoint, until it answers or has been given enough time."""

from datetime import timedelta
from typing import Any

from durabletask.task import OrchestrationContext

from orchestrators.running import Steps, perform
from shared.contracts.prior_authorization import GREET_SUBSCRIBER, SUBSCRIPTION

TRY_AGAIN_AFTER = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(hours=1),
)


def subscription(context: OrchestrationContext, given: Any) -> Steps[bool]:
    """Send a new subscriber his handshake.

    Returns:
        Whether his endpoint took it; the Subscription says so too.
    """
    ref = SUBSCRIPTION.read(given)
    greeted = yield from perform(context, GREET_SUBSCRIBER, ref, item="0")
    for attempt, wait in enumerate(TRY_AGAIN_AFTER, start=1):
        if greeted:
            break
        yield context.create_timer(context.current_utc_datetime + wait)
        greeted = yield from perform(context, GREET_SUBSCRIBER, ref, item=str(attempt))
    return greeted
