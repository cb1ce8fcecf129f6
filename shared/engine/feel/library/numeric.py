"""Numeric built-ins.

Source:
    DMN 1.5, 10.3.4.5.
"""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from typing import TYPE_CHECKING

from shared.engine.feel.library.registry import built_in
from shared.engine.feel.running import FeelError
from shared.engine.feel.values import NUMBERS

if TYPE_CHECKING:
    from shared.engine.feel.temporal import DaysDuration, MonthsDuration

SCALE_MIN = -6111
SCALE_MAX = 6176
ROUNDING = Context(prec=7000, Emin=-6_200, Emax=13_000)  # Wide enough that rounding is exact.


def rounded(number: Decimal, scale: Decimal, rounding: str) -> Decimal:
    """The number rounded to so many decimals.

    Raises:
        FeelError: the scale is beyond what decimal128 can show.
    """
    if not SCALE_MIN <= scale <= SCALE_MAX:
        raise FeelError(f"a scale lies between {SCALE_MIN} and {SCALE_MAX}")
    unit = Decimal((0, (1,), -int(scale)))
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -int(scale):
        return number
    return NUMBERS.plus(number.quantize(unit, rounding, ROUNDING))


@built_in("decimal(n: number, scale: number)")
def _decimal(number: Decimal, scale: Decimal) -> Decimal:
    return rounded(number, scale, ROUND_HALF_EVEN)


@built_in("floor(n: number, scale?: number)")
def _floor(number: Decimal, scale: Decimal = Decimal(0)) -> Decimal:
    return rounded(number, scale, ROUND_FLOOR)


@built_in("ceiling(n: number, scale?: number)")
def _ceiling(number: Decimal, scale: Decimal = Decimal(0)) -> Decimal:
    return rounded(number, scale, ROUND_CEILING)


@built_in("round up(n: number, scale: number)")
def _round_up(number: Decimal, scale: Decimal) -> Decimal:
    return rounded(number, scale, ROUND_UP)


@built_in("round down(n: number, scale: number)")
def _round_down(number: Decimal, scale: Decimal) -> Decimal:
    return rounded(number, scale, ROUND_DOWN)


@built_in("round half up(n: number, scale: number)")
def _round_half_up(number: Decimal, scale: Decimal) -> Decimal:
    return rounded(number, scale, ROUND_HALF_UP)


@built_in("round half down(n: number, scale: number)")
def _round_half_down(number: Decimal, scale: Decimal) -> Decimal:
    return rounded(number, scale, ROUND_HALF_DOWN)


@built_in("abs(n: number)")
def _abs(number: Decimal) -> Decimal:
    return NUMBERS.abs(number)


@built_in("abs(n: days and time duration)")
def _abs_days(duration: DaysDuration) -> DaysDuration:
    return max(duration, -duration)


@built_in("abs(n: years and months duration)")
def _abs_months(duration: MonthsDuration) -> MonthsDuration:
    return max(duration, -duration)


@built_in("modulo(dividend: number, divisor: number)")
def _modulo(dividend: Decimal, divisor: Decimal) -> Decimal:
    if not divisor:
        raise FeelError("division by zero")
    remainder = NUMBERS.remainder(dividend, divisor)  # Has the sign of the dividend.
    if remainder and (remainder < 0) != (divisor < 0):
        remainder = NUMBERS.add(remainder, divisor)
    return remainder


@built_in("sqrt(number: number)")
def _sqrt(number: Decimal) -> Decimal:
    if number < 0:
        raise FeelError("a negative number has no square root")
    return NUMBERS.sqrt(number)


@built_in("log(number: number)")
def _log(number: Decimal) -> Decimal:
    if number <= 0:
        raise FeelError("only a positive number has a logarithm")
    return NUMBERS.ln(number)


@built_in("exp(number: number)")
def _exp(number: Decimal) -> Decimal:
    return NUMBERS.exp(number)


@built_in("odd(number: number)")
def _odd(number: Decimal) -> bool:
    return NUMBERS.remainder(number, Decimal(2)).copy_abs() == 1


@built_in("even(number: number)")
def _even(number: Decimal) -> bool:
    return NUMBERS.remainder(number, Decimal(2)) == 0
