"""Readable messages for values that do not fit their type.

msgspec names the place; the type says which values are allowed there.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Any, cast

from msgspec import UNSET
from msgspec import inspect as types

from ichor_core.type_messages import in_plain_words

MAX_LISTED = 20
"""Most names that a message lists."""
MAX_SHOWN = 80
"""Most characters of a wrong value that a message quotes."""
MAX_CANDIDATES = 200
"""Most known names that an unknown one is compared with."""
MAX_COMPARED = 80
"""Longest name that is compared with others, in characters."""

_STEP = re.compile(r"\.([^.\[\]`]+)|\[(\d+|\.\.\.)\]")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LOST_PLUS = re.compile(r"T[\d:.]+ \d\d:?\d\d$", re.ASCII)
_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_ENUM = re.compile(r"Invalid enum value (.*)", re.DOTALL)
_UUID_PATTERN = "[0-9a-fA-F]{12}"
_ENCODED = {
    "Invalid RFC3339 encoded datetime": "a time in ISO 8601, such as 2026-02-28T12:00:00Z",
    "Invalid RFC3339 encoded date": "a date in ISO 8601, such as 2026-02-28",
    "Invalid RFC3339 encoded time": "a time of day in ISO 8601, such as 12:00:00",
    "Invalid ISO8601 duration": "a duration in ISO 8601, such as PT90M",
    "Invalid UUID": "a UUID",
}


def explain(text: str, into: Any, value: Any = UNSET) -> tuple[str, str]:
    """Return the message, and the place as a JSON path, which is empty for the whole value.

    Args:
        text: the text of msgspec's `ValidationError`.
        into: the type that the whole value should have.
        value: the whole value as plain data, where it is known.
    """
    message, _, path = text.partition(" - at `")
    path = path.rstrip("`")
    if path and not path.startswith("$"):  # a key, not a value
        return in_plain_words(message), path
    expected, found = _descend(path, into, value)
    if unknown := _UNKNOWN_FIELD.fullmatch(message):
        fields = [each.encode_name for each in _fields(expected)]
        return f"{message}; {suggest(unknown[1], fields, quote='`')}", path
    if wrong := _ENUM.fullmatch(message):
        allowed = [str(each) for each in _choices(expected)]
        if not allowed:
            return message, path
        near = nearest(wrong[1].strip("'"), allowed)
        hint = f"; did you mean {near}?" if near else ""
        return f"{wrong[1][:MAX_SHOWN]} is not one of {', '.join(allowed)}{hint}", path
    wanted = _ENCODED.get(message)
    if message.startswith("Expected `str` matching regex") and _UUID_PATTERN in message:
        wanted = _ENCODED["Invalid UUID"]
    if wanted is None:
        return in_plain_words(message), path
    shown = repr(found[:MAX_SHOWN]) if isinstance(found, str) else "the value"
    return f"{shown} is not {wanted}{_time_cure(found)}", path


def _time_cure(found: Any) -> str:
    if not isinstance(found, str):
        return ""
    if _DAY.fullmatch(found):
        return f"; add the time of day: {found}T00:00:00Z"
    if _LOST_PLUS.search(found):
        return "; a + in a URL is written %2B"
    return ""


def suggest(name: str, known: Iterable[str], quote: str = "") -> str:
    """Return the hint for an unknown name: the nearest known one, or the known ones."""
    names = list(islice(known, MAX_CANDIDATES))
    near = nearest(name, names)
    if near is not None:
        return f"did you mean {quote}{near}{quote}?"
    shown = [f"{quote}{each[:MAX_SHOWN]}{quote}" for each in names[: MAX_LISTED + 1]]
    return f"known: {listed(shown) or 'none'}"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like an unknown one, or None if none is like it.

    Only the first `MAX_CANDIDATES` names are compared, and no long ones.
    """
    if len(name) > MAX_COMPARED:
        return None
    candidates = [each for each in islice(known, MAX_CANDIDATES) if len(each) <= MAX_COMPARED]
    near = get_close_matches(name, candidates, 1)
    return near[0] if near else None


def listed(names: Sequence[str], most: int = MAX_LISTED) -> str:
    """Return the names with commas, at most so many, and an ellipsis for the rest."""
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def _descend(path: str, into: Any, value: Any) -> tuple[list[types.Type], Any]:
    """Return the types allowed at a path, and the value there, UNSET if not known."""
    expected = list(_alternatives(types.type_info(into)))
    for step in _STEP.finditer(path):
        name, index = step.groups()
        expected = [
            plain
            for each in expected
            for inner in _below(each, name, index)
            for plain in _alternatives(inner)
        ]
        value = _inside(value, name, index)
    return expected, value


def _alternatives(expected: types.Type) -> Iterator[types.Type]:
    if isinstance(expected, types.Metadata):
        yield from _alternatives(expected.type)
    elif isinstance(expected, types.UnionType):
        for each in expected.types:
            yield from _alternatives(each)
    else:
        yield expected


def _below(expected: types.Type, name: str | None, index: str) -> Iterator[types.Type]:
    if name is not None:
        yield from (each.type for each in _fields([expected]) if each.encode_name == name)
    elif isinstance(expected, types.DictType):
        yield expected.value_type
    elif isinstance(expected, types.TupleType):
        if index.isdecimal() and int(index) < len(expected.item_types):
            yield expected.item_types[int(index)]
    elif isinstance(expected, types.CollectionType):
        yield expected.item_type


def _inside(value: Any, name: str | None, index: str) -> Any:
    if name is not None and isinstance(value, Mapping):
        return cast(Mapping[str, Any], value).get(name, UNSET)
    if index and index.isdecimal() and isinstance(value, list):
        items = cast(list[Any], value)
        return items[int(index)] if int(index) < len(items) else UNSET
    return UNSET


def _fields(expected: Iterable[types.Type]) -> Iterator[types.Field]:
    for each in expected:
        if isinstance(each, types.StructType):
            yield from each.fields


def _choices(expected: Iterable[types.Type]) -> Iterator[Any]:
    for each in expected:
        if isinstance(each, types.LiteralType):
            yield from each.values
        elif isinstance(each, types.EnumType):
            yield from (member.value for member in each.cls)
        elif isinstance(each, types.CollectionType):
            # Of a repeated parameter msgspec tells the name only, not which value is wrong.
            yield from _choices(_alternatives(each.item_type))
