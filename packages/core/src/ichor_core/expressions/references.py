"""References of a config, found without resolving it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, cast

from msgspec import Struct

from ichor_core.errors import TemplateError
from ichor_core.expressions.paths import Reference, parse_reference
from ichor_core.expressions.syntax import Expression, find_templates, parse_at


class FoundReference(Struct, frozen=True):
    """A reference and its place."""

    path: str
    """JSON path into the config."""
    reference: Reference
    has_default: bool
    """Whether a missing value is no error: it has a default, or counts as null in a condition."""
    has_late_default: bool = False
    """Whether it has a default behind a filter that already fails where the value is missing."""
    in_condition: bool = False
    """Whether it is written without braces, under a reference key."""


def find_references(
    config: Mapping[str, Any], reference_keys: Collection[str] = ()
) -> Iterator[FoundReference]:
    """Yield every reference of a config: in templates, and as text under the reference keys.

    Raises:
        TemplateError: with the place of the text that does not parse.
    """
    for found in references_and_faults(config, reference_keys):
        if isinstance(found, TemplateError):
            raise found
        yield found


def references_and_faults(
    config: Mapping[str, Any], reference_keys: Collection[str] = ()
) -> Iterator[FoundReference | TemplateError]:
    """Yield what `find_references` does, and the error of each text that does not parse."""
    for path, text in find_templates(config):
        try:
            parts = parse_at(text, path)
        except TemplateError as error:
            yield error
            continue
        for part in parts:
            if isinstance(part, Expression) and part.literal is None:
                yield FoundReference(path, part.head, part.has_default, part.has_late_default)
    if reference_keys:
        yield from _bare(config, reference_keys, "$")


def _bare(value: Any, keys: Collection[str], path: str) -> Iterator[FoundReference | TemplateError]:
    if isinstance(value, Mapping):
        for key, inner in cast(Mapping[str, Any], value).items():
            place = f"{path}.{key}"
            if key in keys and isinstance(inner, str):
                try:
                    yield FoundReference(place, parse_reference(inner), True, in_condition=True)
                except TemplateError as error:
                    yield TemplateError(error.message, place)
            else:
                yield from _bare(inner, keys, place)
    elif isinstance(value, list):
        for index, inner in enumerate(cast(list[Any], value)):
            yield from _bare(inner, keys, f"{path}[{index}]")
