"""One subscription for several organisations: kept, put in place of another, forgotten."""

from dataclasses import replace

import pytest

from shared.adapters.memory.clock import SettableClock
from shared.adapters.memory.subscriptions import MemorySubscriptionStore
from shared.contracts.pas import Subscription
from shared.domain.prior_authorization.request import Identifier
from shared.ports.subscribing import (
    UnknownSubscriptionError,
    find_subscription,
    known_by,
    subscribe,
    unsubscribe,
)
from shared.ports.subscriptions import SubscriptionRow, subscription_id_for
from tests.shared.ports.samples import NOON, a_subscription

A, B = Identifier("", "1111111112"), Identifier("", "2222222225")
OF_A, OF_B = subscription_id_for(A), subscription_id_for(B)
BOTH = replace(a_subscription(A), others=(B,))
ALONE = a_subscription(B)


@pytest.fixture
def store() -> MemorySubscriptionStore:
    return MemorySubscriptionStore()


async def _subscribe(store: MemorySubscriptionStore, asked: Subscription) -> SubscriptionRow:
    return await subscribe(
        store,
        SettableClock(NOON),
        asked,
        fhir_base="https://payer.example/api/fhir",
        allows_local=False,
    )


async def test_a_part_is_no_subscription_of_its_own(store: MemorySubscriptionStore) -> None:
    assert (await _subscribe(store, BOTH)).subscription_id == OF_A
    with pytest.raises(UnknownSubscriptionError):
        await find_subscription(store, OF_B)
    await unsubscribe(store, OF_B)
    part = await store.find(OF_B)
    assert part is not None
    assert part.part_of == OF_A


async def test_with_a_subscription_its_parts_are_forgotten(store: MemorySubscriptionStore) -> None:
    await _subscribe(store, BOTH)
    for _ in range(2):
        await unsubscribe(store, OF_A)
    assert [await store.find(each) for each in (OF_A, OF_B)] == [None, None]


async def test_who_subscribed_by_himself_later_keeps_his_own(
    store: MemorySubscriptionStore,
) -> None:
    await _subscribe(store, BOTH)
    await _subscribe(store, ALONE)
    await unsubscribe(store, OF_A)
    assert (await find_subscription(store, OF_B)).subscription == ALONE


def test_another_subscription_is_put_in_place_of_that_of_any_organisation_it_names() -> None:
    assert known_by(BOTH, OF_A) == BOTH
    assert known_by(BOTH, OF_B) == replace(BOTH, organization=B, others=(A,))
    with pytest.raises(UnknownSubscriptionError):
        known_by(ALONE, OF_A)
