"""Durations as they are written in configs: seconds, or text of ISO 8601."""

import re
from datetime import timedelta
from decimal import Decimal

from ichor_core.errors import InvalidInputError

MAX_DURATION = timedelta(days=365)

_NUMBER = r"(\d{1,9}(?:[.,]\d{1,9})?)"
_ISO = re.compile(
    rf"P(?=.)(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?=.)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.ASCII,
)
_PLAIN = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_CALENDAR = re.compile(r"P(?=\d)[\d.,YMWD]*[YM][\d.,YMWD]*(?:T[\d.,HMS]*)?", re.ASCII)
_SECONDS = (7 * 24 * 3600, 24 * 3600, 3600, 60, 1)


def read_duration(value: float | Decimal | str, path: str = "$") -> timedelta:
    """Return a duration; months and years, which differ in length, are refused.

    Raises:
        InvalidInputError: not a duration, not above zero, or more than a year.
    """
    seconds = _seconds_of(value.strip(), path) if isinstance(value, str) else value
    # Compared before it becomes a float: an integer may be too large for one.
    if not 0 < seconds <= MAX_DURATION.total_seconds():
        raise InvalidInputError("a duration must be above zero and at most a year", path)
    return timedelta(seconds=float(seconds))


def _seconds_of(text: str, path: str) -> float:
    found = _ISO.fullmatch(text.upper())
    if found is None:
        if _PLAIN.fullmatch(text):
            raise InvalidInputError(
                f"{text[:80]!r} is text; write seconds as a number, without quotes, or as "
                f"PT{text[:20]}S",
                path,
            )
        if _CALENDAR.fullmatch(text.upper()):
            raise InvalidInputError(
                f"{text[:80]!r} has months or years, which differ in length; write days or weeks, "
                "such as P30D or P4W; minutes come after a T, such as PT5M",
                path,
            )
        raise InvalidInputError(
            f"{text[:80]!r} is neither seconds nor a duration such as PT90M, P7D or P2W", path
        )
    return sum(
        float(part.replace(",", ".")) * seconds
        for part, seconds in zip(found.groups(default="0"), _SECONDS, strict=True)
    )
