"""What the broker keeps of an event, what it adds, and what it refuses."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localhost.eventhubs_broker.amqp_types import Described, Symbol, Timestamp, ULong
from localhost.eventhubs_broker.decoding import DecodeError, decode
from localhost.eventhubs_broker.encoding import encode
from localhost.eventhubs_broker.messages import (
    BATCH_FORMAT,
    DATA,
    DELIVERY_ANNOTATIONS,
    MESSAGE_ANNOTATIONS,
    PROPERTIES,
    StoredEvent,
    delivery_of,
    events_of,
    sections,
)

HEADER = 0x70


def message(*parts: tuple[int, Any]) -> bytes:
    return b"".join(encode(Described(ULong(code), value)) for code, value in parts)


def test_hop_sections_go_and_the_rest_stays_as_it_came() -> None:
    body = message((PROPERTIES, ["m1"]), (DATA, b"x"))
    sent = message((HEADER, [True]), (DELIVERY_ANNOTATIONS, {Symbol("hop"): 1})) + body

    (event,) = events_of(sent, 0)

    assert event.body == body
    assert event.annotation_count == 0


def test_annotations_of_the_broker_are_its_own_and_others_are_kept() -> None:
    annotations = {
        Symbol("x-opt-partition-key"): "case-7",
        Symbol("x-opt-offset"): "forged",
        Symbol("colour"): "red",
    }
    (event,) = events_of(message((MESSAGE_ANNOTATIONS, annotations), (DATA, b"x")), 0)

    stored = StoredEvent(4, 400, 1000, event.partition_key, event.annotations, 1, event.body)
    delivered = delivery_of(stored, None)
    first = next(iter(sections(delivered)))

    assert event.partition_key == "case-7"
    assert decode(delivered, first.value_at)[0] == {
        "x-opt-sequence-number": 4,
        "x-opt-offset": "400",
        "x-opt-enqueued-time": Timestamp(1000),
        "x-opt-partition-key": "case-7",
        "colour": "red",
    }


def test_a_batch_holds_its_events_and_its_key_is_theirs() -> None:
    inner = [message((DATA, body)) for body in (b"a", b"b")]
    batch = message(
        (MESSAGE_ANNOTATIONS, {Symbol("x-opt-partition-key"): "k"}), *((DATA, one) for one in inner)
    )

    events = events_of(batch, BATCH_FORMAT)

    assert [event.body for event in events] == inner
    assert {event.partition_key for event in events} == {"k"}


@pytest.mark.parametrize(
    "malformed",
    [
        b"",
        b"\x00",
        b"\x00\x53",
        b"\x40",
        message((PROPERTIES, ["m1"])),
        message((DATA, "text")),
        message((PROPERTIES, {"k": "v"}), (DATA, b"x")),
        message((MESSAGE_ANNOTATIONS, {Symbol("x-opt-partition-key"): 7}), (DATA, b"x")),
        encode(Described(Symbol("amqp:data:binary"), b"x")),
        # What azure-eventhub 5.15 makes of AmqpMessageProperties(user_id="me"), which is no bytes.
        (
            b"\x00Ss\xc0+\r@\xa0\x02\xc1\x1a\x04\xa1\x04TYPE\xa1\x06BINARY\xa1\x05VALUE\xa1\x02me"
            b"@@@@@@@@@@@\x00Su\xa0\x01a"
        ),
    ],
)
def test_a_malformed_message_is_refused(malformed: bytes) -> None:
    with pytest.raises(DecodeError):
        events_of(malformed, 0)


@settings(deadline=None)
@given(st.binary(max_size=120), st.sampled_from([0, BATCH_FORMAT]))
def test_arbitrary_bytes_are_events_or_refused(data: bytes, message_format: int) -> None:
    try:
        events_of(data, message_format)
    except DecodeError:
        return
