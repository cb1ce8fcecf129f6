"""Reading dates, times and durations from their XML Schema texts.

Source:
    DMN 1.5, 10.3.2.3.5 to 10.3.2.3.7; XML Schema 1.1 part 2. A zone may also be "@" and an IANA
    name. Second 60 is refused; "24:00:00" is the next midnight only where XML Schema says so.
"""

from __future__ import annotations

import re

from shared.engine.feel.running import FeelError
from shared.engine.feel.temporal.duration import NANOSECONDS, DaysDuration, MonthsDuration
from shared.engine.feel.temporal.moment import Date, DateTime, Time
from shared.engine.feel.temporal.zone import UTC, Zone, fixed, named

DATE = r"(?P<year>-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
TIME = (
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]+))?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z0-9_/+-]+)?"
)
DATE_PATTERN = re.compile(DATE)
TIME_PATTERN = re.compile(f"T?{TIME}")
DATE_TIME_PATTERN = re.compile(f"{DATE}T{TIME}")
ZONE_PATTERN = re.compile(r"([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
DURATION_PATTERN = re.compile(
    r"(?P<sign>-)?P(?:(?P<years>[0-9]+)Y)?(?:(?P<months>[0-9]+)M)?(?:(?P<days>[0-9]+)D)?"
    r"(?P<clock>T(?:(?P<hours>[0-9]+)H)?(?:(?P<minutes>[0-9]+)M)?"
    r"(?:(?P<seconds>[0-9]+)(?:\.(?P<fraction>[0-9]*))?S)?)?"
)
DIGITS_MAX = 18
CLOCK_MINUTES = 60


def parse_date(text: str) -> Date:
    """The date of its text, such as "2026-02-28".

    Raises:
        FeelError: it is no date.
    """
    match = DATE_PATTERN.fullmatch(text)
    if match is None:
        raise FeelError("this text is no date")
    return _date(match)


def parse_time(text: str) -> Time:
    """The time of its text, such as "13:20:00@Europe/Paris".

    Raises:
        FeelError: it is no time.
    """
    match = TIME_PATTERN.fullmatch(text)
    if match is None:
        raise FeelError("this text is no time")
    return _time(match)


def parse_date_time(text: str) -> DateTime:
    """The date and time of its text; a text with only a date is its midnight.

    Raises:
        FeelError: it is neither.
    """
    match = DATE_TIME_PATTERN.fullmatch(text)
    if match is None:
        return DateTime(parse_date(text), Time(0, 0, 0))
    if match["hour"] == "24" and match["minute"] == match["second"] == "00":
        midnight = Time(0, 0, 0, zone=parse_zone(match["zone"] or ""))
        return DateTime(Date.from_number(_date(match).number + 1), midnight)
    return DateTime(_date(match), _time(match))


def parse_zone(text: str) -> Zone | None:
    """The zone of its text: "Z", "+01:00" or "@Europe/Paris"; None for no text.

    Raises:
        FeelError: it is no zone.
    """
    if not text:
        return None
    if text == "Z":
        return UTC
    if text.startswith("@"):
        return named(text[1:])
    match = ZONE_PATTERN.fullmatch(text)
    if match is None or int(match[3]) >= CLOCK_MINUTES or int(match[4] or 0) >= CLOCK_MINUTES:
        raise FeelError("this text is no zone")
    seconds = int(match[2]) * 3600 + int(match[3]) * 60 + int(match[4] or 0)
    return fixed(-seconds if match[1] == "-" else seconds)


def parse_duration(text: str) -> DaysDuration | MonthsDuration:
    """The duration of its text, such as "P1Y2M" or "-P1DT2H".

    Raises:
        FeelError: it is none, or mixes months with days.
    """
    match = DURATION_PATTERN.fullmatch(text)
    if match is None or match["clock"] == "T" or text[-1] == "P":
        raise FeelError("this text is no duration")
    if any(len(part or "") > DIGITS_MAX for part in match.groups()[1:4]):
        raise FeelError("this duration is too long")
    sign = -1 if match["sign"] else 1
    by_months = match["years"] is not None or match["months"] is not None
    if by_months and (match["days"] is not None or match["clock"] is not None):
        raise FeelError("a duration counts months or days, not both")
    if by_months:
        return MonthsDuration(sign * (int(match["years"] or 0) * 12 + int(match["months"] or 0)))
    return DaysDuration(sign * _clock_nanoseconds(match))


def _clock_nanoseconds(match: re.Match[str]) -> int:
    parts = [match[name] or "0" for name in ("days", "hours", "minutes", "seconds")]
    if any(len(part) > DIGITS_MAX for part in parts):
        raise FeelError("this duration is too long")
    days, hours, minutes, seconds = map(int, parts)
    return (days * 86_400 + hours * 3600 + minutes * 60 + seconds) * NANOSECONDS + _nanoseconds(
        match["fraction"]
    )


def _nanoseconds(fraction: str | None) -> int:
    return int((fraction or "0")[:9].ljust(9, "0"))


def _date(match: re.Match[str]) -> Date:
    return Date.of(int(match["year"]), int(match["month"]), int(match["day"]))


def _time(match: re.Match[str]) -> Time:
    return Time.of(
        int(match["hour"]),
        int(match["minute"]),
        int(match["second"]),
        _nanoseconds(match["fraction"]),
        parse_zone(match["zone"] or ""),
    )
