"""Bytes to AMQP values, with nothing about them taken on trust.

Source: OASIS AMQP 1.0, part 1 (types), 1.2 and 1.6.
"""

import struct
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from localhost.eventhubs_broker.amqp_types import (
    Array,
    Byte,
    Char,
    DecimalBits,
    Described,
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
from shared.errors import ContractError

DEPTH_MAX = 32
"""Nesting that is followed; deeper values are refused, so that no peer can exhaust the stack."""

_DESCRIBED = 0x00
_BINARY8, _BINARY32 = 0xA0, 0xB0
_MAP8, _MAP32 = 0xC1, 0xD1
_LISTS = frozenset({0xC0, 0xD0})
_ARRAYS = frozenset({0xE0, 0xF0})
_COMPOUNDS = _LISTS | _ARRAYS | {_MAP8, _MAP32}

_EMPTY: dict[int, Callable[[], Any]] = {
    0x40: lambda: None,
    0x41: lambda: True,
    0x42: lambda: False,
    0x43: lambda: UInt(0),
    0x44: lambda: ULong(0),
    0x45: list,
}

_FIXED: dict[int, tuple[struct.Struct, Callable[[Any], Any]]] = {
    constructor: (struct.Struct(form), build)
    for constructor, form, build in (
        (0x50, ">B", UByte),
        (0x51, ">b", Byte),
        (0x52, ">B", UInt),
        (0x53, ">B", ULong),
        (0x54, ">b", Int),
        (0x55, ">b", int),
        (0x56, ">?", bool),
        (0x60, ">H", UShort),
        (0x61, ">h", Short),
        (0x70, ">I", UInt),
        (0x71, ">i", Int),
        (0x72, ">f", Float32),
        (0x73, ">I", lambda value: Char(chr(value))),
        (0x74, ">4s", DecimalBits),
        (0x80, ">Q", ULong),
        (0x81, ">q", int),
        (0x82, ">d", float),
        (0x83, ">q", Timestamp),
        (0x84, ">8s", DecimalBits),
        (0x94, ">16s", DecimalBits),
        (0x98, ">16s", lambda value: UUID(bytes=value)),
    )
}

_VARIABLE: dict[int, Callable[[bytes], Any]] = {
    0x0: bytes,
    0x1: lambda data: data.decode(),
    0x3: lambda data: Symbol(data.decode("ascii")),
}

_WIDTHS = {0x4: 0, 0x5: 1, 0x6: 2, 0x7: 4, 0x8: 8, 0x9: 16}
"""Bytes after the constructor, by the constructor's upper half, where they do not vary."""


class DecodeError(ContractError):
    """The bytes are not one well-formed AMQP value."""


def decode(data: bytes, at: int = 0) -> tuple[Any, int]:
    """The value that starts at `at`, and the position after it.

    Raises:
        DecodeError: truncated, unknown or inconsistent bytes, or deeper than DEPTH_MAX.
    """
    try:
        return _decode(data, at, 0)
    except (struct.error, IndexError, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise DecodeError(f"no AMQP value at byte {at}: {error}") from error


def end_of(data: bytes, at: int) -> int:
    """The position after the value that starts at `at`, found without building the value.

    Raises:
        DecodeError: the value does not end within the data.
    """
    try:
        end = _end_of(data, at, 0)
    except (struct.error, IndexError) as error:
        raise DecodeError(f"no AMQP value at byte {at}") from error
    if end > len(data):
        raise DecodeError(f"the AMQP value at byte {at} is cut off")
    return end


def binary(data: bytes, at: int) -> bytes:
    """The content of the binary value at `at`.

    Raises:
        DecodeError: another type stands there, or it is cut off.
    """
    end = end_of(data, at)
    if data[at] == _BINARY8:
        return data[at + 2 : end]
    if data[at] == _BINARY32:
        return data[at + 5 : end]
    raise DecodeError(f"binary expected at byte {at}")


def map_entries(data: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Where each entry of the map at `at` has its key, its value and its end.

    Raises:
        DecodeError: another type stands there, or it is cut off.
    """
    end = end_of(data, at)
    if data[at] == _MAP8:
        at += 3
    elif data[at] == _MAP32:
        at += 9
    else:
        raise DecodeError(f"map expected at byte {at}")
    while at < end:
        value_at = end_of(data, at)
        after = end_of(data, value_at)
        yield at, value_at, after
        at = after


def _decode(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    constructor = data[at]
    if constructor == _DESCRIBED:
        _check_depth(depth)
        descriptor, at = _decode(data, at + 1, depth + 1)
        value, at = _decode(data, at, depth + 1)
        return Described(descriptor, value), at
    return _decode_content(constructor, data, at + 1, depth)


def _decode_content(constructor: int, data: bytes, at: int, depth: int) -> tuple[Any, int]:
    """What follows a constructor; the items of an array share one."""
    fixed = _FIXED.get(constructor)
    if fixed is not None:
        return fixed[1](fixed[0].unpack_from(data, at)[0]), at + fixed[0].size
    if constructor in _EMPTY:
        return _EMPTY[constructor](), at
    group = constructor >> 4
    if group in {0xA, 0xB} and constructor & 0xF in _VARIABLE:
        start, end = _extent(constructor, data, at)
        return _VARIABLE[constructor & 0xF](data[start:end]), end
    if constructor in _COMPOUNDS:
        _check_depth(depth)
        return _decode_compound(constructor, data, at, depth)
    raise DecodeError(f"unknown AMQP constructor {constructor:#04x}")


def _extent(constructor: int, data: bytes, at: int) -> tuple[int, int]:
    """Where sized content starts and ends, checked against the data."""
    if constructor >> 4 in {0xA, 0xC, 0xE}:
        start, end = at + 1, at + 1 + data[at]
    else:
        start, end = at + 4, at + 4 + struct.unpack_from(">I", data, at)[0]
    if end > len(data):
        raise DecodeError("an AMQP value is cut off")
    return start, end


def _decode_compound(constructor: int, data: bytes, at: int, depth: int) -> tuple[Any, int]:
    start, end = _extent(constructor, data, at)
    if constructor >> 4 in {0xC, 0xE}:
        count, at = data[start], start + 1
    else:
        count, at = struct.unpack_from(">I", data, start)[0], start + 4
    if count > end - start:
        raise DecodeError("an AMQP value claims more items than it has bytes")
    items: list[Any] = []
    if constructor in _ARRAYS:
        item_constructor, at = data[at], at + 1
        for _ in range(count):
            item, at = _decode_content(item_constructor, data, at, depth + 1)
            items.append(item)
    else:
        for _ in range(count):
            item, at = _decode(data, at, depth + 1)
            items.append(item)
    if at != end:
        raise DecodeError("an AMQP value's size and items disagree")
    return _build_compound(constructor, items), end


def _build_compound(constructor: int, items: list[Any]) -> Any:
    if constructor in _LISTS:
        return items
    if constructor in _ARRAYS:
        return Array(tuple(items))
    if len(items) % 2:
        raise DecodeError("an AMQP map has a key without a value")
    try:
        return dict(zip(items[::2], items[1::2], strict=True))
    except TypeError as error:
        raise DecodeError("an AMQP map has a compound key") from error


def _check_depth(depth: int) -> None:
    if depth >= DEPTH_MAX:
        raise DecodeError(f"AMQP values nest deeper than {DEPTH_MAX}")


def _end_of(data: bytes, at: int, depth: int) -> int:
    constructor = data[at]
    if constructor == _DESCRIBED:
        _check_depth(depth)
        return _end_of(data, _end_of(data, at + 1, depth + 1), depth + 1)
    group = constructor >> 4
    if group in _WIDTHS:
        return at + 1 + _WIDTHS[group]
    if group in {0xA, 0xC, 0xE}:
        return at + 2 + data[at + 1]
    if group in {0xB, 0xD, 0xF}:
        return at + 5 + int.from_bytes(data[at + 1 : at + 5])
    raise DecodeError(f"unknown AMQP constructor {constructor:#04x}")
