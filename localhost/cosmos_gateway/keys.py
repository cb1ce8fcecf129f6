"""JSON values as byte strings that sort as Cosmos DB sorts values.

Cosmos DB compares within a type only, and orders types as undefined, null, false, true, number,
string, array, object. A tag byte for the type, then an order-preserving payload, gives both with
plain byte comparison, which is what an SQLite index does. Numbers are IEEE doubles, as in Cosmos
DB; text is UTF-8, which sorts by code point.
"""

import json
import math
import struct
from typing import Any

UNDEFINED_KEY = b""
NULL_TAG, FALSE_TAG, TRUE_TAG, NUMBER_TAG, STRING_TAG, ARRAY_TAG, OBJECT_TAG = range(1, 8)

# The span of keys that one comparison may look at: [first, last) for the type of its operand.
TYPE_SPAN = {
    NULL_TAG: (bytes([NULL_TAG]), bytes([FALSE_TAG])),
    FALSE_TAG: (bytes([FALSE_TAG]), bytes([NUMBER_TAG])),
    TRUE_TAG: (bytes([FALSE_TAG]), bytes([NUMBER_TAG])),
    NUMBER_TAG: (bytes([NUMBER_TAG]), bytes([STRING_TAG])),
    STRING_TAG: (bytes([STRING_TAG]), bytes([ARRAY_TAG])),
    ARRAY_TAG: (bytes([ARRAY_TAG]), bytes([OBJECT_TAG])),
    OBJECT_TAG: (bytes([OBJECT_TAG]), bytes([OBJECT_TAG + 1])),
}

_LARGEST_EXACT_INTEGER = 2**53
_SIGN_BIT = 1 << 63
_ALL_BITS = (1 << 64) - 1


def encode(value: Any) -> bytes:
    """The key of a JSON value; a value that JSON cannot hold is undefined."""
    kind = type(value)
    if kind is str:
        return b"\x05" + value.encode("utf-8", "surrogatepass")  # type: ignore[no-any-return]
    if kind is int or kind is float:
        return _encode_number(value)
    if value is None:
        return b"\x01"
    if value is True:
        return b"\x03"
    if value is False:
        return b"\x02"
    if kind is list:
        return b"\x06" + _canonical(value)
    if kind is dict:
        return b"\x07" + _canonical(value)
    return UNDEFINED_KEY


def decode(key: bytes) -> Any:
    """The value of a key other than UNDEFINED_KEY."""
    tag = key[0]
    if tag == STRING_TAG:
        return key[1:].decode("utf-8", "surrogatepass")
    if tag == NUMBER_TAG:
        return _decode_number(key)
    if tag in (ARRAY_TAG, OBJECT_TAG):
        return json.loads(key[1:])
    return {NULL_TAG: None, FALSE_TAG: False, TRUE_TAG: True}[tag]


def after_prefix(prefix: bytes) -> bytes:
    """The first key after all keys that begin with this one, which ends in a byte below 255."""
    return prefix[:-1] + bytes([prefix[-1] + 1])


def _encode_number(value: float) -> bytes:
    try:
        number = float(value) + 0.0  # Makes -0.0 the same key as 0.0.
    except OverflowError:
        number = math.inf if value > 0 else -math.inf
    bits: int = struct.unpack(">Q", struct.pack(">d", number))[0]
    bits = ~bits & _ALL_BITS if bits & _SIGN_BIT else bits | _SIGN_BIT
    return b"\x04" + bits.to_bytes(8, "big")


def _decode_number(key: bytes) -> float:
    bits = int.from_bytes(key[1:9], "big")
    bits = bits & ~_SIGN_BIT if bits & _SIGN_BIT else ~bits & _ALL_BITS
    number: float = struct.unpack(">d", bits.to_bytes(8, "big"))[0]
    if number.is_integer() and abs(number) <= _LARGEST_EXACT_INTEGER:
        return int(number)
    return number


def _canonical(value: Any) -> bytes:
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"))
    return text.encode("ascii")


def _plain(value: Any) -> Any:
    """The same value with 1.0 written as 1, so that equal values have equal text."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
