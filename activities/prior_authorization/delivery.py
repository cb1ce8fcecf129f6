"""Delivery: send one message of a case's outbox."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from activities.prior_authorization.letter_facts import letter_facts
from shared.contracts.prior_authorization import (
    DELIVER_NOTICE,
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
from shared.ports.case_store import CaseStore, IncidentRow, OutboxRow
from shared.ports.channels import Channel, Dispatch
from shared.ports.clock import Clock
from shared.ports.commits import load_since
from shared.ports.letters import Letter, Letters
from shared.ports.subscriptions import SubscriptionStore
from shared.queries.notification import event_call, subscriber_of
from shared.queries.overdue import PATIENCE


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a failing channel is borne.

    Attributes:
        person_after: from then on a person sees it among the incidents, until it is delivered.
        gives_up: whether the message is left alone from then on.
    """

    person_after: timedelta
    gives_up: bool = False


# A letter that the law wants is never dropped, nor is an event that other systems count on. A tray,
# a mail server or a hub that fails is ours to mend; we try for as long as that takes.
OURS = Patience(timedelta(hours=1))
# A subscriber's endpoint is his to mend, and $inquire has the answer.
HIS = Patience(timedelta(hours=72), gives_up=True)


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

    A channel that fails holds up nobody: its message stays in the outbox, behind the others, and
    the sweep goes on trying. A prompt delivery that is followed up is put on record there.
    """
    row = await cases.message(ref.case_id, ref.message_id)
    if row is None:
        raise PermanentError(f"case {ref.case_id} has no message {ref.message_id}")
    if row.settled_at is not None:
        return Receipt(ref.message_id, row.status)
    case = await load_since(cases, ref.case_id, row.audit_count)
    now = clock.now()
    is_his = row.message.channel == ChannelWord.SUBSCRIPTION
    patience = HIS if is_his else OURS
    status, fault = WAITING, ""
    try:
        dispatch = _dispatch(case, row.message, letters)
        if is_his:
            dispatch = await _to_subscriber(dispatch, row, case, cases, subscriptions, now)
        channel = channels.get(row.message.channel)
        is_taken = channel is not None and await channel.send(dispatch)
        status = DELIVERED if is_taken else UNDELIVERABLE
        fault = "" if is_taken or is_his else "nobody at the other end takes it"
    except (TransientError, PermanentError) as error:
        is_over = now >= row.written_at + patience.person_after
        status = UNDELIVERABLE if is_over and patience.gives_up else WAITING
        fault = str(error) if is_over or isinstance(error, PermanentError) else ""
    if not (ref.is_followed_up and status == DELIVERED and not _is_late(row, now)):
        await _keep(row, status, fault, cases, now)
    return Receipt(ref.message_id, status)


async def _to_subscriber(
    dispatch: Dispatch,
    row: OutboxRow,
    case: Case,
    cases: CaseStore,
    subscriptions: SubscriptionStore,
    now: datetime,
) -> Dispatch:
    """The requestor's notification; where he has no subscription, what the fallback is sent."""
    subscriber = await subscriber_of(subscriptions, case, now=now)
    if subscriber is None:
        return dispatch
    call = await event_call(subscriber, row, case, cases=cases, subscriptions=subscriptions)
    return replace(dispatch, address=call.endpoint, headers=call.headers, payload=call.payload)


async def _keep(row: OutboxRow, status: str, fault: str, cases: CaseStore, now: datetime) -> None:
    """Put on record what became of the message, and what a person has to see of it."""
    incident_id = f"notice-{row.message.message_id}"
    if fault:
        await cases.open_incident(
            IncidentRow(
                incident_id=incident_id,
                case_id=row.case_id,
                instance_id="",
                step=DELIVER_NOTICE.name,
                reason=f"message {row.message.message_id} by {row.message.channel}: {fault}",
                opened_at=now,
            )
        )
    if status == WAITING:
        await cases.postpone_message(row.case_id, row.message.message_id, at=now)
        return
    await cases.settle_message(row.case_id, row.message.message_id, status=status, at=now)
    if status == DELIVERED and _is_late(row, now):
        with suppress(PermanentError):  # It was late, but nobody had to see it.
            await cases.resolve_incident(row.case_id, incident_id, at=now)


def _is_late(row: OutboxRow, now: datetime) -> bool:
    """Whether the sweep may have sent the message too, and a person seen it."""
    return now >= row.written_at + PATIENCE


def _dispatch(case: Case, message: Message, letters: Letters) -> Dispatch:
    read_by_person = message.recipient != OUTCOME_STREAM
    letter = (
        letters.compose(message.template, letter_facts(case, message)) if read_by_person else None
    )
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
