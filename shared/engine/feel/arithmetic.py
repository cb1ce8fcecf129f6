"""Arithmetic of FEEL values.

Source:
    DMN 1.5, tables 56 to 58 (addition, subtraction, multiplication, division, exponentiation).
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation, Overflow
from typing import TYPE_CHECKING, Any

from shared.engine.feel.compare import kind_name
from shared.engine.feel.running import FeelError, check_length
from shared.engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from shared.engine.feel.temporal.duration import DAY_NANOSECONDS
from shared.engine.feel.values import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Callable

NANOSECONDS_MAX = 10**30
MONTHS_MAX = 10**12


def add(left: Any, right: Any) -> Any:
    """Left + right.

    Raises:
        FeelError: they do not add.
    """
    kinds = (type(left), type(right))
    match kinds:
        case (a, b) if a is Decimal and b is Decimal:
            return NUMBERS.add(left, right)
        case (a, b) if a is str and b is str:
            check_length(len(left) + len(right))
            return left + right
        case (a, b) if a is DaysDuration and b is DaysDuration:
            return _days(left.nanoseconds + right.nanoseconds)
        case (a, b) if a is MonthsDuration and b is MonthsDuration:
            return _months(left.months + right.months)
    if kinds[1] in {DaysDuration, MonthsDuration}:
        return _shift(left, right)
    if kinds[0] in {DaysDuration, MonthsDuration}:
        return _shift(right, left)
    raise _mismatch("added", left, right)


def subtract(left: Any, right: Any) -> Any:
    """Left - right.

    Raises:
        FeelError: they do not subtract.
    """
    kinds = (type(left), type(right))
    if kinds == (Decimal, Decimal):
        return NUMBERS.subtract(left, right)
    if kinds == (DaysDuration, DaysDuration):
        return _days(left.nanoseconds - right.nanoseconds)
    if kinds == (MonthsDuration, MonthsDuration):
        return _months(left.months - right.months)
    if kinds == (Time, Time):
        _check_zones(left, right)
        return _days(left.instant - right.instant)
    if kinds == (Date, Date):
        return _days((left.number - right.number) * DAY_NANOSECONDS)
    if kinds[0] in {Date, DateTime} and kinds[1] in {Date, DateTime}:
        return _between(left, right)
    if kinds[1] in {DaysDuration, MonthsDuration} and kinds[0] in {Date, DateTime, Time}:
        return _shift(left, -right)
    raise _mismatch("subtracted", left, right)


def multiply(left: Any, right: Any) -> Any:
    """Left * right.

    Raises:
        FeelError: they do not multiply.
    """
    if type(left) is Decimal and type(right) is Decimal:
        return NUMBERS.multiply(left, right)
    number, duration = (left, right) if type(left) is Decimal else (right, left)
    if type(number) is Decimal:
        if type(duration) is DaysDuration:
            return _days(_whole(NUMBERS.multiply(Decimal(duration.nanoseconds), number)))
        if type(duration) is MonthsDuration:
            return _months(_whole(NUMBERS.multiply(Decimal(duration.months), number)))
    raise _mismatch("multiplied", left, right)


def divide(left: Any, right: Any) -> Any:
    """Left / right.

    Raises:
        FeelError: they do not divide, or the divisor is zero.
    """
    kinds = (type(left), type(right))
    match kinds:
        case (a, b) if a is Decimal and b is Decimal:
            return _quotient(left, right)
        case (a, b) if a is DaysDuration and b is Decimal:
            return _days(_whole(_quotient(Decimal(left.nanoseconds), right)))
        case (a, b) if a is MonthsDuration and b is Decimal:
            return _months(_whole(_quotient(Decimal(left.months), right)))
        case (a, b) if a is DaysDuration and b is DaysDuration:
            return _quotient(Decimal(left.nanoseconds), Decimal(right.nanoseconds))
        case (a, b) if a is MonthsDuration and b is MonthsDuration:
            return _quotient(Decimal(left.months), Decimal(right.months))
    raise _mismatch("divided", left, right)


def power(left: Any, right: Any) -> Any:
    """Left ** right.

    Raises:
        FeelError: they are no numbers, or the power is none.
    """
    if type(left) is not Decimal or type(right) is not Decimal:
        raise _mismatch("raised", left, right)
    try:
        answer = NUMBERS.power(left, right)
    except (InvalidOperation, Overflow) as error:
        raise FeelError("this power is no number") from error
    if not answer.is_finite():
        raise FeelError("division by zero")  # Zero to a negative power.
    return answer


def negate(value: Any) -> Any:
    """-value.

    Raises:
        FeelError: it is neither a number nor a duration.
    """
    if type(value) is Decimal:
        return NUMBERS.minus(value)
    if type(value) in {DaysDuration, MonthsDuration}:
        return -value
    raise FeelError(f"a {kind_name(value)} cannot be negated")


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}


def _quotient(left: Decimal, right: Decimal) -> Decimal:
    if not right:
        raise FeelError("division by zero")
    return NUMBERS.divide(left, right)


def _shift(moment: Any, duration: DaysDuration | MonthsDuration) -> Any:
    """A date, time or date and time, moved by a duration."""
    kind = type(moment)
    if isinstance(duration, MonthsDuration):
        if kind is Date or kind is DateTime:
            return moment.plus_months(duration.months)
    elif kind is DateTime:
        return moment.plus_nanoseconds(duration.nanoseconds)
    elif kind is Date:
        return Date.from_number(moment.number + duration.nanoseconds // DAY_NANOSECONDS)
    elif kind is Time:
        return Time.from_nanoseconds(moment.nanoseconds + duration.nanoseconds, moment.zone)
    raise _mismatch("added", moment, duration)


def _between(left: Date | DateTime, right: Date | DateTime) -> DaysDuration:
    """Time from right to left; a date stands for its midnight on the other's clock."""
    if isinstance(left, Date) and isinstance(right, DateTime):
        left = DateTime(left, Time(0, 0, 0, zone=right.zone))
    elif isinstance(right, Date) and isinstance(left, DateTime):
        right = DateTime(right, Time(0, 0, 0, zone=left.zone))
    if isinstance(left, DateTime) and isinstance(right, DateTime):
        _check_zones(left, right)
        return _days(left.instant - right.instant)
    raise _mismatch("subtracted", left, right)


def _check_zones(left: Time | DateTime, right: Time | DateTime) -> None:
    if (left.zone is None) != (right.zone is None):
        raise FeelError("a local time and a time with a zone are not comparable")


def _whole(number: Decimal) -> int:
    return int(number)


def _days(nanoseconds: int) -> DaysDuration:
    if abs(nanoseconds) > NANOSECONDS_MAX:
        raise FeelError("a duration is too long")
    return DaysDuration(nanoseconds)


def _months(months: int) -> MonthsDuration:
    if abs(months) > MONTHS_MAX:
        raise FeelError("a duration is too long")
    return MonthsDuration(months)


def _mismatch(done: str, left: object, right: object) -> FeelError:
    return FeelError(f"a {kind_name(left)} and a {kind_name(right)} cannot be {done}")
