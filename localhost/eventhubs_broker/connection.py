"""A connection: login, opening, sessions, heartbeats, and what its peer's mistakes cost: itself.

Source: OASIS AMQP 1.0, part 2, 2.2 and 2.4; part 5, 5.3.
"""

import asyncio
import logging
from enum import Enum, auto
from typing import TYPE_CHECKING, cast, override

from localhost.eventhubs_broker.amqp_types import UInt, UShort
from localhost.eventhubs_broker.errors import (
    CONNECTION_FORCED,
    ILLEGAL_STATE,
    INTERNAL_ERROR,
    INVALID_FIELD,
    NOT_ALLOWED,
    AmqpError,
    ConnectionClosedError,
)
from localhost.eventhubs_broker.frames import (
    EMPTY_FRAME,
    FRAME_BYTES_MAX,
    FRAME_BYTES_MIN,
    PROTOCOL_HEADER,
    SASL_FRAME,
    SASL_HEADER,
    Frame,
    FrameReader,
    error_value,
    frame,
    sasl_mechanisms,
    sasl_outcome,
)
from localhost.eventhubs_broker.performatives import Begin, Close, End, Open, SaslInit
from localhost.eventhubs_broker.session import Session

if TYPE_CHECKING:
    from localhost.eventhubs_broker.namespace import Namespace
    from localhost.eventhubs_broker.tokens import Grant

CHANNEL_MAX = 4_999
"""As Event Hubs announces it."""

WRITE_BYTES_MAX = 256 * 1024
"""Unsent bytes beyond which consumers on the connection wait."""

_MECHANISMS = ("MSSBCBS", "ANONYMOUS", "EXTERNAL")
_RESUME_AFTER_S = 0.01
_FAILED = ConnectionClosedError(INTERNAL_ERROR, "the broker failed on this connection")
_LOGGER = logging.getLogger(__name__)


class _Stage(Enum):
    HEADER = auto()
    SASL = auto()
    SASL_DONE = auto()
    STARTED = auto()
    OPEN = auto()
    CLOSED = auto()


