"""Day numbers of the proleptic Gregorian calendar, for years of any sign and length.

Source:
    XML Schema 1.1 part 2, appendix E (year 0 is 1 BCE). The day-number formulas are Howard
    Hinnant's "chrono-Compatible Low-Level Date Algorithms", which shift the year to March.
"""

DAYS_IN_ERA = 146_097  # 400 Gregorian years.
DAYS_TO_1970 = 719_468  # From 0000-03-01 to 1970-01-01.
YEAR_MAX = 999_999_999
MONTHS_IN_YEAR = 12
FEBRUARY = 2
MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_leap(year: int) -> bool:
    """Whether the year has a 29th of February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    """Length of the month, in days."""
    return 29 if month == FEBRUARY and is_leap(year) else MONTH_LENGTHS[month - 1]


def day_number(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to the date; negative before it."""
    shifted = year - (month <= FEBRUARY)
    era = shifted // 400
    year_of_era = shifted - era * 400
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * DAYS_IN_ERA + day_of_era - DAYS_TO_1970


def civil_date(number: int) -> tuple[int, int, int]:
    """Year, month and day of a day number."""
    shifted = number + DAYS_TO_1970
    era = shifted // DAYS_IN_ERA
    day_of_era = shifted - era * DAYS_IN_ERA
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    month = (shifted_month + 2) % 12 + 1
    day = day_of_year - (153 * shifted_month + 2) // 5 + 1
    return year_of_era + era * 400 + (month <= FEBRUARY), month, day


def weekday(number: int) -> int:
    """Day of the week of a day number: 1 is Monday, 7 is Sunday."""
    return (number + 3) % 7 + 1
