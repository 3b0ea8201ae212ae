"""Values of columns that are neither JSON nor lists, read as PostgreSQL would, but only if plain.

PostgreSQL evaluates `now` and `infinity`, reads `01.03.2026` as a third of January and drops the
offset that a `timestamp` cannot hold. Here dates and times are ISO 8601 and mean what they say.
What is no type of this module is text that the database reads.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal

from ichor_core import exact_json
from ichor_core.errors import InvalidInputError
from ichor_core.expressions import kind_of
from ichor_core.ids import UUID_PATTERN

ScalarKind = Literal[
    "integer",
    "numeric",
    "float",
    "boolean",
    "text",
    "char",
    "uuid",
    "date",
    "time",
    "timetz",
    "timestamp",
    "timestamptz",
    "interval",
    "range",
    "other",
]
"""Kind by which a value that is not a list or an object is read and compared.

`char`: padded with blanks, `other`: as the database reads its text.
"""
NUMBERS: frozenset[str] = frozenset(("integer", "numeric", "float"))

_INTEGER = re.compile(r"\s*[+-]?[0-9]+\s*")
_NUMBER = re.compile(r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,6})?\s*")
_TRUE = ("true", "t", "yes", "y", "on", "1")
_FALSE = ("false", "f", "no", "n", "off", "0")
_UUID = re.compile(UUID_PATTERN, re.IGNORECASE)
_DATE = r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
_TIME = (
    r"(?P<time>[0-9]{2}:[0-9]{2}(?P<seconds>:[0-9]{2})?)(?P<fraction>(?(seconds)\.[0-9]+|(?!)))?"
)
_OFFSET = r"(?P<offset>[Zz]|(?P<sign>[+-])(?P<hours>0[0-9]|1[0-5])(:?(?P<minutes>[0-5][0-9]))?)?"
_MOMENT = re.compile(rf"{_DATE}([Tt ]{_TIME}{_OFFSET})?")
_TIME_OF_DAY = re.compile(rf"{_TIME}{_OFFSET}")
_MIDNIGHT = re.compile(r"24:00(:00(\.0+)?)?")
_NUMBER_PART = r"[+-]?[0-9]+(\.[0-9]+)?"
_ISO_DURATION = re.compile(
    rf"P(?=.)({_NUMBER_PART}Y)?({_NUMBER_PART}M)?({_NUMBER_PART}W)?({_NUMBER_PART}D)?"
    rf"(T(?=.)({_NUMBER_PART}H)?({_NUMBER_PART}M)?({_NUMBER_PART}S)?)?"
)
_CLOCK = r"[+-]?[0-9]+:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
_UNIT = "years?|mons?|months?|weeks?|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?|milliseconds?"
_DURATION = re.compile(
    rf"(?=.)({_NUMBER_PART} ?({_UNIT})( |$))*({_CLOCK})?", re.IGNORECASE | re.ASCII
)
_SPECIAL = re.compile(
    r"\b(now|today|tomorrow|yesterday|infinity|epoch|allballs|current)\b", re.IGNORECASE
)


def read_scalar(kind: ScalarKind, value: Any, type_name: str) -> str:
    """Return the text of a value that is not null, for a cast to its type.

    Args:
        kind: of the column.
        value: from JSON.
        type_name: for messages.

    Raises:
        InvalidInputError: it is none of this type; the message says what one looks like.
    """
    if isinstance(value, dict | list):
        raise InvalidInputError(f"expected a value of type {type_name}, not {kind_of(value)}")
    text = _READERS[kind](value)
    if text is None:
        raise InvalidInputError(f"expected {_EXAMPLES[kind]} ({type_name}), not {_shown(value)}")
    return text


def text_of_number(value: Any) -> str:
    """Return the digits of a number as they are written, without an exponent."""
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    return format(exact, "f") if isinstance(exact, Decimal) else str(exact)


def _read_integer(value: Any) -> str | None:
    if isinstance(value, str):
        return value.strip() if _INTEGER.fullmatch(value) else None
    if isinstance(value, bool):
        return None
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    is_whole = not is_too_large(exact) and exact == exact.to_integral_value()
    return format(exact, "f").partition(".")[0] if is_whole else None


def _read_number(value: Any) -> str | None:
    if isinstance(value, bool) or (isinstance(value, str) and not _NUMBER.fullmatch(value)):
        return None
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return None if is_too_large(exact) else format(exact, "f")


def is_too_large(number: Decimal) -> bool:
    """Say whether a number has more digits than one from outside may have."""
    return abs(number.adjusted()) > exact_json.MAX_NUMBER_DIGITS


def _read_boolean(value: Any) -> str | None:
    text = str(value).strip().lower() if isinstance(value, str | bool) else ""
    return "true" if text in _TRUE else "false" if text in _FALSE else None


def _read_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else text_of_number(value)


def _read_uuid(value: Any) -> str | None:
    return value.lower() if isinstance(value, str) and _UUID.match(value) else None


def _read_date(value: Any) -> str | None:
    found = _match(_MOMENT, value)
    return None if found is None or found["time"] else _date_text(found)


def _read_timestamp(value: Any) -> str | None:
    """Read a moment in UTC, or without an offset as it stands."""
    found = _match(_MOMENT, value)
    if found is None or _date_text(found) is None:
        return None
    try:
        at = datetime.fromisoformat(f"{found['date']} {found['time'] or '00:00'}")
        at -= _offset(found)
    except (ValueError, OverflowError):
        return None
    return f"{at:%Y-%m-%d %H:%M:%S}".rjust(19, "0") + (found["fraction"] or "")


def _read_timestamptz(value: Any) -> str | None:
    text = _read_timestamp(value)
    return None if text is None else f"{text}+00:00"


def _read_time(value: Any) -> str | None:
    found = _match(_TIME_OF_DAY, value)
    return value if found is not None and not found["offset"] and _is_time(value) else None


def _read_timetz(value: Any) -> str | None:
    found = _match(_TIME_OF_DAY, value)
    if found is None or not _is_time(f"{found['time']}{found['fraction'] or ''}"):
        return None
    return value if found["offset"] else f"{value}+00:00"


def _read_interval(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    text = value.strip()
    return text if _ISO_DURATION.fullmatch(text) or _DURATION.fullmatch(text) else None


def _read_range(value: Any) -> str | None:
    return value if isinstance(value, str) and not _SPECIAL.search(value) else None


_READERS: Mapping[ScalarKind, Callable[[Any], str | None]] = {
    "integer": _read_integer,
    "numeric": _read_number,
    "float": _read_number,
    "boolean": _read_boolean,
    "text": _read_text,
    "char": _read_text,
    "uuid": _read_uuid,
    "date": _read_date,
    "time": _read_time,
    "timetz": _read_timetz,
    "timestamp": _read_timestamp,
    "timestamptz": _read_timestamptz,
    "interval": _read_interval,
    "range": _read_range,
    "other": _read_text,
}
_EXAMPLES: Mapping[ScalarKind, str] = {
    "integer": "a whole number",
    "numeric": "a number",
    "float": "a number",
    "boolean": "true or false",
    "uuid": "a UUID such as 6f1c0a52-3b2e-4d7a-9c1e-0a5b7f3d2e10",
    "date": "a date without a time such as 2026-03-01",
    "time": "a time without an offset such as 14:30:00",
    "timetz": "a time such as 14:30:00+02:00",
    "timestamp": "a time such as 2026-03-01T14:30:00Z",
    "timestamptz": "a time such as 2026-03-01T14:30:00Z",
    "interval": "a duration such as PT1H30M or 1 day 02:00:00",
    "range": "a range with written bounds such as [1,5)",
}


def _match(pattern: re.Pattern[str], value: Any) -> re.Match[str] | None:
    return pattern.fullmatch(value) if isinstance(value, str) else None


def _date_text(found: re.Match[str]) -> str | None:
    try:
        return date.fromisoformat(found["date"]).isoformat()
    except ValueError:
        return None


def _offset(found: re.Match[str]) -> timedelta:
    if not found["hours"]:
        return timedelta()
    size = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    return -size if found["sign"] == "-" else size


def _is_time(text: str) -> bool:
    if _MIDNIGHT.fullmatch(text):
        return True
    try:
        time.fromisoformat(text.partition(".")[0])
    except ValueError:
        return False
    return True


def _shown(value: Any) -> str:
    text = exact_json.encode(value).decode()
    return text if len(text) <= 60 else text[:60] + "…"
