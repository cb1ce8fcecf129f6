"""What a FEEL value is in Python, and how plain Python values become one.

number: Decimal · string: str · boolean: bool · null: None · list: list · context: dict with string
keys · date, time, durations: shared.engine.feel.temporal · range: Range · function: Function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import TYPE_CHECKING, Any, Protocol

from shared.engine.feel.running import FeelError
from shared.engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time, Zone
from shared.engine.feel.temporal.zone import fixed

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.engine.feel.running import Run

NUMBERS = Context(
    prec=34, Emin=-6143, Emax=6144, traps=[InvalidOperation, DivisionByZero, Overflow]
)
"""IEEE 754 decimal128: 34 digits, ties to even (DMN 1.5, 10.3.2.3.1)."""

NESTING_MAX = 64

type Scope = dict[str, Any]
type Closure = Callable[[Scope, Run], Any]


class Function(Protocol):
    """Anything that a FEEL expression can call."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""

    def call(self, arguments: list[Any], run: Run) -> Any:
        """Apply it to arguments by position.

        Raises:
            FeelError: the arguments do not fit.
        """

    def call_named(self, arguments: dict[str, Any], run: Run) -> Any:
        """Apply it to arguments by name.

        Raises:
            FeelError: the arguments do not fit.
        """


@dataclass(frozen=True, slots=True)
class Range:
    """Values between two ends; an end that is None lies at infinity.

    Attributes:
        start: the lower end.
        end: the upper end.
        start_included: whether the lower end belongs to it.
        end_included: whether the upper end belongs to it.
        operator: "=" or "!=" for a unary test of one value that stands as a value. It is not
            equal to [value..value] (TCK 0068, range_010), and "!=" has all values but that one.
    """

    start: Any
    end: Any
    start_included: bool = True
    end_included: bool = True
    operator: str = ""


PLAIN = frozenset({Decimal, str, bool, type(None)})
TEMPORAL = frozenset({Date, Time, DateTime, DaysDuration, MonthsDuration})
READY = PLAIN | TEMPORAL | {Range}


def from_python(value: object, depth: int = 0) -> Any:
    """The FEEL value of a plain Python value.

    Args:
        value: int, float, Decimal, str, bool, None, date, time, datetime, timedelta, a sequence
            or a mapping of these, or already a FEEL value.
        depth: nesting so far; callers leave it.

    Raises:
        FeelError: the value has no FEEL counterpart, is not finite, or is nested too deeply.
    """
    kind = type(value)
    if kind in READY:
        return _number(value) if isinstance(value, Decimal) else value
    convert = _CONVERTERS.get(kind)
    if convert is not None:
        return convert(value)
    if depth > NESTING_MAX:
        raise FeelError("a value is nested too deeply")
    return value if hasattr(value, "call_named") else _from_other(value, depth)


def _from_other(value: object, depth: int) -> Any:
    """The FEEL value of a collection, or of a member of a StrEnum or the like."""
    if isinstance(value, Mapping):
        return {str(key): from_python(item, depth + 1) for key, item in value.items()}
    for base, converter in _CONVERTERS.items():
        if isinstance(value, base):
            return converter(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [from_python(item, depth + 1) for item in value]
    raise FeelError(f"a {type(value).__name__} is no FEEL value")


def date_time_from_python(value: datetime) -> DateTime:
    """The FEEL date and time of a Python one; its zone, where it has one, by offset or name."""
    return DateTime(
        Date(value.year, value.month, value.day),
        Time(value.hour, value.minute, value.second, value.microsecond * 1000, _zone(value)),
    )


def _zone(value: datetime | time) -> Zone | None:
    name = getattr(value.tzinfo, "key", None)
    if name == "UTC":
        return Zone()
    if name:
        return Zone(name=name)
    offset = value.utcoffset()
    return None if offset is None else fixed(round(offset.total_seconds()))


def _number_from_float(value: float) -> Decimal:
    return _number(Decimal(repr(value)))


def _number(value: int | Decimal) -> Decimal:
    """The number rounded to 34 digits."""
    if isinstance(value, Decimal) and not value.is_finite():
        raise FeelError("a number must be finite")
    try:
        return NUMBERS.create_decimal(value)
    except (Overflow, InvalidOperation) as error:
        raise FeelError("a number is too large") from error


def _time_from_python(value: time) -> Time:
    return Time(value.hour, value.minute, value.second, value.microsecond * 1000, _zone(value))


def _duration_from_python(value: timedelta) -> DaysDuration:
    microseconds = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
    return DaysDuration(microseconds * 1000)


_CONVERTERS: dict[type, Callable[[Any], Any]] = {
    int: _number,
    float: _number_from_float,
    datetime: date_time_from_python,
    date: lambda value: Date(value.year, value.month, value.day),
    time: _time_from_python,
    timedelta: _duration_from_python,
    str: str.__str__,
}
