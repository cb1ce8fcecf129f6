"""The AMQP types that Python does not tell apart.

Python's own stand for null, boolean, long, double, string, binary, uuid, list and map. `Encoded`
carries bytes that are already a value, so that a peer's value can be passed on without being
understood.

Source: OASIS AMQP 1.0, part 1 (types), 1.6.
"""

from dataclasses import dataclass
from typing import Any


class Symbol(str):
    """An ASCII name from a constrained domain."""

    __slots__ = ()


class Char(str):
    """One Unicode character."""

    __slots__ = ()


class UByte(int):
    """An unsigned integer of 8 bits."""


class UShort(int):
    """An unsigned integer of 16 bits."""


class UInt(int):
    """An unsigned integer of 32 bits."""


class ULong(int):
    """An unsigned integer of 64 bits."""


class Byte(int):
    """A signed integer of 8 bits."""


class Short(int):
    """A signed integer of 16 bits."""


class Int(int):
    """A signed integer of 32 bits; Python's int is the one of 64 bits."""


class Timestamp(int):
    """Milliseconds since 1970-01-01 UTC."""


class Float32(float):
    """A floating-point number of 32 bits; Python's float is the one of 64 bits."""

    __slots__ = ()


class DecimalBits(bytes):
    """A decimal32, decimal64 or decimal128, kept as its 4, 8 or 16 bytes."""

    __slots__ = ()


class Encoded(bytes):
    """One value that is encoded already."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Described:
    """A value with the descriptor that says what it means."""

    descriptor: Any
    value: Any


@dataclass(frozen=True, slots=True)
class Array:
    """Values of one type, which the first item decides; empty arrays are arrays of symbols."""

    items: tuple[Any, ...]
