"""Times as they are written in configs: text of ISO 8601."""

from datetime import UTC, datetime

from ichor_core.errors import InvalidInputError


def read_time(text: str, path: str = "$") -> datetime:
    """Return a time in UTC; one without a zone is in UTC.

    Raises:
        InvalidInputError: not a time, or out of range.
    """
    try:
        time = datetime.fromisoformat(text.strip())
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(
            f"{text[:80]!r} is not a time in ISO 8601, such as 2026-02-28T12:00:00Z", path
        ) from error
