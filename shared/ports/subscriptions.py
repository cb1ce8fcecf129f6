"""Who hears of the end of a pend, and how many events he has had."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Protocol

from shared.contracts.pas import Subscription
from shared.domain.prior_authorization.request import Identifier


class SubscriptionStatus(StrEnum):
    """Where a subscription stands.

    Source: FHIR R4, value set subscription-status.
    """

    REQUESTED = "requested"  # Its endpoint has not taken the handshake yet.
    ACTIVE = "active"
    ERROR = "error"  # Its endpoint took nothing the last time; events go on being tried.


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRow:
    """A subscription as it is kept.

    Attributes:
        subscription_id: derived from the organisation, so that each has one.
        part_of: the subscription that names this organisation among others; empty for a
            subscription itself.
        fhir_base: the address at which the subscriber knows our FHIR door.
        error: what went wrong the last time; empty for nothing.
        greeted_at: when its endpoint took the handshake; None before. Nothing else is sent before.
    """

    subscription_id: str
    subscription: Subscription
    fhir_base: str
    created_at: datetime
    status: SubscriptionStatus = SubscriptionStatus.REQUESTED
    error: str = ""
    greeted_at: datetime | None = None
    part_of: str = ""

    @property
    def url(self) -> str:
        """Where the Subscription can be read."""
        return f"{self.fhir_base}/Subscription/{self.subscription_id}"

    def is_over(self, now: datetime) -> bool:
        """Whether its own end has come."""
        ends_at = self.subscription.ends_at
        return ends_at is not None and ends_at <= now


class SubscriptionStore(Protocol):
    """Durable subscriptions. Every method raises TransientError when it is out of reach."""

    async def put(self, row: SubscriptionRow) -> None:
        """Keep a subscription, in place of the organisation's earlier one."""

    async def revise(self, before: SubscriptionRow, after: SubscriptionRow) -> bool:
        """Change a subscription; False if it was changed or deleted meanwhile."""

    async def find(self, subscription_id: str) -> SubscriptionRow | None:
        """A subscription by its id."""

    async def delete(self, subscription_id: str) -> bool:
        """Forget a subscription; False if there was none."""

    async def number_event(self, subscription_id: str, event_id: str) -> int:
        """The number of an event of a subscription, from 1; the same event keeps its number."""

    async def events_of(self, subscription_id: str) -> int:
        """How many events a subscription has had."""


def subscription_id_for(organization: Identifier) -> str:
    """The subscription of an organisation, by the number that providers are known by."""
    return f"sub-{sha256(organization.value.encode()).hexdigest()[:20]}"
