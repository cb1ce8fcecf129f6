"""The other end: a small AMQP client that logs in, asks the nodes, and speaks frames as it likes.

Administration and tests use it; applications use azure-eventhub.
"""

import asyncio
import time
from types import TracebackType
from typing import Any, Self

from localhost.eventhubs_broker.amqp_types import Described, Symbol, UByte, UInt, ULong, UShort
from localhost.eventhubs_broker.encoding import encode
from localhost.eventhubs_broker.frames import (
    FRAME_BYTES_MAX,
    PROTOCOL_HEADER,
    SASL_FRAME,
    SASL_HEADER,
    Frame,
    FrameReader,
    frame,
)
from localhost.eventhubs_broker.messages import (
    APPLICATION_PROPERTIES,
    PROPERTIES,
    VALUE,
    Request,
    request_of,
)
from localhost.eventhubs_broker.nodes import CBS, MANAGEMENT, THROTTLE
from localhost.eventhubs_broker.performatives import (
    Attach,
    Begin,
    Flow,
    Open,
    Performative,
    SaslInit,
    Transfer,
)
from localhost.eventhubs_broker.tokens import sign
from shared.errors import PermanentError

CHANNEL = 0
_SENDER, _RECEIVER = False, True
_SOURCE, _TARGET = ULong(0x28), ULong(0x29)
_TOKEN_LASTS_S = 3600
_READ_BYTES = 65_536
_SUCCESS = range(200, 300)


class Peer:
    """A connection with one session, to be used in `async with`."""

    def __init__(self, port: int, *, host: str = "127.0.0.1") -> None:
        self._address = (host, port)
        self._frames = FrameReader()
        self._next_handle = 0
        self._next_delivery = 0

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(*self._address)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()

    def write(self, data: bytes) -> None:
        """Sends bytes as they are."""
        self._writer.write(data)

    def send(self, performative: Performative, payload: bytes = b"") -> None:
        """Sends a frame on the session's channel."""
        self.write(frame(CHANNEL, performative, payload))

    async def read_header(self) -> bytes:
        """The protocol header that the broker answers with."""
        while (header := self._frames.take_header()) is None:
            await self._fill()
        return header

    async def read_frame(self) -> Frame:
        """The next frame; an empty one is passed over.

        Raises:
            EOFError: the broker closed the connection.
        """
        while True:
            received = self._frames.next_frame()
            if received is None:
                await self._fill()
            elif received.performative is not None:
                return received

    async def expect[Kind](self, kind: type[Kind]) -> tuple[Kind, bytes]:
        """The next performative of a kind, and its payload; others are passed over."""
        while True:
            received = await self.read_frame()
            if isinstance(received.performative, kind):
                return received.performative, received.payload

    async def open(self, idle_ms: int | None = None) -> None:
        """Logs in, opens the connection and begins the session.

        Args:
            idle_ms: the broker must not be silent for longer.
        """
        self.write(SASL_HEADER)
        await self.read_header()
        self.write(frame(0, SaslInit(Symbol("MSSBCBS")), kind=SASL_FRAME) + PROTOCOL_HEADER)
        await self.read_frame()
        await self.read_frame()
        await self.read_header()
        idle = None if idle_ms is None else UInt(idle_ms)
        opening = Open("careloom-peer", max_frame_size=UInt(FRAME_BYTES_MAX), idle_time_out=idle)
        self.send(opening)
        self.send(Begin(None, UInt(0), UInt(2**31 - 1), UInt(2**31 - 1), UInt(255)))
        await self.expect(Begin)

    async def attach_sender(self, address: str) -> int:
        """Attaches a link that sends; gives its handle."""
        return await self._attach(address, _SENDER)

    async def attach_receiver(self, address: str, credit: int, filters: Any = None) -> int:
        """Attaches a link that receives; gives its handle."""
        handle = await self._attach(address, _RECEIVER, filters)
        self.send(
            Flow(
                UInt(0),
                UInt(2**31 - 1),
                UInt(self._next_delivery),
                UInt(2**31 - 1),
                handle=UInt(handle),
                delivery_count=UInt(0),
                link_credit=UInt(credit),
            )
        )
        return handle

    def transfer(self, handle: int, message: bytes, message_format: int = 0) -> None:
        """Sends a message that fits one frame."""
        number = UInt(self._next_delivery)
        self._next_delivery += 1
        tag = number.to_bytes(4)
        transfer = Transfer(UInt(handle), number, tag, UInt(message_format), settled=False)
        self.send(transfer, message)

    async def request(self, node: str, properties: dict[str, Any], value: Any = None) -> Request:
        """Asks a node, and waits for its answer."""
        sender = await self.attach_sender(node)
        await self.attach_receiver(node, credit=1)
        sections = ((PROPERTIES, ["1"]), (APPLICATION_PROPERTIES, properties), (VALUE, value))
        self.transfer(
            sender, b"".join(encode(Described(ULong(code), content)) for code, content in sections)
        )
        _, payload = await self.expect(Transfer)
        return request_of(payload)

    async def authenticate(self, key: str, path: str = "") -> Request:
        """Puts a token for a path; for the whole namespace when it is empty."""
        resource = f"sb://{self._address[0]}/{path}"
        token = sign(resource, key, int(time.time()) + _TOKEN_LASTS_S)
        properties = {"operation": "put-token", "type": "servicebus.windows.net:sastoken"}
        return await self.request(CBS, {**properties, "name": resource}, token)

    async def _attach(self, address: str, role: bool, filters: Any = None) -> int:  # noqa: FBT001
        handle, self._next_handle = self._next_handle, self._next_handle + 1
        source: list[Any] = [address] + [None] * 6 + [filters]
        self.send(
            Attach(
                name=f"link-{handle}",
                handle=UInt(handle),
                role=role,
                snd_settle_mode=UByte(0),
                source=Described(_SOURCE, source),
                target=Described(_TARGET, [address]),
                initial_delivery_count=UInt(0),
            )
        )
        await self.expect(Attach)
        return handle

    async def _fill(self) -> None:
        data = await self._reader.read(_READ_BYTES)
        if not data:
            raise EOFError("the broker closed the connection")
        self._frames.feed(data)


async def throttle(port: int, key: str, *, operation: str, times: int, hub: str) -> None:
    """Has a running broker throttle the next operations on a hub, or on all when it is empty.

    Raises:
        PermanentError: the broker refuses, for the reason given.
    """
    async with Peer(port) as peer:
        await peer.open()
        answers = [await peer.authenticate(key)]
        if answers[0].properties["status-code"] in _SUCCESS:
            request = {"operation": "UPDATE", "type": THROTTLE, "name": hub}
            answers.append(
                await peer.request(
                    MANAGEMENT, {**request, "throttled": operation, "times": UShort(times)}
                )
            )
        told = answers[-1].properties
        if told["status-code"] not in _SUCCESS:
            raise PermanentError(str(told["status-description"]))
