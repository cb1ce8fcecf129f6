"""Federal holidays and business days, against the published calendar of the OPM."""

from datetime import date

import pytest

from shared.domain.prior_authorization.business_calendar import (
    HolidayRule,
    is_business_day,
    observed_holidays,
)

NEW_YEAR = HolidayRule(name="New Year's Day", month=1, day=1)
KING = HolidayRule(name="Birthday of Martin Luther King, Jr.", month=1, weekday=0, nth=3)
MEMORIAL = HolidayRule(name="Memorial Day", month=5, weekday=0, nth=-1)
INDEPENDENCE = HolidayRule(name="Independence Day", month=7, day=4)
THANKSGIVING = HolidayRule(name="Thanksgiving Day", month=11, weekday=3, nth=4)
NEW_YEARS_EVE = HolidayRule(name="the last Thursday of December", month=12, weekday=3, nth=-1)


def test_a_row_numbers_monday_one() -> None:
    row = {"name": "Thanksgiving Day", "month": 11, "day": 0, "weekday": 4, "nth": 4}
    assert HolidayRule.from_row(row) == THANKSGIVING


@pytest.mark.parametrize(
    ("rule", "year", "day"),
    [
        (KING, 2026, date(2026, 1, 19)),
        (KING, 2024, date(2024, 1, 15)),
        (MEMORIAL, 2026, date(2026, 5, 25)),
        (MEMORIAL, 2027, date(2027, 5, 31)),
        (THANKSGIVING, 2026, date(2026, 11, 26)),
        (NEW_YEARS_EVE, 2026, date(2026, 12, 31)),
    ],
)
def test_a_moving_holiday_falls_on_its_weekday(rule: HolidayRule, year: int, day: date) -> None:
    assert rule.falls_on(year) == day


def test_a_saturday_holiday_is_observed_on_friday() -> None:
    assert observed_holidays([INDEPENDENCE], 2026) == (date(2026, 7, 3),)


def test_a_sunday_holiday_is_observed_on_monday() -> None:
    assert observed_holidays([INDEPENDENCE], 2027) == (date(2027, 7, 5),)


def test_new_year_on_a_saturday_is_observed_in_the_old_year() -> None:
    assert observed_holidays([NEW_YEAR], 2028) == (date(2027, 12, 31),)


def test_holidays_come_in_order() -> None:
    assert observed_holidays([THANKSGIVING, KING], 2026) == (
        date(2026, 1, 19),
        date(2026, 11, 26),
    )


def test_weekends_and_holidays_are_no_business_days() -> None:
    holidays = observed_holidays([INDEPENDENCE], 2026)
    week = [date(2026, 7, day) for day in range(1, 8)]
    assert [is_business_day(day, holidays) for day in week] == [
        True,
        True,
        False,
        False,
        False,
        True,
        True,
    ]
