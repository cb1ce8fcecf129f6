"""Outgoing messages: what a notice of the matrix becomes for one case."""

from collections.abc import Iterable
from datetime import datetime

from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import Message
from shared.domain.prior_authorization.notice_matrix import Notice

OUTCOME_STREAM = "outcome stream"
EVENT_CHANNEL = "event"


def messages_for(
    case: Case,
    event: str,
    notices: Iterable[Notice],
    *,
    occasion: str,
    at: datetime,
    appeal: int = 0,
) -> tuple[Message, ...]:
    """The messages that an event of a case owes.

    Args:
        occasion: what tells this event from another of its kind in the case, such as "r1" for
            the first revision; with event, recipient and channel it makes the message id.
        appeal: the number of the appeal that is told of; 0 for none.
    """
    detail = {"revision": str(case.revision), "occasion": occasion}
    if appeal:
        detail["appeal"] = str(appeal)
    return tuple(
        Message(
            message_id=_message_id(event, occasion, notice.recipient, notice.channel),
            event=event,
            recipient=notice.recipient,
            channel=notice.channel,
            template=notice.template,
            due_at=notice.due_at(at),
            detail=detail,
        )
        for notice in notices
    )


def outcome_message(case: Case, *, occasion: str) -> Message:
    """The outcome, for whoever listens to the outbound stream."""
    return Message(
        message_id=_message_id("outcome", occasion, OUTCOME_STREAM, EVENT_CHANNEL),
        event=case.outcome,
        recipient=OUTCOME_STREAM,
        channel=EVENT_CHANNEL,
        template="outcome",
        detail={"revision": str(case.revision), "occasion": occasion},
    )


def _message_id(*words: str) -> str:
    return ".".join(word.replace(" ", "-") for word in words)
