"""The clock that stands still."""

from datetime import timedelta, timezone

from shared.adapters.memory.clock import SettableClock
from tests.shared.ports.samples import NOON


def test_it_stands_still_until_it_is_moved() -> None:
    clock = SettableClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(hours=1))
    assert clock.now() == NOON + timedelta(hours=1)
    clock.set(NOON)
    assert clock.now() == NOON


def test_it_answers_in_utc() -> None:
    clock = SettableClock(NOON.astimezone(timezone(timedelta(hours=-5))))
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.now() == NOON
