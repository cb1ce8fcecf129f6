"""Subscriptions in memory."""

from shared.ports.subscriptions import SubscriptionRow


class MemorySubscriptionStore:
    """A SubscriptionStore that lasts as long as its process."""

    def __init__(self) -> None:
        self._rows: dict[str, SubscriptionRow] = {}
        self._events: dict[str, list[str]] = {}

    async def put(self, row: SubscriptionRow) -> None:
        """Keep a subscription, in place of the organisation's earlier one."""
        self._rows[row.subscription_id] = row

    async def revise(self, before: SubscriptionRow, after: SubscriptionRow) -> bool:
        """Change a subscription; False if it was changed or deleted meanwhile."""
        if self._rows.get(before.subscription_id) != before:
            return False
        self._rows[before.subscription_id] = after
        return True

    async def find(self, subscription_id: str) -> SubscriptionRow | None:
        """A subscription by its id."""
        return self._rows.get(subscription_id)

    async def delete(self, subscription_id: str) -> bool:
        """Forget a subscription; False if there was none."""
        return self._rows.pop(subscription_id, None) is not None

    async def number_event(self, subscription_id: str, event_id: str) -> int:
        """The number of an event of a subscription, from 1; the same event keeps its number."""
        events = self._events.setdefault(subscription_id, [])
        if event_id not in events:
            events.append(event_id)
        return events.index(event_id) + 1

    async def events_of(self, subscription_id: str) -> int:
        """How many events a subscription has had."""
        return len(self._events.get(subscription_id, ()))
