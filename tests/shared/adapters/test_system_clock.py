"""The machine's clock."""

from datetime import UTC, datetime, timedelta

from shared.adapters.system_clock import SystemClock


def test_it_tells_the_time_in_utc() -> None:
    told = SystemClock().now()
    assert told.utcoffset() == timedelta(0)
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=5)
