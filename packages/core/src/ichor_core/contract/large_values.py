"""Values too large for a workflow's history: kept elsewhere by reference, or truncated.

A reference stands where the value stood::

    {"$large_value": {"digest": "<sha-256 hex>", "size": <bytes of JSON>, "preview": "<text>"}}
"""

import hashlib
from typing import Any, Protocol, cast

from ichor_core import exact_json

MAX_VALUE_BYTES = 50 * 1024
"""The size, in bytes of UTF-8 or JSON, up to which a value of a result stays in the history."""
MAX_RESULT_BYTES = 100 * 1024
"""The size of a whole result; its largest values leave the history until it fits."""
PREVIEW_CHARACTERS = 200
REFERENCE_KEY = "$large_value"
TRUNCATED = "...[TRUNCATED]"
TRUNCATED_OBJECT = "[LARGE_OBJECT_TRUNCATED]"


class _Store(Protocol):
    async def put(self, digest: str, data: bytes) -> None: ...
    async def get(self, digest: str) -> bytes: ...


def json_size(value: Any) -> int:
    """Return how many bytes the value takes: UTF-8 of a string, JSON of anything else."""
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode())
    if value is None or isinstance(value, bool | int | float):
        return 8
    return len(exact_json.encode(value))


def is_reference(value: Any) -> bool:
    """Say whether the value is a reference made by `offload`."""
    if not isinstance(value, dict) or len(cast(dict[Any, Any], value)) != 1:
        return False
    inner = cast(dict[str, Any], value).get(REFERENCE_KEY)
    return isinstance(inner, dict) and "digest" in inner


def truncate(result: dict[str, Any]) -> dict[str, Any]:
    """Return the result with each large value cut, and `<key>_truncated: true` beside it.

    For use without a store. A string is cut to `MAX_VALUE_BYTES` of UTF-8, never in the middle of
    a character; any other value is replaced by a note.
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


async def offload(
    result: dict[str, Any], store: _Store, *, max_bytes: int = MAX_RESULT_BYTES
) -> dict[str, Any]:
    """Return the result with each large value stored and replaced by a reference."""
    sizes = {key: json_size(value) for key, value in result.items()}
    large = {key for key, size in sizes.items() if size > MAX_VALUE_BYTES}
    total = sum(size for key, size in sizes.items() if key not in large)
    for key in sorted(sizes, key=lambda key: (-sizes[key], key)):
        if total <= max_bytes or sizes[key] <= PREVIEW_CHARACTERS * 4:
            break
        if key not in large:
            large.add(key)
            total -= sizes[key]
    if not large:
        return result
    return {
        key: await _store(value, store) if key in large else value for key, value in result.items()
    }


async def _store(value: Any, store: _Store) -> dict[str, Any]:
    if is_reference(value):
        return value
    data = exact_json.encode(value)
    digest = hashlib.sha256(data).hexdigest()
    await store.put(digest, data)
    text = value if isinstance(value, str) else data.decode()
    preview = text[:PREVIEW_CHARACTERS]
    return {REFERENCE_KEY: {"digest": digest, "size": len(data), "preview": preview}}


async def restore(value: dict[str, Any], store: _Store) -> dict[str, Any]:
    """Return the result with each reference replaced by the whole value."""
    return {
        key: exact_json.decode(await store.get(inner[REFERENCE_KEY]["digest"]))
        if is_reference(inner)
        else inner
        for key, inner in value.items()
    }
