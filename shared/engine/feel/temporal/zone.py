"""Zones: a fixed offset from UTC, or a named zone of the IANA database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.engine.feel.running import FeelError

OFFSET_SECONDS_MAX = 18 * 3600
CYCLE_YEARS = 400
CYCLE_BASE_YEAR = 2000
PYTHON_YEARS = range(2, 9999)


@dataclass(frozen=True, slots=True)
class Zone:
    """Where a clock stands.

    Attributes:
        name: the IANA name; empty for a fixed offset.
        offset: seconds east of UTC for a fixed offset; 0 for a named zone.
    """

    name: str = ""
    offset: int = 0

    def offset_at(self, year: int, seconds_from_year_start: int) -> int:
        """Seconds east of UTC at a local time.

        Years that Python's calendar does not have are mapped into the 400-year cycle.
        """
        if not self.name:
            return self.offset
        if year not in PYTHON_YEARS:
            year = CYCLE_BASE_YEAR + year % CYCLE_YEARS
        local = datetime(year, 1, 1, tzinfo=_zone_info(self.name)) + timedelta(
            seconds=seconds_from_year_start
        )
        offset = local.utcoffset()
        return int(offset.total_seconds()) if offset is not None else 0

    def __str__(self) -> str:
        if self.name:
            return f"@{self.name}"
        if self.offset == 0:
            return "Z"
        sign = "-" if self.offset < 0 else "+"
        minutes, seconds = divmod(abs(self.offset), 60)
        hours, minutes = divmod(minutes, 60)
        text = f"{sign}{hours:02}:{minutes:02}"
        return f"{text}:{seconds:02}" if seconds else text


UTC = Zone()


def fixed(offset: int) -> Zone:
    """The zone at so many seconds east of UTC.

    Raises:
        FeelError: more than 18 hours away.
    """
    if abs(offset) > OFFSET_SECONDS_MAX:
        raise FeelError("a zone lies at most 18 hours from UTC")
    return Zone(offset=offset)


def named(name: str) -> Zone:
    """The zone of that IANA name.

    Raises:
        FeelError: there is none.
    """
    _zone_info(name)
    return Zone(name=name)


@lru_cache(maxsize=512)
def _zone_info(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise FeelError("there is no such time zone") from error
