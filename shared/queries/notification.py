"""What is posted to a subscriber: his handshake, and the answer to a case of his."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.pas import Notification, NotificationKind, notification_bundle
from shared.domain.prior_authorization.case import Case
from shared.errors import TransientError
from shared.ports.case_store import CaseStore, OutboxRow
from shared.ports.subscriptions import (
    SubscriptionRow,
    SubscriptionStatus,
    SubscriptionStore,
    subscription_id_for,
)
from shared.queries.authorization_answer import current_answer
from shared.queries.inquiry import is_same

# What belongs to the connection is not the subscriber's to say.
OURS = frozenset(
    {"connection", "content-length", "content-type", "expect", "host", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "idempotency-key", "x-careloom-signature"}
)


@dataclass(frozen=True, slots=True)
class Call:
    """One post to a subscriber's endpoint."""

    endpoint: str
    headers: Mapping[str, str]
    payload: Mapping[str, Any]


def handshake(row: SubscriptionRow, *, at: datetime) -> Call:
    """The first call to an endpoint: it shows that somebody there expects us.

    Source: Subscriptions R5 Backport, handshake notifications.
    """
    notification = Notification(
        kind=NotificationKind.HANDSHAKE,
        subscription_url=row.url,
        status=SubscriptionStatus.REQUESTED,
        events_so_far=0,
        sent_at=at,
    )
    return _call(row, notification_bundle(notification))


async def subscriber_of(
    subscriptions: SubscriptionStore, case: Case, *, now: datetime
) -> SubscriptionRow | None:
    """The subscription of the organisation that made the request; None where it has none.

    A subscription that does not name the organisation any more is not its own.
    """
    requestor = case.request.requestor.identifier
    row = await subscriptions.find(subscription_id_for(requestor))
    if row is not None and row.part_of:
        row = await subscriptions.find(row.part_of)
    if row is None or row.part_of or row.is_over(now):
        return None
    named = (row.subscription.organization, *row.subscription.others)
    return row if any(is_same(each, requestor) for each in named) else None


async def event_call(
    row: SubscriptionRow,
    written: OutboxRow,
    case: Case,
    *,
    cases: CaseStore,
    subscriptions: SubscriptionStore,
) -> Call:
    """The call that tells a subscriber of his case; the same message is always the same event.

    Raises:
        TransientError: the endpoint has not taken the handshake yet.
    """
    if row.greeted_at is None:
        raise TransientError(f"subscription {row.subscription_id} awaits its handshake")
    event_id = f"{written.case_id}.{written.message.message_id}"
    notification = Notification(
        kind=NotificationKind.EVENT,
        subscription_url=row.url,
        status=SubscriptionStatus.ACTIVE,
        events_so_far=await subscriptions.number_event(row.subscription_id, event_id),
        sent_at=written.written_at,
    )
    version = case.request.profile_version
    answer = await current_answer(
        cases, case, version=version, at=written.written_at, fhir_base=row.fhir_base
    )
    bundle = notification_bundle(
        notification,
        answer,
        version=version,
        content=row.subscription.content,
    )
    return _call(row, bundle)


def _call(row: SubscriptionRow, payload: Mapping[str, Any]) -> Call:
    wished = (header.partition(":") for header in row.subscription.headers)
    headers = {
        name.strip(): value.strip()
        for name, colon, value in wished
        if colon and name.strip().lower() not in OURS
    }
    content_type = {"Content-Type": row.subscription.content_type}
    return Call(row.subscription.endpoint, headers | content_type, payload)
