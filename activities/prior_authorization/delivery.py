"""Delivery: send one message of a case's outbox."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.prior_authorization import (
    DELIVERED,
    UNDELIVERABLE,
    WAITING,
    NoticeRef,
    Receipt,
)
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import Message
from shared.domain.prior_authorization.notice_matrix import Channel as ChannelWord
from shared.domain.prior_authorization.notice_matrix import Recipient
from shared.domain.prior_authorization.outgoing import OUTCOME_STREAM
from shared.errors import PermanentError, TransientError
from shared.ports.case_store import CaseStore, OutboxRow
from shared.ports.channels import Channel, Dispatch
from shared.ports.clock import Clock
from shared.ports.commits import load_since
from shared.ports.letters import Letter, Letters
from shared.ports.subscriptions import SubscriptionStore
from shared.queries.notification import event_call, subscriber_of

# How long a channel that fails is tried. Only a subscriber's endpoint is ever left alone, because
# $inquire has the answer: a letter that the law wants and an outcome on the stream must arrive.
GIVE_UP_AFTER: Mapping[str, timedelta] = {ChannelWord.SUBSCRIPTION: timedelta(hours=72)}


async def deliver_notice(
    ref: NoticeRef,
    *,
    cases: CaseStore,
    subscriptions: SubscriptionStore,
    channels: Mapping[str, Channel],
    letters: Letters,
    clock: Clock,
) -> Receipt:
    """Deliver a message, at least once; the receiver knows a repetition by the message's id.

    A channel that fails holds up nobody: the message stays in the outbox, and the sweep goes on
    trying, where GIVE_UP_AFTER names the channel until then.
    """
    row = await cases.message(ref.case_id, ref.message_id)
    if row is None:
        raise PermanentError(f"case {ref.case_id} has no message {ref.message_id}")
    if row.settled_at is not None:
        return Receipt(ref.message_id, row.status)
    case, now = await load_since(cases, ref.case_id, row.audit_count), clock.now()
    post = _Post(row, case, cases, subscriptions, _dispatch(case, row.message, letters))
    channel = channels.get(row.message.channel)
    try:
        is_taken = channel is not None and await channel.send(await _addressed(post, now))
        status = DELIVERED if is_taken else UNDELIVERABLE
    except TransientError:
        if not _is_given_up(row, now):
            await cases.postpone_message(ref.case_id, ref.message_id, at=now)
            return Receipt(ref.message_id, WAITING)
        status = UNDELIVERABLE
    await cases.settle_message(ref.case_id, ref.message_id, status=status, at=now)
    return Receipt(ref.message_id, status)


@dataclass(frozen=True, slots=True)
class _Post:
    """A message, and what a subscriber's notification is made of."""

    row: OutboxRow
    case: Case
    cases: CaseStore
    subscriptions: SubscriptionStore
    dispatch: Dispatch


async def _addressed(post: _Post, now: datetime) -> Dispatch:
    """The dispatch as it goes out: to a subscriber, his own call; without one, the fallback's."""
    if post.row.message.channel != ChannelWord.SUBSCRIPTION:
        return post.dispatch
    subscriber = await subscriber_of(post.subscriptions, post.case, now=now)
    if subscriber is None:
        return post.dispatch
    call = await event_call(
        subscriber, post.row, post.case, cases=post.cases, subscriptions=post.subscriptions
    )
    return replace(post.dispatch, address=call.endpoint, headers=call.headers, payload=call.payload)


def _is_given_up(row: OutboxRow, now: datetime) -> bool:
    patience = GIVE_UP_AFTER.get(row.message.channel)
    return patience is not None and now >= row.written_at + patience


def _dispatch(case: Case, message: Message, letters: Letters) -> Dispatch:
    read_by_person = message.recipient != OUTCOME_STREAM
    letter = letters.compose(message.template, _facts(case, message)) if read_by_person else None
    return Dispatch(
        message_id=message.message_id,
        case_id=case.case_id,
        event=message.event,
        recipient=message.recipient,
        address=_address(case, message),
        subject=(letter or Letter("", "")).subject,
        body=(letter or Letter("", "")).body,
        payload=_payload(case, message),
    )


def _address(case: Case, message: Message) -> str:
    """Where the recipient is known to the channel: by his business identifier."""
    if message.recipient == Recipient.REQUESTOR:
        return case.request.requestor.identifier.value
    if message.recipient == Recipient.MEMBER:
        return case.request.member.value
    return message.recipient


def _facts(case: Case, message: Message) -> dict[str, Any]:
    """What a template may say of the case."""
    return {
        "case": case,
        "clock": case.clock,
        "question": case.information[-1] if case.information else None,
        "appeal": case.appeals[-1] if case.appeals else None,
        "event": message.event,
        "items": [(item, case.decision_on(item.sequence)) for item in case.request.items],
    }


def _payload(case: Case, message: Message) -> dict[str, Any]:
    """What a system reads: identifiers and codes, never health data."""
    return {
        "caseId": case.case_id,
        "revision": case.revision,
        "event": message.event,
        "outcome": case.outcome,
        "authorizationNumber": case.authorization_number,
        "items": [
            {"sequence": item.sequence, "action": case.action_of(item.sequence)}
            for item in case.request.items
        ],
    }
