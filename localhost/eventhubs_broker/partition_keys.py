"""Which partition a key belongs to: the one that azure-eventhub's buffered producer computes.

Source: Bob Jenkins' lookup3 (public domain), hashlittle2; azure-eventhub's PartitionResolver takes
the exclusive or of its two results, as 16 signed bits.
"""

from functools import lru_cache

_MASK = 0xFFFF_FFFF
_BLOCK_BYTES = 12


@lru_cache(maxsize=4096)
def partition_of(key: str, partition_count: int) -> int:
    """The partition, from 0, to which every event with this key goes."""
    first, second = _lookup3(key.encode())
    folded = (first ^ second) & 0xFFFF
    signed = folded - 0x1_0000 if folded & 0x8000 else folded
    return signed % partition_count


def _rotate(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (32 - bits))) & _MASK


def _lookup3(data: bytes) -> tuple[int, int]:
    a = b = c = (0xDEAD_BEEF + len(data)) & _MASK
    at = 0
    while len(data) - at > _BLOCK_BYTES:
        x, y, z = _words(data[at : at + _BLOCK_BYTES])
        a, b, c = _mix((a + x) & _MASK, (b + y) & _MASK, (c + z) & _MASK)
        at += _BLOCK_BYTES
    if at == len(data):
        return c, b
    x, y, z = _words(data[at:].ljust(_BLOCK_BYTES, b"\0"))
    return _final((a + x) & _MASK, (b + y) & _MASK, (c + z) & _MASK)


def _words(block: bytes) -> tuple[int, int, int]:
    return (
        int.from_bytes(block[0:4], "little"),
        int.from_bytes(block[4:8], "little"),
        int.from_bytes(block[8:12], "little"),
    )


def _mix(a: int, b: int, c: int) -> tuple[int, int, int]:
    for bits in (4, 6, 8, 16, 19, 4):
        a = ((a - c) & _MASK) ^ _rotate(c, bits)
        c = (c + b) & _MASK
        a, b, c = b, c, a
    return a, b, c


def _final(a: int, b: int, c: int) -> tuple[int, int]:
    for bits in (14, 11, 25, 16, 4, 14, 24):
        c = ((c ^ b) - _rotate(b, bits)) & _MASK
        a, b, c = b, c, a
    b, c = a, b
    return c, b
