"""The built-in functions on dates: ISO 8601 text in UTC, with seven digits of a second."""

import re
from calendar import monthrange
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

from .values import UNDEFINED, is_number

# The gateway's clock, in seconds; set for the run of one query, so that tests may turn it.
now_seconds: ContextVar[float] = ContextVar("now_seconds", default=0.0)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FORM = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?)?(Z|[+-]\d{2}:\d{2})?\Z"
)
YEAR_MAX = 9999
_TICKS_PER_SECOND = 10_000_000
_TICKS_BEFORE_EPOCH = 621_355_968_000_000_000
_FIRST_TICKS = -_TICKS_BEFORE_EPOCH  # 0001-01-01
_LAST_TICKS = 2_534_023_007_999_999_999  # 9999-12-31T23:59:59.9999999
_PARTS = {
    **dict.fromkeys(("year", "yyyy", "yy"), "year"),
    **dict.fromkeys(("month", "mm", "m"), "month"),
    **dict.fromkeys(("day", "dd", "d"), "day"),
    **dict.fromkeys(("hour", "hh"), "hour"),
    **dict.fromkeys(("minute", "mi", "n"), "minute"),
    **dict.fromkeys(("second", "ss", "s"), "second"),
    **dict.fromkeys(("millisecond", "ms"), "millisecond"),
    **dict.fromkeys(("microsecond", "mcs"), "microsecond"),
    **dict.fromkeys(("nanosecond", "ns"), "nanosecond"),
}
# Ticks (100 ns) in each part that has a fixed length.
_LENGTHS = {
    "day": 86_400 * _TICKS_PER_SECOND,
    "hour": 3_600 * _TICKS_PER_SECOND,
    "minute": 60 * _TICKS_PER_SECOND,
    "second": _TICKS_PER_SECOND,
    "millisecond": 10_000,
    "microsecond": 10,
}


def _ticks(text: Any) -> int | None:
    """100-nanosecond steps since 1970 of an ISO 8601 text; None where it is none."""
    match = _FORM.match(text) if isinstance(text, str) else None
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    ticks = int((moment - _EPOCH).total_seconds()) * _TICKS_PER_SECOND
    zone = match[8]
    if zone and zone != "Z":
        offset = int(zone[1:3]) * 60 + int(zone[4:6])
        ticks -= (offset if zone[0] == "+" else -offset) * _LENGTHS["minute"]
    ticks += int((match[7] or "0").ljust(7, "0"))
    return ticks if _FIRST_TICKS <= ticks <= _LAST_TICKS else None  # A zone may lead outside.


def _text(ticks: int) -> Any:
    seconds, rest = divmod(ticks, _TICKS_PER_SECOND)
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return UNDEFINED
    return f"{moment.strftime('%Y-%m-%dT%H:%M:%S').rjust(19, '0')}.{rest:07d}Z"


def _now_ticks() -> int:
    return int(now_seconds.get() * 1000) * 10_000


