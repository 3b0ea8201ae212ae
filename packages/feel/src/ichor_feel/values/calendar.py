"""The proleptic Gregorian calendar for years of any size, with a year 0."""

from __future__ import annotations

from typing import Final

MAX_YEAR: Final = 999_999_999
_LENGTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
DAY_NAMES: Final = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
MONTH_NAMES: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def is_leap(year: int) -> bool:
    """Whether a year has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_length(year: int, month: int) -> int:
    """Days of a month."""
    return 29 if month == 2 and is_leap(year) else _LENGTHS[month - 1]


def is_date(year: int, month: int, day: int) -> bool:
    """Whether the calendar has this day, within the years that are allowed."""
    return abs(year) <= MAX_YEAR and 1 <= month <= 12 and 1 <= day <= month_length(year, month)


def day_number(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01."""
    # Years that begin in March have the leap day at their end.
    shifted = year - (month <= 2)
    era, year_of_era = divmod(shifted, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return (
        era * 146_097
        + year_of_era * 365
        + year_of_era // 4
        - year_of_era // 100
        + day_of_year
        - 719_468
    )


def date_of(number: int) -> tuple[int, int, int]:
    """Year, month and day of a day number."""
    era, day_of_era = divmod(number + 719_468, 146_097)
    year_of_era = (
        day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9
    return year_of_era + era * 400 + (month <= 2), month, day


def add_months(year: int, month: int, day: int, months: int) -> tuple[int, int, int]:
    """The same day so many months later, or the last day of that month."""
    year, month = divmod(year * 12 + month - 1 + months, 12)
    return year, month + 1, min(day, month_length(year, month + 1))


def weekday(number: int) -> int:
    """1 for Monday to 7 for Sunday, of a day number."""
    return (number + 3) % 7 + 1


def day_of_year(year: int, month: int, day: int) -> int:
    """1 for the first of January."""
    return day_number(year, month, day) - day_number(year, 1, 1) + 1


def iso_week(year: int, month: int, day: int) -> int:
    """Week of the year, as ISO 8601 counts: the first one has the year's first Thursday."""
    number = day_number(year, month, day)
    thursday = number - weekday(number) + 4
    return (thursday - day_number(date_of(thursday)[0], 1, 1)) // 7 + 1
