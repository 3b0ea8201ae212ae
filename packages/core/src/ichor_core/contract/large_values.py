"""Values too large for a workflow's history, kept in a `ValueStore`.

A reference stands where the value stood::

    {"$large_value": {"digest": "<sha-256 hex>", "size": <bytes of JSON>, "preview": "<text>"}}
"""

import hashlib
from typing import Any, cast

from ichor_core import exact_json
from ichor_core.contract.ports import ValueStore
from ichor_core.expressions.truncation import MAX_VALUE_BYTES, json_size

MAX_RESULT_BYTES = 100 * 1024
"""Size of a whole result; its largest values leave the history until it fits."""
PREVIEW_CHARACTERS = 200
REFERENCE_KEY = "$large_value"


def is_offloaded(value: Any) -> bool:
    """Say whether the value is a reference that `offload` put in place of a value."""
    if not isinstance(value, dict) or len(cast(dict[Any, Any], value)) != 1:
        return False
    inner = cast(dict[str, Any], value).get(REFERENCE_KEY)
    return isinstance(inner, dict) and "digest" in inner


async def offload(
    result: dict[str, Any], store: ValueStore, *, max_bytes: int = MAX_RESULT_BYTES
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


async def _store(value: Any, store: ValueStore) -> dict[str, Any]:
    if is_offloaded(value):
        return value
    data = exact_json.encode(value)
    digest = hashlib.sha256(data).hexdigest()
    await store.put(digest, data)
    text = value if isinstance(value, str) else data.decode()
    preview = text[:PREVIEW_CHARACTERS]
    return {REFERENCE_KEY: {"digest": digest, "size": len(data), "preview": preview}}


async def restore(value: dict[str, Any], store: ValueStore) -> dict[str, Any]:
    """Return the result with each reference replaced by the whole value."""
    return {
        key: exact_json.decode(await store.get(inner[REFERENCE_KEY]["digest"]))
        if is_offloaded(inner)
        else inner
        for key, inner in value.items()
    }
