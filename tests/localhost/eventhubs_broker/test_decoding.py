"""No bytes, however wrong, do more than raise DecodeError; every value survives the wire."""

import math
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localhost.eventhubs_broker.amqp_types import (
    Array,
    Byte,
    Char,
    DecimalBits,
    Described,
    Int,
    Short,
    Symbol,
    Timestamp,
    UByte,
    UInt,
    ULong,
    UShort,
)
from localhost.eventhubs_broker.decoding import (
    DEPTH_MAX,
    DecodeError,
    binary,
    decode,
    end_of,
    map_entries,
)
from localhost.eventhubs_broker.encoding import encode


def _integers(kind: type[int], bits: int, *, is_signed: bool) -> st.SearchStrategy[int]:
    low = -(1 << (bits - 1)) if is_signed else 0
    high = (1 << (bits - 1)) - 1 if is_signed else (1 << bits) - 1
    return st.integers(low, high).map(kind)


SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    _integers(UByte, 8, is_signed=False),
    _integers(UShort, 16, is_signed=False),
    _integers(UInt, 32, is_signed=False),
    _integers(ULong, 64, is_signed=False),
    _integers(Byte, 8, is_signed=True),
    _integers(Short, 16, is_signed=True),
    _integers(Int, 32, is_signed=True),
    _integers(int, 64, is_signed=True),
    _integers(Timestamp, 64, is_signed=True),
    st.floats(allow_nan=False),
    st.sampled_from([4, 8, 16])
    .flatmap(lambda size: st.binary(min_size=size, max_size=size))
    .map(DecimalBits),
    st.characters(exclude_categories=["Cs"]).map(Char),
    st.uuids(),
    st.binary(max_size=300),
    st.text(max_size=300),
    st.text(st.characters(max_codepoint=127), max_size=300).map(Symbol),
)
KEYS = st.one_of(st.text(max_size=9), st.uuids(), st.binary(max_size=9))
ARRAYS: st.SearchStrategy[Any] = st.one_of(
    st.lists(st.text(max_size=9).map(str), min_size=1, max_size=4),
    st.lists(_integers(UInt, 32, is_signed=False), min_size=1, max_size=4),
    st.lists(st.uuids(), min_size=1, max_size=4),
).map(lambda items: Array(tuple(items)))
VALUES = st.recursive(
    st.one_of(SCALARS, ARRAYS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(KEYS, inner, max_size=4),
        st.builds(Described, st.one_of(st.just(ULong(0x70)), st.just(Symbol("x"))), inner),
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(VALUES)
def test_every_value_survives_the_wire_with_its_type(value: Any) -> None:
    data = encode(value)

    decoded, end = decode(b"..." + data + b"...", 3)

    assert decoded == value
    assert type(decoded) is type(value)
    assert end == end_of(b"..." + data, 3) == 3 + len(data)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_decode_or_raise_decode_error(data: bytes) -> None:
    for read in (decode, end_of, binary, lambda data, at: list(map_entries(data, at))):
        try:
            read(data, 0)
        except DecodeError:
            continue


@settings(deadline=None)
@given(VALUES, st.data())
def test_a_damaged_value_decodes_or_raises_decode_error(value: Any, data: st.DataObject) -> None:
    damaged = bytearray(encode(value))
    at = data.draw(st.integers(0, len(damaged) - 1))
    damaged[at] = data.draw(st.integers(0, 255))

    try:
        decode(bytes(damaged))
    except DecodeError:
        return


@settings(deadline=None)
@given(VALUES)
def test_a_value_that_is_cut_off_is_refused(value: Any) -> None:
    data = encode(value)

    with pytest.raises(DecodeError):
        decode(data[:-1])


def test_values_that_nest_too_deep_are_refused() -> None:
    deep: Any = []
    for _ in range(DEPTH_MAX + 1):
        deep = [deep, None]

    with pytest.raises(DecodeError, match="nest deeper"):
        decode(encode(deep))


def test_an_array_cannot_claim_more_items_than_it_has_bytes() -> None:
    four_billion_nulls = bytes.fromhex("f000000005ffffffff40")

    with pytest.raises(DecodeError, match="more items"):
        decode(four_billion_nulls)


def test_not_a_number_survives_too() -> None:
    assert math.isnan(decode(encode(math.nan))[0])


def test_encodings_are_those_of_the_specification() -> None:
    assert encode(None) == b"\x40"
    assert encode(UInt(0)) == b"\x43"
    assert encode(UInt(1)) == b"\x52\x01"
    assert encode(ULong(256)) == b"\x80" + (256).to_bytes(8)
    assert encode(-1) == b"\x55\xff"
    assert encode([]) == b"\x45"
    assert encode([True, "a"]) == b"\xc0\x05\x02\x41\xa1\x01a"
    assert encode(Symbol("k")) == b"\xa3\x01k"
    assert encode({"k": b"v"}) == b"\xc1\x07\x02\xa1\x01k\xa0\x01v"
    assert encode(UUID(int=0)) == b"\x98" + bytes(16)
