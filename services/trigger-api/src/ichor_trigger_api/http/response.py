"""Responses whose numbers are those that are stored."""

from typing import Any, TypeVar

from litestar import Response

from ichor_core import exact_json

T = TypeVar("T")


class ExactResponse(Response[T]):
    """Writes its content with `exact_json`, unless it is text."""

    def render(self, content: Any, media_type: str, enc_hook: Any = None) -> bytes:
        """Return the body."""
        if "json" in media_type and not isinstance(content, bytes):
            return exact_json.encode(content)
        return super().render(content, media_type)
