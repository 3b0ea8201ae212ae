"""Paths of the interface, and messages for requests that match none of them."""

from collections.abc import Iterable
from difflib import get_close_matches
from uuid import UUID

PREFIX = "/api/v1/workflow"

_MAX_SHOWN = 200
_CLOSE = 0.7


def explain_path(path: str, templates: Iterable[str]) -> str:
    """Return why a path is not found, and the path that may have been meant.

    Args:
        path: of the request.
        templates: the known paths, with parameters as ``{name}``.
    """
    known = list(templates)
    segments = _segments(path)
    for template in known:
        for name, value in _parameters(_segments(template), segments):
            if not _is_uuid(value):
                return f"{name}: {_shown(value)!r} is not a UUID"
    by_shape = {_shape(template): template for template in known}
    near = get_close_matches(_shape(path), by_shape, 1, _CLOSE)
    hint = f"did you mean {by_shape[near[0]]}?" if near else "/schema/openapi.json has all paths"
    return f"there is no path {_shown(path)}; {hint}"


def explain_method(method: str, allowed: Iterable[str]) -> str:
    """Return the methods that a path supports, after one that it does not."""
    others = ", ".join(sorted(set(allowed) - {"OPTIONS"}))
    return f"this path does not support {method}; it supports {others}"


def _parameters(template: list[str], segments: list[str]) -> list[tuple[str, str]]:
    """Return names and values of the parameters where a path fits a template, else nothing."""
    pairs = list(zip(template, segments, strict=False))
    if len(template) != len(segments) or any(
        name != value and not name.startswith("{") for name, value in pairs
    ):
        return []
    return [(name.strip("{}"), value) for name, value in pairs if name.startswith("{")]


def _shape(path: str) -> str:
    """Return a path without the common prefix, and with ``*`` for each parameter or id."""
    rest = _segments(path.removeprefix(PREFIX))
    return "/".join("*" if one.startswith("{") or _is_uuid(one) else one for one in rest)


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _shown(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"
