"""Sessions: the windows, the links on them, and which node an address means.

Source: OASIS AMQP 1.0, part 2, 2.5. The addresses are those of Event Hubs.
"""

import re
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from localhost.eventhubs_broker.amqp_types import UInt, UShort
from localhost.eventhubs_broker.errors import (
    BUSY,
    HANDLE_IN_USE,
    ILLEGAL_STATE,
    NOT_FOUND,
    UNATTACHED_HANDLE,
    UNAUTHORIZED,
    ConnectionClosedError,
    LinkDetachedError,
)
from localhost.eventhubs_broker.frames import frame, transfer_frames
from localhost.eventhubs_broker.hub_links import ConsumerLink, ProducerLink
from localhost.eventhubs_broker.links import InboundLink, Link, terminus_field
from localhost.eventhubs_broker.nodes import CBS, MANAGEMENT, ReplyLink, RequestLink
from localhost.eventhubs_broker.performatives import (
    Attach,
    Begin,
    Detach,
    Flow,
    Performative,
    Transfer,
)
from localhost.eventhubs_broker.tokens import Grant, entity_path

if TYPE_CHECKING:
    from localhost.eventhubs_broker.connection import Connection
    from localhost.eventhubs_broker.namespace import Limits, Namespace

INCOMING_WINDOW = 65_536
"""Transfer frames that the peer may send before it hears of more room."""

OUTGOING_WINDOW = 0x7FFF_FFFF
HANDLE_MAX = 255
"""As Event Hubs announces it."""

_SERIAL = 0xFFFF_FFFF
_ADDRESS = re.compile(
    r"(?P<hub>[^/]+)(/consumergroups/(?P<group>[^/]+))?(/partitions/(?P<partition>[^/]+))?",
    re.IGNORECASE,
)


