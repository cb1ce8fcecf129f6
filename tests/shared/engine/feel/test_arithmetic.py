from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from shared.engine.feel.arithmetic import OPERATIONS, negate
from shared.engine.feel.running import FeelError, LimitExceeded
from shared.engine.feel.temporal import parse_date, parse_date_time, parse_duration, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable

READERS: tuple[Callable[[str], Any], ...] = (
    Decimal,
    parse_date,
    parse_date_time,
    parse_time,
    parse_duration,
)


def read(text: str) -> Any:
    for reader in READERS:
        try:
            return reader(text)
        except (FeelError, ArithmeticError):
            continue
    return text


@pytest.mark.parametrize(
    ("left", "operator", "right", "answer"),
    [
        ("1", "+", "2", "3"),
        ("3", "-", "2", "1"),
        ("3", "*", "2", "6"),
        ("3", "/", "2", "1.5"),
        ("3", "**", "2", "9"),
        ("a", "+", "b", "ab"),
        ("P1D", "+", "PT1H", "P1DT1H"),
        ("P1D", "-", "PT1H", "PT23H"),
        ("P1Y", "+", "P1M", "P1Y1M"),
        ("P1Y", "-", "P1M", "P11M"),
        ("P1M", "*", "2.9", "P2M"),
        ("2", "*", "P1D", "P2D"),
        ("P1D", "/", "2", "PT12H"),
        ("P1Y", "/", "5", "P2M"),
        ("P1Y", "/", "P6M", "2"),
        ("P1D", "/", "PT6H", "4"),
        ("2026-01-31", "+", "P1M", "2026-02-28"),
        ("P1M", "+", "2026-01-31", "2026-02-28"),
        ("2026-03-01", "-", "P1D", "2026-02-28"),
        ("2026-03-01", "+", "PT36H", "2026-03-02"),
        ("2026-03-01", "-", "2026-02-28", "P1D"),
        ("2026-03-01T12:00:00", "-", "2026-03-01", "PT12H"),
        ("2026-03-02", "-", "2026-03-01T12:00:00", "PT12H"),
        ("2026-03-01T00:00:00Z", "-", "2026-03-01T00:00:00+01:00", "PT1H"),
        ("2026-03-01T23:00:00", "+", "PT2H", "2026-03-02T01:00:00"),
        ("23:00:00", "+", "PT2H", "01:00:00"),
        ("12:00:00Z", "-", "12:00:00+01:00", "PT1H"),
    ],
)
def test_an_operation_has_its_value(left: str, operator: str, right: str, answer: str) -> None:
    found = OPERATIONS[operator](read(left), read(right))
    assert found == read(answer)
    assert type(found) is type(read(answer))


def test_a_day_across_a_change_of_the_clock_has_24_hours() -> None:
    before = read("2026-03-28T12:00:00@Europe/Paris")
    assert OPERATIONS["+"](before, read("P1D")) == read("2026-03-29T13:00:00@Europe/Paris")


@pytest.mark.parametrize(
    ("left", "operator", "right"),
    [
        ("1", "+", "a"),
        ("a", "-", "b"),
        ("P1D", "+", "P1M"),
        ("P1D", "*", "P1D"),
        ("P1D", "/", "P1M"),
        ("P1D", "/", "0"),
        ("1", "/", "0"),
        ("0", "**", "-1"),
        ("-8", "**", "0.5"),
        ("a", "**", "1"),
        ("23:00:00", "+", "P1M"),
        ("2026-01-01", "*", "2"),
        ("2026-01-01T00:00:00", "-", "2026-01-01T00:00:00Z"),
        ("P1D", "*", "1e40"),
        ("P1M", "*", "1e40"),
        ("999999999-12-31", "+", "P1D"),
    ],
)
def test_an_operation_without_a_value_says_why(left: str, operator: str, right: str) -> None:
    with pytest.raises(FeelError) as caught:
        OPERATIONS[operator](read(left), read(right))
    assert str(caught.value)


def test_numbers_and_durations_have_a_negative() -> None:
    assert negate(Decimal(2)) == -2
    assert negate(read("P1D")) == read("-P1D")
    with pytest.raises(FeelError):
        negate("a")


def test_a_text_does_not_grow_without_end() -> None:
    with pytest.raises(LimitExceeded):
        OPERATIONS["+"]("a" * 600_000, "b" * 600_000)
