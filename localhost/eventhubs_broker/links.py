"""Links: what every link does, and the two directions that deliveries take.

Source: OASIS AMQP 1.0, part 2, 2.6.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localhost.eventhubs_broker.amqp_types import Array, Described, Symbol, UByte, UInt, ULong
from localhost.eventhubs_broker.errors import (
    INVALID_FIELD,
    MESSAGE_SIZE_EXCEEDED,
    AmqpError,
    ConnectionClosedError,
    DeliveryRejectedError,
)
from localhost.eventhubs_broker.frames import accepted, error_value, rejected
from localhost.eventhubs_broker.performatives import Attach, Detach, Disposition, Flow, Transfer

if TYPE_CHECKING:
    from localhost.eventhubs_broker.session import Session

CREDIT = 300
"""Deliveries that a producer may have under way on one link."""

SETTLED = 1
"""Sender settle mode: what the broker sends is settled; consumers keep their place themselves."""

_SERIAL = 0xFFFF_FFFF


class Link:
    """One end of a link, opened by the peer's attach."""

    def __init__(self, session: "Session", attach: Attach) -> None:
        self.session = session
        self.attach = attach
        self.is_attached = False

    def accept(self) -> None:
        """Answers the attach: the link is there."""
        self.is_attached = True
        self._answer(self.attach.source, self.attach.target)

    def refuse(self, error: AmqpError) -> None:
        """Answers the attach without the terminus that cannot be had, then detaches."""
        is_reader = self.attach.role
        self._answer(
            None if is_reader else self.attach.source, self.attach.target if is_reader else None
        )
        self.is_attached = True
        self.detach(error)

    def detach(self, error: AmqpError | None) -> None:
        """Ends the link; for the peer's own detach, without an error."""
        if not self.is_attached:
            return
        self.close()
        described = None if error is None else error_value(error)
        self.session.send(Detach(UInt(self.attach.handle), closed=True, error=described))

    def close(self) -> None:
        """Lets go of what the link holds; nothing is sent."""
        self.is_attached = False

    def on_flow(self, flow: Flow) -> None:
        """The peer tells its state of the link."""

    def pump(self) -> None:
        """Sends what can be sent now."""

    def offered_capabilities(self) -> tuple[Symbol, ...]:
        """What the peer asked for and gets."""
        return ()

    def _answer(self, source: Described | None, target: Described | None) -> None:
        offered = self.offered_capabilities()
        self.session.send(
            Attach(
                name=self.attach.name,
                handle=UInt(self.attach.handle),
                role=not self.attach.role,
                snd_settle_mode=UByte(SETTLED) if self.attach.role else None,
                source=source,
                target=target,
                initial_delivery_count=UInt(0) if self.attach.role else None,
                max_message_size=ULong(self.session.limits.message_bytes_max),
                offered_capabilities=Array(offered) if offered else None,
                properties={},
            )
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """A whole delivery from the peer."""

    id: int
    message_format: int
    is_settled: bool
    message: bytes


class InboundLink(Link, ABC):
    """The peer sends: deliveries are put together, handed on and settled."""

    def __init__(self, session: "Session", attach: Attach) -> None:
        super().__init__(session, attach)
        self._first: Transfer | None = None
        self._pieces = bytearray()
        self._size = 0
        self._received = attach.initial_delivery_count or 0
        self._credit_until = 0
        self._unsettled = 0

    def accept(self) -> None:
        """Attaches, and lets the peer begin."""
        super().accept()
        self._grant()

    def on_flow(self, flow: Flow) -> None:
        """Only an echo needs an answer."""
        if flow.echo:
            self._grant()

    def on_transfer(self, transfer: Transfer, payload: bytes) -> None:
        """Collects the pieces of a delivery; one that is larger than allowed is only counted.

        Raises:
            ConnectionClosedError: the delivery has no id.
        """
        if self._first is None:
            if transfer.delivery_id is None:
                raise ConnectionClosedError(INVALID_FIELD, "a delivery begins without an id")
            self._first = transfer
        if transfer.aborted:
            self._forget()
            return
        self._size += len(payload)
        if self._size > self.session.limits.message_bytes_max:
            self._pieces.clear()
        else:
            self._pieces += payload
        if not transfer.more:
            self._complete(self._first, is_settled=bool(self._first.settled or transfer.settled))

    @abstractmethod
    def deliver(self, delivery: Delivery) -> None:
        """Takes a delivery; whoever takes it calls `settle` once."""

    def settle(self, delivery: Delivery, error: AmqpError | None) -> None:
        """Tells the peer what became of a delivery, and lets it send more."""
        self._unsettled -= 1
        if not self.is_attached:
            return
        if not delivery.is_settled:
            outcome = accepted() if error is None else rejected(error)
            number = UInt(delivery.id)
            self.session.send(Disposition(role=True, first=number, last=number, settled=True,
                                          state=outcome))  # fmt: skip
        if (self._credit_until - self._received) & _SERIAL <= CREDIT // 2:
            self._grant()

    def _complete(self, first: Transfer, *, is_settled: bool) -> None:
        message, size, limit = (
            bytes(self._pieces),
            self._size,
            self.session.limits.message_bytes_max,
        )
        self._forget()
        self._received = (self._received + 1) & _SERIAL
        self._unsettled += 1
        delivery = Delivery(first.delivery_id or 0, first.message_format or 0, is_settled, message)
        if size <= limit:
            self.deliver(delivery)
            return
        error = DeliveryRejectedError(
            MESSAGE_SIZE_EXCEEDED,
            f"The received message (delivery-id:{delivery.id}, size:{size} bytes) exceeds the limit"
            f" ({limit} bytes) currently allowed on the link.",
        )
        self.settle(delivery, error)

    def _forget(self) -> None:
        self._first = None
        self._size = 0
        self._pieces.clear()

    def _grant(self) -> None:
        credit = max(CREDIT - self._unsettled, 0)
        self._credit_until = (self._received + credit) & _SERIAL
        self.session.send_flow(
            handle=self.attach.handle, delivery_count=self._received, link_credit=credit
        )

    def close(self) -> None:
        """Forgets a delivery that is not whole."""
        super().close()
        self._forget()


class OutboundLink(Link):
    """The peer receives: deliveries go out as its credit and its session's window allow."""

    def __init__(self, session: "Session", attach: Attach) -> None:
        super().__init__(session, attach)
        self.credit = 0
        self._delivery_count = 0

    def on_flow(self, flow: Flow) -> None:
        """Takes the peer's credit and sends what it allows."""
        if flow.link_credit is not None:
            seen = flow.delivery_count or 0
            credit = (seen + flow.link_credit - self._delivery_count) & _SERIAL
            self.credit = credit if credit <= _SERIAL // 2 else 0
        self.pump()
        if flow.drain:
            self._delivery_count = (self._delivery_count + self.credit) & _SERIAL
            self.credit = 0
        if flow.drain or flow.echo:
            self.session.send_flow(
                handle=self.attach.handle,
                delivery_count=self._delivery_count,
                link_credit=self.credit,
                drain=bool(flow.drain),
            )

    def send(self, message: bytes) -> None:
        """Sends one delivery; the caller has seen that there is credit."""
        self.credit -= 1
        self._delivery_count = (self._delivery_count + 1) & _SERIAL
        self.session.send_delivery(self.attach.handle, message)


def capabilities(value: object) -> frozenset[str]:
    """The symbols of a field that holds one or an array of them."""
    if isinstance(value, Array):
        return frozenset(str(item) for item in value.items)
    if isinstance(value, list):
        return frozenset(str(item) for item in value)
    return frozenset() if value is None else frozenset({str(value)})


def terminus_field(terminus: Described | None, index: int) -> Any:
    """A field of a source or target; None where it is not given."""
    fields = terminus.value if terminus is not None else None
    return fields[index] if isinstance(fields, list) and index < len(fields) else None