class Session:
    """One session of a connection."""

    def __init__(self, connection: "Connection", channel: int, begin: Begin) -> None:
        self._connection = connection
        self._channel = channel
        self._links: dict[int, Link] = {}
        self._next_incoming_id = begin.next_outgoing_id & _SERIAL
        self._unannounced = 0
        self._next_outgoing_id = 0
        self._next_delivery_id = 0
        self._remote_window = begin.incoming_window
        self._held: deque[bytes] = deque()

    @property
    def namespace(self) -> "Namespace":
        """What all connections share."""
        return self._connection.namespace

    @property
    def limits(self) -> "Limits":
        """What one peer may use."""
        return self.namespace.limits

    @property
    def grants(self) -> list[Grant]:
        """What the connection's tokens are good for."""
        return self._connection.grants

    def accept(self) -> None:
        """Answers the peer's begin."""
        self.send(
            Begin(
                remote_channel=UShort(self._channel),
                next_outgoing_id=UInt(self._next_outgoing_id),
                incoming_window=UInt(INCOMING_WINDOW),
                outgoing_window=UInt(OUTGOING_WINDOW),
                handle_max=UInt(HANDLE_MAX),
                properties={},
            )
        )

    def check_access(self, path: str) -> None:
        """Lets the peer touch the entity at a path.

        Raises:
            LinkDetachedError: no token of the connection covers it now.
        """
        now_s = self.namespace.clock()
        if not any(grant.covers(path, now_s) for grant in self.grants):
            raise LinkDetachedError(
                UNAUTHORIZED,
                f"Unauthorized access. No valid token was put for '{path}' on this connection.",
            )

    def links(self) -> Iterable[Link]:
        """The attached links, the newest first."""
        return [link for link in reversed(self._links.values()) if link.is_attached]

    def receive(self, performative: Performative, payload: bytes) -> None:
        """Takes one frame of the session.

        Raises:
            ConnectionClosedError: the peer broke the protocol.
        """
        match performative:
            case Transfer():
                self._on_transfer(performative, payload)
            case Flow():
                self._on_flow(performative)
            case Attach():
                self._on_attach(performative)
            case Detach():
                self._on_detach(performative)
            case _:
                """Dispositions: what the broker sends is settled already."""

    def end(self) -> None:
        """Lets go of every link."""
        for link in self._links.values():
            if link.is_attached:
                link.close()
        self._links.clear()
        self._held.clear()

    def pump(self) -> None:
        """Sends what waited for room."""
        while self._held and self._remote_window > 0:
            self._write_transfer(self._held.popleft())
        if not self._held:
            for link in list(self._links.values()):
                link.pump()

    def send(self, performative: Performative) -> None:
        """Sends one frame of the session."""
        self._connection.write(frame(self._channel, performative))

    def send_flow(
        self, *, handle: int, delivery_count: int, link_credit: int, drain: bool = False
    ) -> None:
        """Tells the state of a link, and of the session with it."""
        self._unannounced = 0
        self.send(
            self._windows()._replace(
                handle=UInt(handle),
                delivery_count=UInt(delivery_count),
                link_credit=UInt(link_credit),
                drain=drain,
                echo=False,
            )
        )

    def can_send(self) -> bool:
        """Whether a delivery would go out now; if not, `pump` is called when it would."""
        return not self._held and self._remote_window > 0 and self._connection.has_room()

    def send_delivery(self, handle: int, message: bytes) -> None:
        """Sends a settled delivery; what exceeds the peer's window waits for it."""
        frames = transfer_frames(
            self._channel,
            handle,
            self._next_delivery_id,
            message,
            self._connection.peer_frame_bytes_max,
        )
        self._next_delivery_id = (self._next_delivery_id + 1) & _SERIAL
        for one in frames:
            if self._remote_window > 0:
                self._write_transfer(one)
            else:
                self._held.append(one)

    def _write_transfer(self, data: bytes) -> None:
        self._remote_window -= 1
        self._next_outgoing_id = (self._next_outgoing_id + 1) & _SERIAL
        self._connection.write(data)

    def _windows(self) -> Flow:
        return Flow(
            next_incoming_id=UInt(self._next_incoming_id),
            incoming_window=UInt(INCOMING_WINDOW),
            next_outgoing_id=UInt(self._next_outgoing_id),
            outgoing_window=UInt(OUTGOING_WINDOW),
        )

    def _on_flow(self, flow: Flow) -> None:
        room = (flow.next_incoming_id or 0) + flow.incoming_window - self._next_outgoing_id
        self._remote_window = room & _SERIAL if room & _SERIAL <= OUTGOING_WINDOW else 0
        if flow.handle is not None:
            link = self._link(flow.handle)
            if link.is_attached:
                link.on_flow(flow)
        elif flow.echo:
            self.send(self._windows())
        self.pump()

    def _on_transfer(self, transfer: Transfer, payload: bytes) -> None:
        self._next_incoming_id = (self._next_incoming_id + 1) & _SERIAL
        self._unannounced += 1
        if self._unannounced >= INCOMING_WINDOW // 2:
            self._unannounced = 0
            self.send(self._windows())
        link = self._link(transfer.handle)
        if not link.is_attached:
            return
        if not isinstance(link, InboundLink):
            raise ConnectionClosedError(ILLEGAL_STATE, "a transfer on a link that only sends")
        try:
            link.on_transfer(transfer, payload)
        except LinkDetachedError as error:
            link.detach(error)

    def _on_detach(self, detach: Detach) -> None:
        link = self._link(detach.handle)
        link.detach(None)
        del self._links[detach.handle]

    def _on_attach(self, attach: Attach) -> None:
        current = self._links.get(attach.handle)
        if current is not None and current.is_attached:
            raise ConnectionClosedError(HANDLE_IN_USE, f"handle {attach.handle} is attached")
        if not 0 <= attach.handle <= HANDLE_MAX:
            raise ConnectionClosedError(HANDLE_IN_USE, f"handles go up to {HANDLE_MAX}")
        try:
            link = self._open_link(attach)
        except LinkDetachedError as error:
            link = Link(self, attach)
            self._links[attach.handle] = link
            link.refuse(error)
        else:
            self._links[attach.handle] = link
            link.accept()

    def _link(self, handle: int) -> Link:
        try:
            return self._links[handle]
        except KeyError:
            raise ConnectionClosedError(
                UNATTACHED_HANDLE, f"handle {handle} is not attached"
            ) from None

    def _open_link(self, attach: Attach) -> Link:
        """The link that an attach asks for.

        Raises:
            LinkDetachedError: it cannot be had.
        """
        address = str(terminus_field(attach.source if attach.role else attach.target, 0) or "")
        path = entity_path(address)
        if path in {CBS, MANAGEMENT}:
            kind = ReplyLink if attach.role else RequestLink
            return kind(self, attach, node=path)
        match = _ADDRESS.fullmatch(path)
        if match is None:
            raise LinkDetachedError(NOT_FOUND, f"The messaging entity '{path}' does not exist.")
        self.check_access(path)
        namespace, number = self.namespace, match["partition"]
        hub = namespace.hub(match["hub"])
        if namespace.is_throttled("open", hub):
            raise LinkDetachedError(*BUSY)
        if attach.role:
            partition = namespace.partition(hub, number or "")
            group = match["group"] or "$default"
            return ConsumerLink(self, attach, namespace=namespace, partition=partition, group=group)
        chosen = None if number is None else namespace.partition(hub, number)
        return ProducerLink(self, attach, namespace=namespace, hub=hub, partition=chosen)
