"""Durations as they are written in configs: seconds, or text of ISO 8601."""

import math
import re
from datetime import timedelta

from ichor_core.errors import InvalidInputError

MAX_DURATION = timedelta(days=365)

_NUMBER = r"(\d{1,9}(?:[.,]\d{1,9})?)"
_ISO = re.compile(
    rf"P(?=.)(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?=.)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.ASCII,
)
_SECONDS = (7 * 24 * 3600, 24 * 3600, 3600, 60, 1)


def read_duration(value: float | str, path: str = "$") -> timedelta:
    """Return a duration; months and years, which differ in length, are refused.

    Raises:
        InvalidInputError: not a duration, not above zero, or more than a year.
    """
    seconds = _seconds_of(value.strip(), path) if isinstance(value, str) else float(value)
    if not math.isfinite(seconds) or not 0 < seconds <= MAX_DURATION.total_seconds():
        raise InvalidInputError("a duration must be above zero and at most a year", path)
    return timedelta(seconds=seconds)


def _seconds_of(text: str, path: str) -> float:
    found = _ISO.fullmatch(text.upper())
    if found is None:
        raise InvalidInputError(
            f"{text[:80]!r} is neither seconds nor a duration such as PT90M, P7D or P2W", path
        )
    return sum(
        float(part.replace(",", ".")) * seconds
        for part, seconds in zip(found.groups(default="0"), _SECONDS, strict=True)
    )