def _add(part: Any, amount: Any, text: Any) -> Any:
    name, ticks = _part(part), _ticks(text)
    if name is None or ticks is None or not is_number(amount) or amount != int(amount):
        return UNDEFINED
    if name in ("year", "month"):
        return _add_months(ticks, int(amount) * (12 if name == "year" else 1))
    if name == "nanosecond":
        return _text(ticks + int(amount) // 100)
    return _text(ticks + int(amount) * _LENGTHS[name])


def _add_months(ticks: int, months: int) -> Any:
    seconds, rest = divmod(ticks, _TICKS_PER_SECOND)
    moment = _EPOCH + timedelta(seconds=seconds)
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= YEAR_MAX:
        return UNDEFINED
    day = min(moment.day, monthrange(year, month + 1)[1])
    moment = moment.replace(year=year, month=month + 1, day=day)
    return _text(int((moment - _EPOCH).total_seconds()) * _TICKS_PER_SECOND + rest)


def _difference(part: Any, start: Any, end: Any) -> Any:
    """How many boundaries of the part lie between two moments, as in SQL's DATEDIFF."""
    name, first, last = _part(part), _ticks(start), _ticks(end)
    if name is None or first is None or last is None:
        return UNDEFINED
    if name in ("year", "month"):
        a, b = (_EPOCH + timedelta(seconds=t // _TICKS_PER_SECOND) for t in (first, last))
        if name == "year":
            return b.year - a.year
        return (b.year - a.year) * 12 + b.month - a.month
    if name == "nanosecond":
        return (last - first) * 100
    return last // _LENGTHS[name] - first // _LENGTHS[name]


def _part_of(part: Any, text: Any) -> Any:
    name, ticks = _part(part), _ticks(text)
    if ticks is None:
        return UNDEFINED
    if isinstance(part, str) and part.lower() in ("weekday", "dw", "w"):
        return (ticks // _LENGTHS["day"] + 4) % 7 + 1  # 1970-01-01 was a Thursday; Sunday is 1.
    if name is None:
        return UNDEFINED
    rest = ticks % _TICKS_PER_SECOND
    fractions = {"millisecond": rest // 10_000, "microsecond": rest // 10, "nanosecond": rest * 100}
    if name in fractions:
        return fractions[name]
    return getattr(_EPOCH + timedelta(seconds=ticks // _TICKS_PER_SECOND), name)


def _part(part: Any) -> str | None:
    return _PARTS.get(part.lower()) if isinstance(part, str) else None


def _from_parts(*parts: Any) -> Any:
    if not all(is_number(part) and part == int(part) for part in parts):
        return UNDEFINED
    year, month, day, hour, minute, second, rest = (*map(int, parts), *(0,) * (7 - len(parts)))
    if not 0 <= rest < _TICKS_PER_SECOND:
        return UNDEFINED
    text = f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}.{rest:07d}Z"
    return text if _ticks(text) is not None else UNDEFINED


def _to_timestamp(text: Any) -> Any:
    ticks = _ticks(text)
    return UNDEFINED if ticks is None else ticks // 10_000


def _to_ticks(text: Any) -> Any:
    ticks = _ticks(text)
    return UNDEFINED if ticks is None else ticks + _TICKS_BEFORE_EPOCH


def _from_timestamp(milliseconds: Any) -> Any:
    return _text(int(milliseconds) * 10_000) if is_number(milliseconds) else UNDEFINED


def _from_ticks(ticks: Any) -> Any:
    return _text(int(ticks) - _TICKS_BEFORE_EPOCH) if is_number(ticks) else UNDEFINED


FUNCTIONS: dict[str, tuple[Callable[..., Any], int, int]] = {
    "GETCURRENTDATETIME": (lambda: _text(_now_ticks()), 0, 0),
    "GETCURRENTDATETIMESTATIC": (lambda: _text(_now_ticks()), 0, 0),
    "GETCURRENTTIMESTAMP": (lambda: _now_ticks() // 10_000, 0, 0),
    "GETCURRENTTIMESTAMPSTATIC": (lambda: _now_ticks() // 10_000, 0, 0),
    "GETCURRENTTICKS": (lambda: _now_ticks() + _TICKS_BEFORE_EPOCH, 0, 0),
    "DATETIMEADD": (_add, 3, 3),
    "DATETIMEDIFF": (_difference, 3, 3),
    "DATETIMEPART": (_part_of, 2, 2),
    "DATETIMEFROMPARTS": (_from_parts, 3, 7),
    "DATETIMETOTIMESTAMP": (_to_timestamp, 1, 1),
    "TIMESTAMPTODATETIME": (_from_timestamp, 1, 1),
    "DATETIMETOTICKS": (_to_ticks, 1, 1),
    "TICKSTODATETIME": (_from_ticks, 1, 1),
}
