"""AMQP frames: how performatives are written, and a reader that cuts a stream into frames.

Every field of a performative is written, nulls included: azure-eventhub's AMQP client reads fields
by position without padding.

Source: OASIS AMQP 1.0, part 2 (transport), 2.3; part 5 (security), 5.3.
"""

import struct
from dataclasses import dataclass
from types import UnionType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from localhost.eventhubs_broker.amqp_types import Array, Described, Symbol, UByte, ULong
from localhost.eventhubs_broker.decoding import DecodeError, decode
from localhost.eventhubs_broker.encoding import encode
from localhost.eventhubs_broker.errors import (
    DECODE_ERROR,
    FRAMING_ERROR,
    INVALID_FIELD,
    NOT_IMPLEMENTED,
    AmqpError,
    ConnectionClosedError,
)
from localhost.eventhubs_broker.performatives import (
    CODES,
    Performative,
    SaslMechanisms,
    SaslOutcome,
    Transfer,
)

FRAME_BYTES_MAX = 65_536
"""The largest frame that the broker takes, as Event Hubs announces it."""

FRAME_BYTES_MIN = 512
"""The least that any peer must take."""

PROTOCOL_HEADER = b"AMQP\x00\x01\x00\x00"
SASL_HEADER = b"AMQP\x03\x01\x00\x00"
EMPTY_FRAME = b"\x00\x00\x00\x08\x02\x00\x00\x00"
_HEADER = struct.Struct(">IBBH")

_OFFSET_MIN = 2  # Four-byte words: the header itself.
AMQP_FRAME = 0
SASL_FRAME = 1


class Frame(NamedTuple):
    """One frame as read; an empty frame has no performative."""

    kind: int
    channel: int
    performative: Performative | None
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a performative's fields are read: the class, each field's types, how many are needed."""

    performative: type
    types: tuple[tuple[type, ...], ...]
    needed: int


def _field_types(hint: Any) -> tuple[type, ...]:
    choices = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    return tuple(get_origin(choice) or choice for choice in choices)


def _shape(performative: Any) -> _Shape:
    hints = [_field_types(hint) for hint in get_type_hints(performative).values()]
    return _Shape(performative, tuple(hints), len(hints) - len(performative._field_defaults))


_SHAPES = {code: _shape(performative) for performative, code in CODES.items()}


def frame(
    channel: int, performative: Performative, payload: bytes = b"", *, kind: int = AMQP_FRAME
) -> bytes:
    """One frame, ready for the wire. Fields carry their AMQP types (UInt, Symbol and so on)."""
    fields = b"".join(map(encode, performative))
    code = CODES[type(performative)]
    body = (
        struct.pack(">BBBBII", 0x00, 0x53, code, 0xD0, len(fields) + 4, len(performative)) + fields
    )
    return _HEADER.pack(8 + len(body) + len(payload), 2, kind, channel) + body + payload


def transfer_frames(
    channel: int, handle: int, delivery_id: int, payload: bytes, frame_bytes_max: int
) -> list[bytes]:
    """A settled delivery, cut into as many frames as the peer's frame size asks for."""
    room = frame_bytes_max - _TRANSFER.size
    pieces = [payload[start : start + room] for start in range(0, len(payload), room)]
    last = len(pieces) - 1
    return [
        _TRANSFER.pack(
            *(_TRANSFER.size + len(piece), 2, AMQP_FRAME, channel),
            *_TRANSFER_HEAD,
            *(0x70, handle, 0x70, delivery_id, 0xA0, 4, delivery_id),
            *(_FORMAT_0, _TRUE, _TRUE if index < last else _FALSE, _FIVE_NULLS),
        )
        + piece
        for index, piece in enumerate(pieces)
    ]


