import asyncio
from dataclasses import replace

import pytest

from shared.adapters.cosmos.subscriptions import CosmosSubscriptionStore
from shared.adapters.memory.subscriptions import MemorySubscriptionStore
from shared.domain.prior_authorization.request import Identifier
from shared.ports.subscriptions import (
    SubscriptionRow,
    SubscriptionStatus,
    SubscriptionStore,
    subscription_id_for,
)
from tests.shared.ports.samples import NOON, a_subscription

ORGANIZATION = Identifier("", "1234567893")


@pytest.fixture(params=["memory", "cosmos"])
def subscriptions(request: pytest.FixtureRequest) -> SubscriptionStore:
    if request.param == "memory":
        return MemorySubscriptionStore()
    return CosmosSubscriptionStore(request.getfixturevalue("database"))


def _row() -> SubscriptionRow:
    return SubscriptionRow(
        subscription_id=subscription_id_for(ORGANIZATION),
        subscription=a_subscription(ORGANIZATION),
        fhir_base="https://payer.example/api/fhir",
        created_at=NOON,
    )


async def test_an_organisation_has_one_subscription(subscriptions: SubscriptionStore) -> None:
    row = _row()
    assert await subscriptions.find(row.subscription_id) is None
    await subscriptions.put(row)
    later = replace(row, fhir_base="https://payer.example/other")
    await subscriptions.put(later)
    assert await subscriptions.find(row.subscription_id) == later


async def test_a_deleted_subscription_does_not_come_back(subscriptions: SubscriptionStore) -> None:
    row = _row()
    await subscriptions.put(row)
    assert await subscriptions.delete(row.subscription_id)
    assert not await subscriptions.delete(row.subscription_id)
    assert not await subscriptions.revise(row, replace(row, status=SubscriptionStatus.ACTIVE))
    assert await subscriptions.find(row.subscription_id) is None


async def test_a_revision_of_what_was_changed_meanwhile_is_refused(
    subscriptions: SubscriptionStore,
) -> None:
    row = _row()
    await subscriptions.put(row)
    active = replace(row, status=SubscriptionStatus.ACTIVE, greeted_at=NOON)
    assert await subscriptions.revise(row, active)
    assert not await subscriptions.revise(row, replace(row, error="late"))
    assert await subscriptions.find(row.subscription_id) == active


async def test_events_are_numbered_once_each_also_at_the_same_time(
    subscriptions: SubscriptionStore,
) -> None:
    name = _row().subscription_id
    assert await subscriptions.events_of(name) == 0
    events = [f"case-{number}.decision" for number in range(6)]
    numbers = await asyncio.gather(*(subscriptions.number_event(name, each) for each in events))
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]
    again = await asyncio.gather(*(subscriptions.number_event(name, each) for each in events))
    assert again == numbers
    assert await subscriptions.events_of(name) == 6
