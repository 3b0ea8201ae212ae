"""The form of a reference to a value that is kept in a `ValueStore`."""

from typing import Any, cast

REFERENCE_KEY = "$large_value"


def is_offloaded(value: Any) -> bool:
    """Say whether the value is a reference that `offload` put in place of a value."""
    if not isinstance(value, dict) or len(cast(dict[Any, Any], value)) != 1:
        return False
    inner = cast(dict[str, Any], value).get(REFERENCE_KEY)
    return isinstance(inner, dict) and "digest" in inner
