"""Which part of a container a request looks at: one partition key value, a span of hashes, or all.

Clients name a feed range by the hashes of partition keys, "effective partition keys". There is one
physical partition here, so a hash is worked out only when a request asks for part of it.
"""

import struct
from dataclasses import dataclass
from functools import lru_cache

from .keys import NUMBER_TAG, STRING_TAG, UNDEFINED_KEY, decode

LOWEST, HIGHEST = "", "FF"
HASHES_REMEMBERED = 8192

_MASK = (1 << 64) - 1
_C1, _C2 = 0x87C37B91114253D5, 0x4CF5AD432745937F
_BLOCK_BYTES = 16
# The tags of a hashed value, which differ from a key's: undefined, null, false, true as in a key.
_HASHED_NUMBER, _HASHED_STRING = b"\x05", b"\x08"


@dataclass(frozen=True, slots=True)
class Extent:
    """The documents that a request looks at.

    Attributes:
        pk: the key of the one partition; None for all within the span.
        low: the first effective partition key of the span.
        high: the one after its last.
    """

    pk: bytes | None = None
    low: str = LOWEST
    high: str = HIGHEST

    @property
    def is_one_partition(self) -> bool:
        """Whether all the documents have one partition key value."""
        return self.pk is not None

    def conditions(self) -> tuple[list[str], list[object]]:
        """SQL conditions on the column pk, with their arguments."""
        if self.pk is not None:
            return ["pk = ?"], [self.pk]
        if (self.low, self.high) == (LOWEST, HIGHEST):
            return [], []
        return ["effective_key(pk) >= ?", "effective_key(pk) < ?"], [self.low, self.high]


@lru_cache(maxsize=HASHES_REMEMBERED)
def effective_key(pk: bytes) -> str:
    """The effective partition key (version 2) of a partition key value's key; an SQL function.

    Source:
        azure-cosmos, partition_key.py, whose hashes clients send: MurmurHash3 x64 128, reversed,
        without the two highest bits, in upper-case hexadecimal.
    """
    if pk == UNDEFINED_KEY:
        data = b"\x00"
    elif pk[0] == NUMBER_TAG:
        data = _HASHED_NUMBER + struct.pack("<d", decode(pk))
    elif pk[0] == STRING_TAG:
        data = _HASHED_STRING + pk[1:] + b"\xff"
    else:
        data = pk[:1]
    low, high = _murmur3(data)
    reversed_bytes = bytearray((high << 64 | low).to_bytes(_BLOCK_BYTES, "big"))
    reversed_bytes[0] &= 0x3F
    return reversed_bytes.hex().upper()


def _murmur3(data: bytes) -> tuple[int, int]:
    """The two halves of MurmurHash3 x64 128 with seed 0 (Austin Appleby, public domain)."""
    h1 = h2 = 0
    whole = len(data) - len(data) % _BLOCK_BYTES
    for at in range(0, whole, _BLOCK_BYTES):
        k1, k2 = struct.unpack_from("<QQ", data, at)
        h1 = _rotated(h1 ^ _mixed_1(k1), 27)
        h1 = ((h1 + h2) * 5 + 0x52DCE729) & _MASK
        h2 = _rotated(h2 ^ _mixed_2(k2), 31)
        h2 = ((h2 + h1) * 5 + 0x38495AB5) & _MASK
    k1, k2 = struct.unpack("<QQ", data[whole:].ljust(_BLOCK_BYTES, b"\x00"))
    h1 ^= _mixed_1(k1) ^ len(data)
    h2 ^= _mixed_2(k2) ^ len(data)
    h1 = (h1 + h2) & _MASK
    h2 = (h2 + h1) & _MASK
    h1, h2 = _finished(h1), _finished(h2)
    h1 = (h1 + h2) & _MASK
    return h1, (h2 + h1) & _MASK


def _rotated(value: int, bits: int) -> int:
    return (value << bits | value >> (64 - bits)) & _MASK


def _mixed_1(value: int) -> int:
    return _rotated(value * _C1 & _MASK, 31) * _C2 & _MASK


def _mixed_2(value: int) -> int:
    return _rotated(value * _C2 & _MASK, 33) * _C1 & _MASK


def _finished(value: int) -> int:
    value = (value ^ value >> 33) * 0xFF51AFD7ED558CCD & _MASK
    value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53 & _MASK
    return value ^ value >> 33
