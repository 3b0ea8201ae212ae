"""Values too large for a workflow's history, kept in a `ValueStore`.

A reference stands where the value stood::

    {"$large_value": {"digest": "<sha-256 hex>", "size": <bytes of JSON>, "preview": "<text>"}}

Data from outside may have this form as well. It is stored like a large value and a reference to it
takes its place, so every reference that is followed is our own.
"""

import hashlib
from typing import Any

from ichor_core import exact_json
from ichor_core.contract.ports import ValueStore
from ichor_core.contract.value_references import REFERENCE_KEY, is_offloaded
from ichor_core.expressions.truncation import MAX_VALUE_BYTES, json_size

MAX_RESULT_BYTES = 100 * 1024
"""Size of a whole result; its largest values leave the history until it fits."""
PREVIEW_CHARACTERS = 200


async def offload(
    result: dict[str, Any], store: ValueStore, *, max_bytes: int | None = None
) -> dict[str, Any]:
    """Return the result with each large value stored and replaced by a reference.

    Args:
        result: trigger data, or what an action returned or a reply brought.
        store: keeps the large values.
        max_bytes: None: the result comes from outside, and whatever looks like a reference is data.
            A number: it has been here before, its references are our own and stay, and its largest
            values leave until it has this size.
    """
    is_ours = max_bytes is not None
    most = MAX_RESULT_BYTES if max_bytes is None else max_bytes
    sizes = {key: json_size(value) for key, value in result.items()}
    large = {
        key
        for key, size in sizes.items()
        if size > MAX_VALUE_BYTES or (not is_ours and is_offloaded(result[key]))
    }
    total = sum(size for key, size in sizes.items() if key not in large)
    for key in sorted(sizes, key=lambda key: (-sizes[key], key)):
        if total <= most or sizes[key] <= PREVIEW_CHARACTERS * 4:
            break
        if key not in large:
            large.add(key)
            total -= sizes[key]
    if not large:
        return result
    return {
        key: await _store(value, store)
        if key in large and not (is_ours and is_offloaded(value))
        else value
        for key, value in result.items()
    }


async def _store(value: Any, store: ValueStore) -> dict[str, Any]:
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
