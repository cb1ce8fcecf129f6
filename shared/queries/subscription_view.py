"""A Subscription as its subscriber reads it."""

from datetime import datetime
from typing import Any

from shared.contracts.pas import subscription_resource
from shared.ports.subscriptions import SubscriptionRow

OFF = "off"


def view_subscription(row: SubscriptionRow, *, at: datetime) -> dict[str, Any]:
    """The resource with its status; the headers stay with us, for they may hold secrets."""
    resource = subscription_resource(
        row.subscription,
        subscription_id=row.subscription_id,
        status=OFF if row.is_over(at) else row.status,
        error=row.error,
    )
    wire = {name: value for name, value in resource["channel"].items() if name != "header"}
    return resource | {"channel": wire}
