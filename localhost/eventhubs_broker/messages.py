"""AMQP messages as the broker sees them: what it must understand of an event, the rest as bytes.

An event keeps its properties, application properties, body and footer exactly as they came, and the
producer's own message annotations. Header and delivery annotations belong to the hop and go.

Source: OASIS AMQP 1.0, part 3 (messaging), 3.2; the batch format and the annotations are those of
azure-eventhub.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from localhost.eventhubs_broker.amqp_types import Described, Encoded, Symbol, Timestamp, ULong
from localhost.eventhubs_broker.decoding import DecodeError, binary, decode, end_of, map_entries
from localhost.eventhubs_broker.encoding import NULL, encode, encode_map_of

BATCH_FORMAT = 0x80013700
"""Message format of a batch: its data sections hold one encoded message each."""

DELIVERY_ANNOTATIONS = 0x71
MESSAGE_ANNOTATIONS = 0x72
PROPERTIES = 0x73
APPLICATION_PROPERTIES = 0x74
DATA = 0x75
SEQUENCE = 0x76
VALUE = 0x77
FOOTER = 0x78

PARTITION_KEY = Symbol("x-opt-partition-key")
SEQUENCE_NUMBER = Symbol("x-opt-sequence-number")
OFFSET = Symbol("x-opt-offset")
ENQUEUED_TIME = Symbol("x-opt-enqueued-time")
_BROKER_ANNOTATIONS = frozenset({PARTITION_KEY, SEQUENCE_NUMBER, OFFSET, ENQUEUED_TIME})
_BODIES = frozenset({DATA, SEQUENCE, VALUE})
_KEPT = frozenset({PROPERTIES, APPLICATION_PROPERTIES, DATA, SEQUENCE, VALUE, FOOTER})
_CONSTRUCTORS = {
    MESSAGE_ANNOTATIONS: (0xC1, 0xD1, 0x40),
    PROPERTIES: (0x45, 0xC0, 0xD0),
    APPLICATION_PROPERTIES: (0xC1, 0xD1, 0x40),
    DATA: (0xA0, 0xB0),
}


@dataclass(frozen=True, slots=True)
class Event:
    """An event on its way into a partition.

    Attributes:
        partition_key: what decides the partition, if the producer said so.
        annotations: the producer's own annotations, as encoded entries.
        annotation_count: how many there are.
        body: the sections that are passed on as they came.
    """

    partition_key: str | None
    annotations: bytes
    annotation_count: int
    body: bytes

    @property
    def size_bytes(self) -> int:
        """What the event adds to its partition's offset."""
        return len(self.body) + len(self.annotations)


class StoredEvent(NamedTuple):
    """An event of a partition. Time in milliseconds since 1970."""

    sequence: int
    offset: int
    enqueued_ms: int
    partition_key: str | None
    annotations: bytes
    annotation_count: int
    body: bytes


class Section(NamedTuple):
    """Where a section of a message stands."""

    code: int
    value_at: int
    end: int


@dataclass(frozen=True, slots=True)
class Request:
    """A message to a node: `$cbs` or `$management`.

    Attributes:
        message_id: as it came, to be the answer's correlation id.
        properties: the application properties by name.
        value: the body.
    """

    message_id: Encoded
    properties: dict[str, Any]
    value: Any


def sections(message: bytes) -> Iterator[Section]:
    """The sections of an encoded message, in order.

    Raises:
        DecodeError: the bytes are no message.
    """
    at = 0
    while at < len(message):
        if message[at : at + 2] == b"\x00\x53":
            code, value_at = message[at + 2] if at + 2 < len(message) else -1, at + 3
        else:
            if message[at] != 0:
                raise DecodeError(f"no section of a message at byte {at}")
            code, value_at = decode(message, at + 1)
        if not isinstance(code, int):
            raise DecodeError("a section's descriptor must be a number")
        end = end_of(message, value_at)
        if message[value_at] not in _CONSTRUCTORS.get(code, (message[value_at],)):
            raise DecodeError(f"section {code:#x} has a value of another type")
        yield Section(code, value_at, end)
        at = end


