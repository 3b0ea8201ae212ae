"""References and paths: how they are read, which action they mean, and the value they lead to.

A reference is ``action_name``, ``action_name.field.0.name``, ``trigger_field``, ``trigger.field``;
a name with one of ``. | [ ] { } "`` in it may be quoted: ``"Check | stock".level``.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, cast

from msgspec import Struct

from ichor_core.errors import TemplateError
from ichor_core.expressions.quoting import end_of_string, read_literal, split_outside_quotes

TRIGGER = "trigger"
"""First part of a reference that means the trigger data, whatever actions are called."""

MAX_REFERENCE = 2_000
"""Longest reference, in characters."""
MAX_PARTS = 200
"""Most parts of a reference; JSON is not nested deeper."""


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
"""Stands for the value of a path that leads nowhere."""

Lookup = Callable[[str], Any]
"""Returns the value of a field, None where it is missing."""


class Reference(Struct, frozen=True):
    """A path as it is written, with its first part set off where that was quoted."""

    text: str
    """The whole path; without the first part if that was quoted."""
    quoted_name: str | None = None

    def __str__(self) -> str:
        return self.text if self.quoted_name is None else f'"{self.quoted_name}"{self.text}'


class ReferenceTarget(Struct, frozen=True):
    """The value that a reference means in a given graph."""

    action: str | None
    """The action's name; None: the trigger data."""
    path: tuple[str, ...]
    """Keys and list indexes below the action's result or the trigger data."""


def read_reference(text: str, source: str) -> Reference:
    """Read the reference, or the quoted text, with which the expression `source` begins.

    Raises:
        TemplateError: it is empty, too long, has braces, or something else follows its quoted name.
    """
    head = text.strip()
    reason = why_too_long(head)
    if reason is not None:
        raise TemplateError(reason)
    if not head:
        raise TemplateError(f"'{{{{{source}}}}}' is empty between its braces")
    if not head.startswith('"'):
        if "{" in head or "}" in head:
            raise TemplateError(f"'{{{{{source}}}}}' has braces inside its braces")
        return Reference(head)
    end = end_of_string(head, 0)
    name, rest = cast(str, read_literal(head[:end], source)), head[end:].strip()
    if rest and rest[0] not in ".[":
        raise TemplateError(f"'{{{{{source}}}}}': expected . or [ after the quoted name")
    return Reference(rest, name)


def parse_reference(text: str) -> Reference:
    """Read a reference that stands alone, without braces.

    Raises:
        TemplateError: it is empty, or has braces or filters.
    """
    reason = why_too_long(text) or why_braces(text)
    if reason is not None:
        raise TemplateError(reason)
    if len(list(split_outside_quotes(text, "|"))) > 1:
        raise TemplateError(f"{text!r} is not a plain reference such as order.total")
    return read_reference(text, text)


def why_too_long(text: str) -> str | None:
    """Return the message for a reference that is too long to be followed, or None."""
    if len(text) > MAX_REFERENCE:
        return f"a reference is longer than {MAX_REFERENCE} characters: {text[:40]}…"
    if not text.startswith('"') and text.count(".") + text.count("[") >= MAX_PARTS:
        return f"a reference has more than {MAX_PARTS} parts: {text[:40]}…"
    return None


def why_braces(name: str) -> str | None:
    """Return the message for a reference without braces that has some, or None."""
    plain = name.strip()
    if "{{" not in plain or plain.startswith('"'):
        return None
    bare = plain.replace("{{", "").replace("}}", "").partition("|")[0].strip()
    return f"{plain[:80]!r} has braces; a field is named without them: {bare[:80]}"


def target_of(reference: Reference, action_names: Collection[str]) -> ReferenceTarget:
    """Return what the reference means among actions with these names.

    `trigger` is always the trigger data. Otherwise the longest name that the path begins with wins,
    and a path that begins with no name is a path into the trigger data.
    """
    if reference.quoted_name is not None:
        if reference.quoted_name in action_names:
            return ReferenceTarget(reference.quoted_name, _split(reference.text))
        return ReferenceTarget(None, (reference.quoted_name, *_split(reference.text)))
    text = reference.text
    ends = [index for index, char in enumerate(text) if char in ".["] + [len(text)]
    if text[: ends[0]].strip() == TRIGGER:
        return ReferenceTarget(None, _split(text[ends[0] :]))
    for end in reversed(ends):
        name = text[:end].strip()
        if name in action_names:
            return ReferenceTarget(name, _split(text[end:]))
    return ReferenceTarget(None, _split("." + text))


def _split(path: str) -> tuple[str, ...]:
    """Split ``.a.b[0]`` into its keys and indexes."""
    plain = path.replace("[", ".").replace("]", "")
    return tuple(part.strip() for part in plain.split(".")[1:])


def is_index(part: str) -> bool:
    """Say whether a part of a path can be the index of a list; negative ones count from its end."""
    return part.removeprefix("-").isdecimal() and len(part) < 10


def step_into(value: Any, part: str) -> Any:
    """Return the value under a key of an object or at an index of a list, or MISSING."""
    if isinstance(value, Mapping):
        return cast(Mapping[str, Any], value).get(part, MISSING)
    if isinstance(value, list) and is_index(part):
        items = cast(list[Any], value)
        return items[int(part)] if -len(items) <= int(part) < len(items) else MISSING
    return MISSING


def lookup_in(subject: Mapping[str, Any]) -> Lookup:
    """Return a lookup of dotted paths in an object: ``a.b``, ``items.0.sku``.

    A field whose own name has dots comes first. An index counts from the start of a list only, as
    in the SQL of conditions.
    """

    def lookup(path: str) -> Any:
        if path in subject:
            return subject[path]
        value: Any = subject
        for part in path.split("."):
            if isinstance(value, list) and part.startswith("-"):
                return None
            value = step_into(cast(Any, value), part)
        return None if value is MISSING else value

    return lookup