_TRANSFER = struct.Struct(">IBBH BBBBII BIBIBBI BBB5s")
_FORMAT_0, _TRUE, _FALSE, _FIVE_NULLS = 0x43, 0x41, 0x42, b"\x40" * 5
_TRANSFER_HEAD = (0x00, 0x53, CODES[Transfer], 0xD0, 4 + 1 + 4 + 1 + 4 + 2 + 4 + 3 + 5, 11)
"""Descriptor, list, its size and count: a transfer is packed at once, for there are many."""


def error_value(error: AmqpError) -> Described:
    """The AMQP error type."""
    return Described(ULong(0x1D), [error.condition, error.description, None])


def accepted() -> Described:
    """The outcome of a delivery that is stored."""
    return Described(ULong(0x24), [])


def rejected(error: AmqpError) -> Described:
    """The outcome of a delivery that is refused."""
    return Described(ULong(0x25), [error_value(error)])


def sasl_mechanisms(*names: str) -> bytes:
    """The frame that offers these ways to log in."""
    mechanisms = Array(tuple(Symbol(name) for name in names))
    return frame(0, SaslMechanisms(mechanisms), kind=SASL_FRAME)


def sasl_outcome(*, is_ok: bool) -> bytes:
    """The frame that ends the login."""
    return frame(0, SaslOutcome(UByte(0 if is_ok else 1)), kind=SASL_FRAME)


class FrameReader:
    """Cuts what arrives into protocol headers and frames, however the network split it."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Adds what arrived."""
        self._buffer += data

    def take_header(self) -> bytes | None:
        """The eight bytes of a protocol header, once they are there."""
        if len(self._buffer) < len(PROTOCOL_HEADER):
            return None
        header = bytes(self._buffer[:8])
        del self._buffer[:8]
        return header

    def next_frame(self) -> Frame | None:
        """The next frame, once it is complete.

        Raises:
            ConnectionClosedError: the frame is malformed, or larger than FRAME_BYTES_MAX.
        """
        if len(self._buffer) < _HEADER.size:
            return None
        size, offset, kind, channel = _HEADER.unpack_from(self._buffer)
        _check_header(size, offset, kind)
        if len(self._buffer) < size:
            return None
        body = bytes(self._buffer[4 * offset : size])
        del self._buffer[:size]
        return _read_frame(kind, channel, body)


def _check_header(size: int, offset: int, kind: int) -> None:
    if size > FRAME_BYTES_MAX:
        raise ConnectionClosedError(
            FRAMING_ERROR, f"a frame of {size} bytes exceeds the limit of {FRAME_BYTES_MAX}"
        )
    if offset < _OFFSET_MIN or 4 * offset > size or kind not in {AMQP_FRAME, SASL_FRAME}:
        raise ConnectionClosedError(FRAMING_ERROR, "the frame's header is malformed")


def _read_frame(kind: int, channel: int, body: bytes) -> Frame:
    if not body:
        return Frame(kind, channel, None)
    try:
        described, end = decode(body)
    except DecodeError as error:
        raise ConnectionClosedError(DECODE_ERROR, str(error)) from error
    if not isinstance(described, Described) or not isinstance(described.value, list):
        raise ConnectionClosedError(DECODE_ERROR, "a frame holds a described list")
    return Frame(kind, channel, _build(described), body[end:])


def _build(described: Described) -> Performative:
    code = described.descriptor
    shape = _SHAPES.get(code) if isinstance(code, int) else None
    if shape is None:
        raise ConnectionClosedError(NOT_IMPLEMENTED, f"unknown performative {code!r}")
    name = shape.performative.__name__
    fields = described.value
    if not shape.needed <= len(fields) <= len(shape.types):
        raise ConnectionClosedError(DECODE_ERROR, f"{name} has {len(fields)} fields")
    for index, (value, types) in enumerate(zip(fields, shape.types, strict=False)):
        if not isinstance(value, types):
            raise ConnectionClosedError(INVALID_FIELD, f"field {index} of {name} has another type")
    built: Performative = shape.performative(*fields)
    return built
