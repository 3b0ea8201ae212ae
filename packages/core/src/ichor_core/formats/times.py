"""Times as they are written in configs: text of ISO 8601."""

import re
from datetime import UTC, datetime, timedelta

from ichor_core.errors import InvalidInputError

_MIDNIGHT = re.compile(r"(?<=\dT)24(?::?00){1,2}(?:[.,]0+)?(?=$|[Zz+-])", re.ASCII)
"""The end of a day, as ISO 8601 may write it."""
_LOST_PLUS = re.compile(r"T[\d:.,]+ \d{2}:?\d{2}$", re.ASCII)


def read_time(text: str, path: str = "$") -> datetime:
    """Return a time in UTC; one without a zone is in UTC, a date alone is its first moment.

    Raises:
        InvalidInputError: not a time, or out of range.
    """
    try:
        time = datetime.fromisoformat(_with_midnight(text.strip()))
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        return time + timedelta(days=1) if _MIDNIGHT.search(text) else time
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(
            f"{text[:80]!r} is not a time in ISO 8601, such as 2026-02-28T12:00:00Z{_cure(text)}",
            path,
        ) from error


def _with_midnight(text: str) -> str:
    return _MIDNIGHT.sub(lambda found: found[0].replace("24", "00", 1), text, count=1)


def _cure(text: str) -> str:
    if _LOST_PLUS.search(text):
        return "; a + in a URL is written %2B"
    return ""
