"""Delivery: send one message of a case's outbox."""

from collections.abc import Mapping
from typing import Any

from shared.contracts.prior_authorization import NoticeRef, Receipt
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import Message
from shared.domain.prior_authorization.notice_matrix import Recipient
from shared.domain.prior_authorization.outgoing import OUTCOME_STREAM
from shared.errors import PermanentError
from shared.ports.case_store import CaseStore
from shared.ports.channels import Channel, Dispatch
from shared.ports.clock import Clock
from shared.ports.commits import load_case
from shared.ports.letters import Letter, Letters

DELIVERED, UNDELIVERABLE = "delivered", "undeliverable"


async def deliver_notice(
    ref: NoticeRef,
    *,
    cases: CaseStore,
    channels: Mapping[str, Channel],
    letters: Letters,
    clock: Clock,
) -> Receipt:
    """Deliver a message, at least once; the receiver knows a repetition by the message's id."""
    row = await cases.message(ref.case_id, ref.message_id)
    if row is None:
        raise PermanentError(f"case {ref.case_id} has no message {ref.message_id}")
    if row.settled_at is not None:
        return Receipt(ref.message_id, row.status)
    channel = channels.get(row.message.channel)
    case = (await load_case(cases, ref.case_id)).case
    taken = channel is not None and await channel.send(_dispatch(case, row.message, letters))
    status = DELIVERED if taken else UNDELIVERABLE
    await cases.settle_message(ref.case_id, ref.message_id, status=status, at=clock.now())
    return Receipt(ref.message_id, status)


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
