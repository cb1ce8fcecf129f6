"""Subscriptions: greet the endpoint that a provider organisation names."""

from collections.abc import Mapping
from dataclasses import replace

from shared.contracts.prior_authorization import SubscriptionRef
from shared.domain.prior_authorization.notice_matrix import Channel as ChannelWord
from shared.errors import TransientError
from shared.ports.channels import Channel, Dispatch
from shared.ports.clock import Clock
from shared.ports.subscriptions import SubscriptionStatus, SubscriptionStore
from shared.queries.notification import handshake

REFUSED = "The endpoint did not take the handshake."


async def greet_subscriber(
    ref: SubscriptionRef,
    *,
    subscriptions: SubscriptionStore,
    channels: Mapping[str, Channel],
    clock: Clock,
    key: str,
) -> bool:
    """Send the handshake; the subscription is active once its endpoint has taken it.

    Returns:
        Whether nothing is left to try: it was taken, or the subscription is gone.
    """
    row = await subscriptions.find(ref.subscription_id)
    if row is None or row.greeted_at is not None:
        return True
    now = clock.now()
    call = handshake(row, at=now)
    dispatch = Dispatch(
        message_id=key,
        case_id=ref.subscription_id,
        event="handshake",
        recipient="requestor",
        address=call.endpoint,
        subject="",
        body="",
        payload=call.payload,
        headers=call.headers,
    )
    taken = await _is_taken(channels[ChannelWord.SUBSCRIPTION], dispatch)
    greeted = replace(row, status=SubscriptionStatus.ACTIVE, error="", greeted_at=now)
    failed = replace(row, status=SubscriptionStatus.ERROR, error=REFUSED)
    await subscriptions.revise(row, greeted if taken else failed)
    return taken


async def _is_taken(channel: Channel, dispatch: Dispatch) -> bool:
    """Whether the endpoint took the handshake; its failures are the subscriber's, not ours."""
    try:
        return await channel.send(dispatch)
    except TransientError:
        return False
