"""The private protocol between the host and a worker: batches of messages in frames.

A frame is four bytes of length (big-endian), then one marshalled list of messages. Everything that
is sent within one turn of the event loop travels in one frame, so that a busy host pays for one
system call, one wake-up and one decoding per batch instead of per item.

marshal is the fastest codec for tuples of text and bytes, and safe here: both ends are the same
interpreter, on the two ends of one socket pair that no one else can open.
"""

from __future__ import annotations

import asyncio
import marshal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

LENGTH_BYTES = 4
FRAME_BYTES_MAX = 1 << 28
"""Longer batches travel in several frames; one message may be longer, up to 4 GiB."""

type Message = tuple[Any, ...]


class FrameProtocol(asyncio.Protocol):
    """One end of the connection: gathers outgoing messages and hands on incoming ones.

    Args:
        on_message: called on the event loop for every message, in the order they were sent.
        on_lost: called once when the other end is gone.
    """

    def __init__(self, on_message: Callable[[Message], None], on_lost: Callable[[], None]) -> None:
        self._on_message = on_message
        self._on_lost = on_lost
        self._received = bytearray()
        self._outgoing: list[Message] = []
        self._outgoing_lock = threading.Lock()
        self._transport: asyncio.WriteTransport | None = None
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; messages gathered before now are flushed on the next send."""
        self._transport = transport  # type: ignore[assignment]  # a socket pair is read and write

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Tell the owner that no message will come any more."""
        self._transport = None
        self._on_lost()

    def data_received(self, data: bytes) -> None:
        """Take bytes in, and hand on every message of every frame that is now whole."""
        received = self._received
        received += data
        start = 0
        while len(received) - start >= LENGTH_BYTES:
            body_start = start + LENGTH_BYTES
            end = body_start + int.from_bytes(received[start:body_start])
            if len(received) < end:
                break
            for message in marshal.loads(received[body_start:end]):  # noqa: S302 - see the module
                self._on_message(message)
            start = end
        if start:
            del received[:start]

    def send(self, message: Message) -> None:
        """Send from the event loop, together with whatever else this turn sends."""
        with self._outgoing_lock:
            self._outgoing.append(message)
            is_first = len(self._outgoing) == 1
        if is_first:
            self._loop.call_soon(self.flush)

    def send_from_thread(self, message: Message) -> None:
        """Send from any thread; only the first message of a batch wakes the event loop."""
        with self._outgoing_lock:
            self._outgoing.append(message)
            is_first = len(self._outgoing) == 1
        if is_first and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.flush)

    def flush(self) -> None:
        """Write everything that was gathered, as one frame."""
        with self._outgoing_lock:
            batch, self._outgoing = self._outgoing, []
        if batch and self._transport is not None:
            self._write(batch, self._transport)

    def _write(self, batch: list[Message], transport: asyncio.WriteTransport) -> None:
        try:
            body = marshal.dumps(batch)
        except ValueError:
            # Some value is of a type of its own, such as a kind of text that a library made.
            body = marshal.dumps(_plain(batch))
        if len(body) > FRAME_BYTES_MAX and len(batch) > 1:
            half = len(batch) // 2
            self._write(batch[:half], transport)
            self._write(batch[half:], transport)
            return
        # One system call for both, however long the body is.
        transport.writelines((len(body).to_bytes(LENGTH_BYTES), body))

    def close(self) -> None:
        """Send what is left, then close."""
        self.flush()
        if self._transport is not None:
            self._transport.close()


def _plain(value: Any) -> Any:
    """The value as the plain types that a frame can hold."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool) or value is None:
        return value
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, tuple):
        return tuple(_plain(each) for each in value)
    if isinstance(value, dict):
        return {_plain(name): _plain(each) for name, each in value.items()}
    return str(value)
