"""A Subscription as its subscriber reads it."""

from datetime import datetime
from typing import Any

from shared.contracts.pas import (
    Notification,
    NotificationKind,
    status_bundle,
    subscription_resource,
)
from shared.ports.subscriptions import SubscriptionRow, SubscriptionStore

OFF = "off"


def view_subscription(row: SubscriptionRow, *, at: datetime) -> dict[str, Any]:
    """The resource with its status; the headers stay with us, for they may hold secrets."""
    resource = subscription_resource(
        row.subscription,
        subscription_id=row.subscription_id,
        status=_status_of(row, at),
        error=row.error,
    )
    wire = {name: value for name, value in resource["channel"].items() if name != "header"}
    return resource | {"channel": wire}


async def subscription_status(
    row: SubscriptionRow, subscriptions: SubscriptionStore, *, at: datetime
) -> dict[str, Any]:
    """Where a subscription stands, and how many events it has had."""
    notification = Notification(
        kind=NotificationKind.STATUS,
        subscription_url=row.url,
        status=_status_of(row, at),
        events_so_far=await subscriptions.events_of(row.subscription_id),
        sent_at=at,
        error=row.error,
    )
    return status_bundle(notification)


def _status_of(row: SubscriptionRow, at: datetime) -> str:
    return OFF if row.is_over(at) else row.status