class Connection(asyncio.Protocol):
    """One peer."""

    def __init__(self, namespace: "Namespace", peers: "set[Connection]") -> None:
        self.namespace = namespace
        self.grants: list[Grant] = []
        self.peer_frame_bytes_max = FRAME_BYTES_MIN
        self._peers = peers
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._reader = FrameReader()
        self._stage = _Stage.HEADER
        self._sessions: dict[int, Session] = {}
        self._unsent: list[bytes] = []
        self._unsent_bytes = 0
        self._is_paused = False
        self._is_congested = False
        self._began = self._heard = self._spoke = self._loop.time()
        self._peer_idle_s: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A peer is there."""
        self._transport = cast("asyncio.Transport", transport)  # It serves streams only.
        self._transport.set_write_buffer_limits(high=WRITE_BYTES_MAX)
        self._peers.add(self)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """The peer is gone."""
        self._stage = _Stage.CLOSED
        self._peers.discard(self)
        for session in self._sessions.values():
            session.end()
        self._sessions.clear()

    def data_received(self, data: bytes) -> None:
        """Takes what arrived; whatever is wrong with it ends this connection and nothing else."""
        self._heard = self._loop.time()
        self._reader.feed(data)
        try:
            while self._advance():
                pass
        except ConnectionClosedError as error:
            self.close(error)
        except Exception:
            _LOGGER.exception("the broker closes a connection that it cannot serve")
            self.close(_FAILED)
        if self.namespace.log.pending_bytes > self.namespace.limits.pending_bytes_max:
            self._pause_reading()

    def pause_writing(self) -> None:
        """The peer reads too slowly."""
        self._is_paused = True

    def resume_writing(self) -> None:
        """The peer has caught up."""
        self._is_paused = False
        self._pump()

    def has_room(self) -> bool:
        """Whether consumers may be sent more; if not, they are pumped when they may."""
        has_room = not self._is_paused and self._unsent_bytes < WRITE_BYTES_MAX
        self._is_congested = self._is_congested or not has_room
        return has_room

    def write(self, data: bytes) -> None:
        """Sends a frame, together with all that the same turn of the loop sends."""
        if self._stage is _Stage.CLOSED:
            return
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append(data)
        self._unsent_bytes += len(data)

    def close(self, error: AmqpError | None = None) -> None:
        """Ends the connection, and says why when there is a reason."""
        if self._stage is _Stage.CLOSED or self._transport is None:
            return
        if self._stage in {_Stage.STARTED, _Stage.OPEN}:
            if self._stage is _Stage.STARTED:
                self._send_open()
            described = None if error is None else error_value(error)
            self.write(frame(0, Close(described)))
        self._flush()
        self._stage = _Stage.CLOSED
        self._transport.close()

    def abort(self) -> None:
        """Cuts the connection as a failing network does."""
        if self._transport is not None:
            self._transport.abort()

    def tick(self) -> None:
        """Keeps time: heartbeats out, silence and expired tokens noticed."""
        now, limits = self._loop.time(), self.namespace.limits
        if self._stage is not _Stage.OPEN and now - self._began > limits.handshake_s:
            self.close(ConnectionClosedError(NOT_ALLOWED, "the connection was not opened in time"))
        elif now - self._heard > limits.idle_timeout_s:
            reason = f"The connection was inactive for more than {limits.idle_timeout_s:g} s."
            self.close(ConnectionClosedError(CONNECTION_FORCED, reason))
        elif self._peer_idle_s is not None and now - self._spoke > self._peer_idle_s / 2:
            self.write(EMPTY_FRAME)
        now_s = self.namespace.clock()
        self.grants = [grant for grant in self.grants if grant.expires_s > now_s]

    def _advance(self) -> bool:
        """Takes one header or frame; false when there is none, or nothing more is wanted."""
        if self._stage is _Stage.CLOSED:
            return False
        if self._stage in {_Stage.HEADER, _Stage.SASL_DONE}:
            header = self._reader.take_header()
            if header is not None:
                self._on_header(header)
            return header is not None
        received = self._reader.next_frame()
        if received is None:
            return False
        if self._stage is _Stage.SASL:
            self._on_sasl(received)
        elif received.performative is not None:
            self._on_frame(received)
        return True

    def _on_header(self, header: bytes) -> None:
        if header == SASL_HEADER and self._stage is _Stage.HEADER:
            self.write(SASL_HEADER + sasl_mechanisms(*_MECHANISMS))
            self._stage = _Stage.SASL
        elif header == PROTOCOL_HEADER:
            self.write(PROTOCOL_HEADER)
            self._stage = _Stage.STARTED
        else:
            self.write(PROTOCOL_HEADER)
            self.close()

    def _on_sasl(self, received: Frame) -> None:
        init = received.performative
        if received.kind != SASL_FRAME or not isinstance(init, SaslInit):
            self.close()
            return
        is_ok = init.mechanism in _MECHANISMS
        self.write(sasl_outcome(is_ok=is_ok))
        if is_ok:
            self._stage = _Stage.SASL_DONE
        else:
            self.close()

    def _on_frame(self, received: Frame) -> None:
        channel, performative = received.channel, received.performative
        if received.kind == SASL_FRAME or performative is None:
            raise ConnectionClosedError(ILLEGAL_STATE, "the login is over")
        if isinstance(performative, Open):
            self._on_open(performative)
            return
        if self._stage is not _Stage.OPEN:
            raise ConnectionClosedError(ILLEGAL_STATE, "a frame came before the open")
        match performative:
            case Close():
                self.close()
            case Begin():
                self._on_begin(channel, performative)
            case End():
                self._session(channel).end()
                del self._sessions[channel]
                self.write(frame(channel, End()))
            case _:
                self._session(channel).receive(performative, received.payload)

    def _on_open(self, opening: Open) -> None:
        if self._stage is _Stage.OPEN:
            raise ConnectionClosedError(ILLEGAL_STATE, "the connection is open already")
        size = opening.max_frame_size
        if size is not None and size < FRAME_BYTES_MIN:
            raise ConnectionClosedError(INVALID_FIELD, f"a frame size below {FRAME_BYTES_MIN}")
        self.peer_frame_bytes_max = min(size or FRAME_BYTES_MAX, FRAME_BYTES_MAX)
        if opening.idle_time_out:
            self._peer_idle_s = opening.idle_time_out / 1000
        self._send_open()
        self._stage = _Stage.OPEN

    def _send_open(self) -> None:
        self.write(
            frame(
                0,
                Open(
                    container_id="careloom-eventhubs-broker",
                    max_frame_size=UInt(FRAME_BYTES_MAX),
                    channel_max=UShort(CHANNEL_MAX),
                    idle_time_out=UInt(int(self.namespace.limits.idle_timeout_s * 1000)),
                    properties={},
                ),
            )
        )

    def _on_begin(self, channel: int, begin: Begin) -> None:
        if channel in self._sessions:
            raise ConnectionClosedError(ILLEGAL_STATE, f"channel {channel} has a session already")
        if channel > CHANNEL_MAX:
            raise ConnectionClosedError(NOT_ALLOWED, f"channels go up to {CHANNEL_MAX}")
        session = Session(self, channel, begin)
        self._sessions[channel] = session
        session.accept()

    def _session(self, channel: int) -> Session:
        try:
            return self._sessions[channel]
        except KeyError:
            raise ConnectionClosedError(
                ILLEGAL_STATE, f"channel {channel} has no session"
            ) from None

    def _flush(self) -> None:
        if self._transport is None or not self._unsent:
            return
        data = b"".join(self._unsent)
        self._unsent.clear()
        self._unsent_bytes = 0
        self._spoke = self._loop.time()
        self._transport.write(data)
        if self._is_congested and not self._is_paused:
            self._pump()

    def _pump(self) -> None:
        self._is_congested = False
        try:
            for session in list(self._sessions.values()):
                session.pump()
        except Exception:
            _LOGGER.exception("the broker closes a connection that it cannot feed")
            self.close(_FAILED)

    def _pause_reading(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()
            self._loop.call_later(_RESUME_AFTER_S, self._resume_reading)

    def _resume_reading(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self.namespace.log.pending_bytes > self.namespace.limits.pending_bytes_max:
            self._loop.call_later(_RESUME_AFTER_S, self._resume_reading)
        else:
            self._transport.resume_reading()