def events_of(message: bytes, message_format: int) -> list[Event]:
    """The events in a delivery: one, or all those of a batch.

    A batch's partition key holds for all its events.

    Raises:
        DecodeError: a message is malformed, or has no body.
    """
    if message_format != BATCH_FORMAT:
        return [_event(message, None)]
    batch_key: str | None = None
    inner: list[bytes] = []
    for section in sections(message):
        if section.code == MESSAGE_ANNOTATIONS:
            batch_key = _annotations(message, section.value_at)[0]
        elif section.code == DATA:
            inner.append(binary(message, section.value_at))
    if not inner:
        raise DecodeError("the batch holds no event")
    return [_event(data, batch_key) for data in inner]


def _event(message: bytes, batch_key: str | None) -> Event:
    key, annotations, count = None, b"", 0
    kept: list[bytes] = []
    has_body = False
    for code, value_at, end in sections(message):
        if code == MESSAGE_ANNOTATIONS:
            key, annotations, count = _annotations(message, value_at)
        elif code in _KEPT:
            if code != DATA:
                decode(message, value_at)  # One that clients cannot read would stop its readers.
            kept.append(b"\x00\x53" + bytes((code,)) + message[value_at:end])
            has_body = has_body or code in _BODIES
    if not has_body:
        raise DecodeError("the message has no body")
    return Event(batch_key if batch_key is not None else key, annotations, count, b"".join(kept))


def _annotations(message: bytes, at: int) -> tuple[str | None, bytes, int]:
    """The partition key, and the annotations that are the producer's own."""
    if message[at] == NULL[0]:
        return None, b"", 0
    key: str | None = None
    own: list[bytes] = []
    for key_at, value_at, end in map_entries(message, at):
        name, _ = decode(message, key_at)
        if name == PARTITION_KEY:
            value, _ = decode(message, value_at)
            key = value.decode() if isinstance(value, bytes) else value
            if key is not None and not isinstance(key, str):
                raise DecodeError("the partition key must be a string")
        elif not isinstance(name, str) or name not in _BROKER_ANNOTATIONS:
            own.append(message[key_at:end])
    return key, b"".join(own), len(own)


_SEQUENCE_ENTRY = encode(SEQUENCE_NUMBER)
_OFFSET_ENTRY = encode(OFFSET)
_TIME_ENTRY = encode(ENQUEUED_TIME)
_KEY_ENTRY = encode(PARTITION_KEY)
_ANNOTATIONS_PREFIX = b"\x00\x53\x72"


def delivery_of(event: StoredEvent, delivery_annotations: dict[Symbol, Any] | None) -> bytes:
    """The message that a consumer gets for an event."""
    entries = [
        _SEQUENCE_ENTRY, encode(event.sequence),
        _OFFSET_ENTRY, encode(str(event.offset)),
        _TIME_ENTRY, encode(Timestamp(event.enqueued_ms)),
    ]  # fmt: skip
    count = 3 + event.annotation_count
    if event.partition_key is not None:
        entries += (_KEY_ENTRY, encode(event.partition_key))
        count += 1
    entries.append(event.annotations)
    annotations = _ANNOTATIONS_PREFIX + encode_map_of(b"".join(entries), count)
    if delivery_annotations is None:
        return annotations + event.body
    hop = encode(Described(ULong(DELIVERY_ANNOTATIONS), delivery_annotations))
    return hop + annotations + event.body


def request_of(message: bytes) -> Request:
    """The request in a message to a node.

    Raises:
        DecodeError: it is malformed.
    """
    message_id, properties, value = Encoded(b"\x40"), {}, None
    for section in sections(message):
        content, _ = decode(message, section.value_at)
        if section.code == PROPERTIES and content:
            message_id = Encoded(encode(content[0]))
        elif section.code == APPLICATION_PROPERTIES and content:
            properties = {str(name): _text(item) for name, item in content.items()}
        elif section.code == VALUE:
            value = _text(content)
    return Request(message_id, properties, value)


def response_to(request: Request, properties: dict[str, Any], value: Any = None) -> bytes:
    """The message that answers a request."""
    correlation: list[Any] = [None] * 5 + [request.message_id]
    return b"".join(
        encode(Described(ULong(code), content))
        for code, content in (
            (PROPERTIES, correlation),
            (APPLICATION_PROPERTIES, properties),
            (VALUE, value),
        )
    )


def _text(value: Any) -> Any:
    """Some clients send strings as binary."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value
