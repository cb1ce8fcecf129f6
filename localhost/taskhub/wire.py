"""The hub's protobuf at its cheapest: events as bytes, joined into requests without parsing them.

A history is kept as the bytes of an OrchestratorRequest that has nothing but its past events, so
that appending a turn is joining bytes, and building a request parses everything in one call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import StringValue

if TYPE_CHECKING:
    from collections.abc import Iterable

# A protobuf tag is the field's number and wire type 2, "length and bytes".
PAST_EVENT = bytes([3 << 3 | 2])
NEW_EVENT = bytes([4 << 3 | 2])

MICROS = 1_000_000


def timestamp(micros: int) -> Timestamp:
    """A protobuf time stamp of microseconds since 1970."""
    return Timestamp(seconds=micros // MICROS, nanos=micros % MICROS * 1000)


def micros_from(stamp: Timestamp) -> int:
    """Microseconds since 1970 of a protobuf time stamp."""
    micros: int = stamp.seconds * MICROS + stamp.nanos // 1000
    return micros


def text(value: str | None) -> StringValue | None:
    """An optional string as protobuf has it."""
    return None if value is None else StringValue(value=value)


def text_of(message: Any, field: str) -> str | None:
    """The optional string in a field of a message."""
    return getattr(message, field).value if message.HasField(field) else None


def event(now: int, *, id: int = -1, **body: Any) -> bytes:  # noqa: A002 - the protocol's name
    """One history event, serialized.

    Args:
        now: microseconds since 1970.
        id: the event's id; -1 for those that no action made.
        body: the one field of HistoryEvent that says what happened.
    """
    happened = pb.HistoryEvent(eventId=id, timestamp=timestamp(now), **body)
    serialized: bytes = happened.SerializeToString()
    return serialized


def framed(tag: bytes, payload: bytes) -> bytes:
    """A field of a protobuf message: its tag, its length, its bytes."""
    size = len(payload)
    if size < 0x80:  # noqa: PLR2004 - seven bits of length fit in one byte
        return tag + bytes((size,)) + payload
    length = bytearray()
    while size >= 0x80:  # noqa: PLR2004 - each byte carries seven bits
        length.append(size & 0x7F | 0x80)
        size >>= 7
    length.append(size)
    return b"".join((tag, length, payload))


def as_past(events: Iterable[bytes]) -> bytes:
    """Events as a piece of a history."""
    return b"".join([framed(PAST_EVENT, event) for event in events])


def as_new(events: Iterable[bytes]) -> bytes:
    """Events as the news of an OrchestratorRequest."""
    return b"".join([framed(NEW_EVENT, event) for event in events])


def events_in(history: bytes) -> list[pb.HistoryEvent]:
    """The events of a history."""
    return list(pb.OrchestratorRequest.FromString(history).pastEvents)


def execution_id(generation: int) -> str:
    """The protocol's name for a generation."""
    return f"{generation:032x}"
