"""Parts of values that a path reaches: entries of contexts, and properties of dates and ranges.

Source:
    DMN 1.5, table 65 (properties of date, time, duration and range values).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shared.engine.feel.compare import kind_name
from shared.engine.feel.running import FeelError
from shared.engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from shared.engine.feel.temporal.duration import NANOSECONDS
from shared.engine.feel.values import NUMBERS, Range

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.engine.feel.temporal import Zone

type Getter = Callable[[Any], Any]


def property_of(value: Any, name: str) -> Any:
    """The part of that name; of a list, the list of its items' parts.

    Raises:
        FeelError: the value has no such part.
    """
    if type(value) is list:
        return [_entry(item, name) for item in value]
    getter = PROPERTIES.get(type(value), {}).get(name)
    if getter is None:
        raise FeelError(f"a {kind_name(value)} has no {name!r}")
    return getter(value)


def _entry(value: Any, name: str) -> Any:
    if type(value) is dict:
        return value.get(name)
    try:
        return property_of(value, name)
    except FeelError:
        return None


def _seconds(whole: int, nanosecond: int) -> Decimal:
    if not nanosecond:
        return Decimal(whole)
    return NUMBERS.add(Decimal(whole), NUMBERS.divide(Decimal(nanosecond), Decimal(NANOSECONDS)))


def _offset(value: Time | DateTime) -> DaysDuration | None:
    offset = value.offset
    return None if offset is None else DaysDuration(offset * NANOSECONDS)


def _time_offset(value: Time) -> DaysDuration | None:
    # A named zone has no offset until there is a date.
    return None if value.zone is None or value.zone.name else _offset(value)


def _zone_name(zone: Zone | None) -> str | None:
    return None if zone is None else (str(zone).lstrip("@") if zone.name else str(zone))


def _of_part(part: str, getter: Getter) -> Getter:
    return lambda moment: getter(getattr(moment, part))


DATE: dict[str, Getter] = {
    "year": lambda date: Decimal(date.year),
    "month": lambda date: Decimal(date.month),
    "day": lambda date: Decimal(date.day),
    "weekday": lambda date: Decimal(date.weekday),
}
TIME: dict[str, Getter] = {
    "hour": lambda time: Decimal(time.hour),
    "minute": lambda time: Decimal(time.minute),
    "second": lambda time: _seconds(time.second, time.nanosecond),
    "time offset": _time_offset,
    "timezone": lambda time: _zone_name(time.zone),
}
DATE_TIME: dict[str, Getter] = {
    **{name: _of_part("date", getter) for name, getter in DATE.items()},
    **{name: _of_part("time", getter) for name, getter in TIME.items()},
    "time offset": _offset,
}
DAYS: dict[str, Getter] = {
    "days": lambda duration: Decimal(duration.parts[0]),
    "hours": lambda duration: Decimal(duration.parts[1]),
    "minutes": lambda duration: Decimal(duration.parts[2]),
    "seconds": lambda duration: _seconds(duration.parts[3], duration.parts[4]),
}
MONTHS: dict[str, Getter] = {
    "years": lambda duration: Decimal(duration.parts[0]),
    "months": lambda duration: Decimal(duration.parts[1]),
}
RANGE: dict[str, Getter] = {
    "start": lambda area: area.start,
    "end": lambda area: area.end,
    "start included": lambda area: area.start_included,
    "end included": lambda area: area.end_included,
}
PROPERTIES: dict[type, dict[str, Getter]] = {
    Date: DATE,
    Time: TIME,
    DateTime: DATE_TIME,
    DaysDuration: DAYS,
    MonthsDuration: MONTHS,
    Range: RANGE,
}
