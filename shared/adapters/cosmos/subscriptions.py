"""Subscriptions in Cosmos DB: each a partition of its own in the container "cases".

Beside the subscription stand its events, each with its number, and the count of them.
"""

from typing import Any

from azure.cosmos.exceptions import CosmosResourceNotFoundError

from shared.adapters.cosmos.client import CosmosDatabase
from shared.adapters.cosmos.containers import CASES
from shared.adapters.cosmos.documents import Document, document_id, read_body, write_body
from shared.adapters.cosmos.failures import batch_translated, translated
from shared.errors import TransientError
from shared.ports.case_store import StaleError
from shared.ports.subscriptions import SubscriptionRow

SUBSCRIPTION, EVENT, COUNT = "subscription", "event", "count"
CONFLICTS_MAX = 20


class CosmosSubscriptionStore:
    """A SubscriptionStore whose rows outlast the process."""

    def __init__(self, database: CosmosDatabase) -> None:
        self._database = database

    async def put(self, row: SubscriptionRow) -> None:
        """Keep a subscription, in place of the organisation's earlier one."""
        container = await self._database.container(CASES)
        document = _document(row.subscription_id, SUBSCRIPTION, SUBSCRIPTION)
        with translated(f"put subscription {row.subscription_id}"):
            await container.upsert_item(document | {"body": write_body(row, SubscriptionRow)})

    async def revise(self, before: SubscriptionRow, after: SubscriptionRow) -> bool:
        """Change a subscription; False if it was changed or deleted meanwhile."""
        known = await self._read(before.subscription_id, SUBSCRIPTION)
        if known is None or read_body(known, SubscriptionRow) != before:
            return False
        document = _document(after.subscription_id, SUBSCRIPTION, SUBSCRIPTION)
        document["body"] = write_body(after, SubscriptionRow)
        guard = {"if_match_etag": known["_etag"]}
        batch = [("replace", (SUBSCRIPTION, document), guard)]
        container = await self._database.container(CASES)
        try:
            with batch_translated(f"revise subscription {before.subscription_id}"):
                await container.execute_item_batch(batch, before.subscription_id)
        except StaleError:
            return False
        return True

    async def find(self, subscription_id: str) -> SubscriptionRow | None:
        """A subscription by its id."""
        document = await self._read(subscription_id, SUBSCRIPTION)
        return read_body(document, SubscriptionRow) if document else None

    async def delete(self, subscription_id: str) -> bool:
        """Forget a subscription; False if there was none."""
        container = await self._database.container(CASES)
        with translated(f"delete subscription {subscription_id}"):
            try:
                await container.delete_item(SUBSCRIPTION, subscription_id)
            except CosmosResourceNotFoundError:
                return False
        return True

    async def number_event(self, subscription_id: str, event_id: str) -> int:
        """The number of an event of a subscription, from 1; the same event keeps its number."""
        name = document_id(EVENT, event_id)
        for _ in range(CONFLICTS_MAX):
            known = await self._read(subscription_id, name)
            if known is not None:
                return int(known["number"])
            count = await self._read(subscription_id, COUNT)
            number = _counted(count) + 1
            if await self._count(subscription_id, name, number, count):
                return number
        raise TransientError(f"subscription {subscription_id} had too many events at once")

    async def events_of(self, subscription_id: str) -> int:
        """How many events a subscription has had."""
        return _counted(await self._read(subscription_id, COUNT))

    async def _count(
        self, subscription_id: str, name: str, number: int, count: Document | None
    ) -> bool:
        """Write an event with its number and the new count; False if another came first."""
        event = _document(subscription_id, name, EVENT) | {"number": number}
        counted = _document(subscription_id, COUNT, COUNT) | {"number": number}
        raised: tuple[Any, ...] = (
            ("replace", (COUNT, counted), {"if_match_etag": count["_etag"]})
            if count
            else ("create", (counted,))
        )
        container = await self._database.container(CASES)
        try:
            with batch_translated(f"number an event of {subscription_id}"):
                await container.execute_item_batch([raised, ("create", (event,))], subscription_id)
        except StaleError:
            return False
        return True

    async def _read(self, subscription_id: str, name: str) -> Document | None:
        container = await self._database.container(CASES)
        with translated(f"read {name} of {subscription_id}"):
            try:
                return dict(await container.read_item(name, subscription_id))
            except CosmosResourceNotFoundError:
                return None


def _counted(count: Document | None) -> int:
    return int(count["number"]) if count else 0


def _document(subscription_id: str, name: str, kind: str) -> Document:
    return {"id": name, "caseId": subscription_id, "type": kind}
