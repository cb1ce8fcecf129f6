"""AMQP values to bytes, each in its shortest encoding.

Source: OASIS AMQP 1.0, part 1 (types), 1.2 and 1.6.
"""

import struct
from collections.abc import Callable
from typing import Any
from uuid import UUID

from localhost.eventhubs_broker.amqp_types import (
    Array,
    Byte,
    Char,
    DecimalBits,
    Described,
    Encoded,
    Float32,
    Int,
    Short,
    Symbol,
    Timestamp,
    UByte,
    UInt,
    ULong,
    UShort,
)

NULL = b"\x40"
_UINT8_MAX = 0xFF
_INT8_MIN, _INT8_MAX = -0x80, 0x7F


def encode(value: Any) -> bytes:
    """The bytes of one value, in its shortest encoding.

    Raises:
        TypeError: the value is of no AMQP type.
        struct.error: the number does not fit its type.
    """
    try:
        encoder = _ENCODERS[type(value)]
    except KeyError:
        raise TypeError(f"{type(value).__name__} is no AMQP type") from None
    return encoder(value)


def encode_map_of(entries: bytes, count: int) -> bytes:
    """A map of `count` entries that are encoded already, keys and values in turn."""
    return _compound(0xC1, 0xD1, entries, 2 * count)


def _variable(short: int, long: int, data: bytes) -> bytes:
    size = len(data)
    if size <= _UINT8_MAX:
        return bytes((short, size)) + data
    return struct.pack(">BI", long, size) + data


def _compound(short: int, long: int, items: bytes, count: int) -> bytes:
    size = len(items) + 1
    if size <= _UINT8_MAX and count <= _UINT8_MAX:
        return bytes((short, size, count)) + items
    return struct.pack(">BII", long, size + 3, count) + items


def _unsigned(zero: bytes, short: int, long: int, form: str) -> Callable[[int], bytes]:
    """Zero in one byte, what fits one byte in two, the rest in full."""
    in_full = struct.Struct(f">B{form}")

    def encode_unsigned(value: int) -> bytes:
        if value == 0:
            return zero
        if 0 < value <= _UINT8_MAX:
            return bytes((short, value))
        return in_full.pack(long, value)

    return encode_unsigned


def _signed(short: int, long: int, form: str) -> Callable[[int], bytes]:
    """What fits one byte in two, the rest in full."""
    in_short, in_full = struct.Struct(">Bb"), struct.Struct(f">B{form}")

    def encode_signed(value: int) -> bytes:
        if _INT8_MIN <= value <= _INT8_MAX:
            return in_short.pack(short, value)
        return in_full.pack(long, value)

    return encode_signed


def _encode_list(values: list[Any]) -> bytes:
    if not values:
        return b"\x45"
    return _compound(0xC0, 0xD0, b"".join(map(encode, values)), len(values))


def _encode_map(values: dict[Any, Any]) -> bytes:
    entries = b"".join(encode(key) + encode(value) for key, value in values.items())
    return _compound(0xC1, 0xD1, entries, 2 * len(values))


def _encode_array(value: Array) -> bytes:
    kind = type(value.items[0]) if value.items else Symbol
    if any(type(item) is not kind for item in value.items) or kind not in _ARRAY_ITEMS:
        raise TypeError("an array holds items of one simple type")
    constructor, encode_item = _ARRAY_ITEMS[kind]
    items = bytes((constructor,)) + b"".join(map(encode_item, value.items))
    return _compound(0xE0, 0xF0, items, len(value.items))


def _encode_decimal(value: DecimalBits) -> bytes:
    constructor = {4: 0x74, 8: 0x84, 16: 0x94}[len(value)]
    return bytes((constructor,)) + value


def _packed(form: str, constructor: int) -> Callable[[Any], bytes]:
    packer = struct.Struct(f">B{form}")
    return lambda value: packer.pack(constructor, value)


def _long_variable(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


_ENCODERS: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda _: NULL,
    bool: lambda value: b"\x41" if value else b"\x42",
    UByte: _packed("B", 0x50),
    UShort: _packed("H", 0x60),
    UInt: _unsigned(b"\x43", 0x52, 0x70, "I"),
    ULong: _unsigned(b"\x44", 0x53, 0x80, "Q"),
    Byte: _packed("b", 0x51),
    Short: _packed("h", 0x61),
    Int: _signed(0x54, 0x71, "i"),
    int: _signed(0x55, 0x81, "q"),
    Float32: _packed("f", 0x72),
    float: _packed("d", 0x82),
    DecimalBits: _encode_decimal,
    Char: lambda value: struct.pack(">BI", 0x73, ord(value)),
    Timestamp: _packed("q", 0x83),
    UUID: lambda value: b"\x98" + value.bytes,
    bytes: lambda value: _variable(0xA0, 0xB0, value),
    str: lambda value: _variable(0xA1, 0xB1, value.encode()),
    Symbol: lambda value: _variable(0xA3, 0xB3, value.encode("ascii")),
    list: _encode_list,
    dict: _encode_map,
    Array: _encode_array,
    Described: lambda value: b"\x00" + encode(value.descriptor) + encode(value.value),
    Encoded: bytes,
}

_ARRAY_ITEMS: dict[type, tuple[int, Callable[[Any], bytes]]] = {
    Symbol: (0xB3, lambda value: _long_variable(value.encode("ascii"))),
    str: (0xB1, lambda value: _long_variable(value.encode())),
    bytes: (0xB0, _long_variable),
    int: (0x81, struct.Struct(">q").pack),
    Int: (0x71, struct.Struct(">i").pack),
    UInt: (0x70, struct.Struct(">I").pack),
    ULong: (0x80, struct.Struct(">Q").pack),
    Timestamp: (0x83, struct.Struct(">q").pack),
    UUID: (0x98, lambda value: value.bytes),
}
