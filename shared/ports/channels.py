"""Ways to tell someone outside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """One message on its way out.

    Attributes:
        message_id: the receiver knows a repeated message by it.
        recipient: whom it is for, such as "provider" or "member"; address: where on the channel.
        subject, body: what a person reads; payload: what a system reads.
        headers: to send along where the channel has headers.
    """

    message_id: str
    case_id: str
    event: str
    recipient: str
    address: str
    subject: str
    body: str
    payload: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


class Channel(Protocol):
    """Delivers messages of one kind."""

    async def send(self, dispatch: Dispatch) -> bool:
        """Deliver a message at least once.

        Returns:
            False when nobody at the other end ever takes it, such as no address.

        Raises:
            TransientError: trying again may help.
        """
