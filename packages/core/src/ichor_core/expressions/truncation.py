"""Truncation: large values of a result cut short, for a context without a `ValueStore`."""

from typing import Any

from ichor_core import exact_json

MAX_VALUE_BYTES = 50 * 1024
"""Largest value of a result, in bytes of UTF-8 or JSON, that a context or a history holds whole."""
TRUNCATED = "...[TRUNCATED]"
TRUNCATED_OBJECT = "[LARGE_OBJECT_TRUNCATED]"


def json_size(value: Any) -> int:
    """Return how many bytes the value takes: UTF-8 of a string, JSON of anything else."""
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode())
    if value is None or isinstance(value, bool | int | float):
        return 8
    return len(exact_json.encode(value))


def truncate(result: dict[str, Any]) -> dict[str, Any]:
    """Return the result with each large value cut, and `<key>_truncated: true` added.

    A string is cut to `MAX_VALUE_BYTES` of UTF-8, never in the middle of a character; any other
    value is replaced by a note.
    """
    sizes = {key: json_size(value) for key, value in result.items()}
    if not any(size > MAX_VALUE_BYTES for size in sizes.values()):
        return result
    kept: dict[str, Any] = {}
    for key, value in result.items():
        if sizes[key] <= MAX_VALUE_BYTES:
            kept.setdefault(key, value)
            continue
        if isinstance(value, str):
            kept[key] = value.encode()[:MAX_VALUE_BYTES].decode(errors="ignore") + TRUNCATED
        else:
            kept[key] = TRUNCATED_OBJECT
        kept[f"{key}_truncated"] = True
    return kept
