"""Subscribing: a provider organisation asks to hear of its requests."""

from dataclasses import replace

from shared.contracts.endpoints import endpoint_fault
from shared.contracts.pas import Issue, Malformed, Subscription
from shared.errors import RuleViolation
from shared.ports.clock import Clock
from shared.ports.subscriptions import SubscriptionRow, SubscriptionStore, subscription_id_for


class UnknownSubscriptionError(RuleViolation):
    """No subscription has that id."""


async def subscribe(
    subscriptions: SubscriptionStore,
    clock: Clock,
    asked: Subscription,
    *,
    fhir_base: str,
    allows_local: bool,
) -> SubscriptionRow:
    """Keep a subscription, in place of an earlier one of each organisation that it names.

    Raises:
        Malformed: its endpoint is none that may be called.
    Source:
        Da Vinci PAS, subscription: one for each organisation.
    """
    fault = endpoint_fault(asked.endpoint, allows_local=allows_local)
    if fault:
        raise Malformed([Issue("error", "value", fault, "Subscription.channel.endpoint")])
    row = SubscriptionRow(
        subscription_id=subscription_id_for(asked.organization),
        subscription=asked,
        fhir_base=fhir_base,
        created_at=clock.now(),
    )
    await subscriptions.put(row)
    for other in asked.others:
        part = replace(row, subscription_id=subscription_id_for(other), part_of=row.subscription_id)
        await subscriptions.put(part)
    return row


def known_by(asked: Subscription, subscription_id: str) -> Subscription:
    """What is asked, as the subscription of that id: of the organisation that has it.

    Raises:
        UnknownSubscriptionError: it names none whose id that is.
    """
    every = {subscription_id_for(each): each for each in (asked.organization, *asked.others)}
    first = every.pop(subscription_id, None)
    if first is None:
        raise UnknownSubscriptionError("the subscription is another organisation's")
    return replace(asked, organization=first, others=tuple(every.values()))


async def unsubscribe(subscriptions: SubscriptionStore, subscription_id: str) -> None:
    """Forget a subscription for every organisation that it names; one that is gone is gone."""
    row = await subscriptions.find(subscription_id)
    if row is None or row.part_of:
        return
    for other in row.subscription.others:
        part = await subscriptions.find(subscription_id_for(other))
        if part is not None and part.part_of == subscription_id:
            await subscriptions.delete(part.subscription_id)
    await subscriptions.delete(subscription_id)


async def find_subscription(
    subscriptions: SubscriptionStore, subscription_id: str
) -> SubscriptionRow:
    """A subscription by its id.

    Raises:
        UnknownSubscriptionError: there is none.
    """
    row = await subscriptions.find(subscription_id)
    if row is None or row.part_of:
        raise UnknownSubscriptionError(f"there is no subscription {subscription_id[:64]}")
    return row
