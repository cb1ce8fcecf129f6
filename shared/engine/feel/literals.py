"""Literals of FEEL: numbers, and the texts behind an "@"."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation, Overflow
from typing import TYPE_CHECKING, Any

from shared.engine.feel.running import FeelError
from shared.engine.feel.syntax import AtLiteral, Literal, Node
from shared.engine.feel.temporal import parse_date, parse_date_time, parse_duration, parse_time
from shared.engine.feel.values import NUMBERS
from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

READERS: tuple[Callable[[str], Any], ...] = (
    parse_date,
    parse_date_time,
    parse_time,
    parse_duration,
)


def number_literal(text: str) -> Decimal:
    """The number of its text, rounded to 34 digits.

    Raises:
        ModelError: it is beyond the numbers of FEEL.
    """
    try:
        return NUMBERS.create_decimal(text)
    except (InvalidOperation, Overflow) as error:
        raise ModelError("a number is too large") from error


def at_literal(column: int, text: str) -> Node:
    """The date, time, date and time or duration of an at-literal."""
    for read in READERS:
        try:
            return Literal(column, read(text))
        except FeelError:
            continue
    return AtLiteral(column, text)
