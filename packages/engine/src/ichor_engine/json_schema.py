"""Values held against a JSON Schema (2020-12): each fault with its place.

Nothing is fetched from elsewhere: a schema refers to its own definitions only.
"""

from collections.abc import Iterable
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from referencing import Registry

from ichor_core import exact_json

MAX_MESSAGE = 300
"""Characters of a message: the library quotes whole documents."""


class JsonSchema:
    """A schema to hold values against.

    Args:
        schema: as JSON.
        formats: checks values of a `format`; those of JSON Schema itself, if None.
    """

    def __init__(self, schema: Any, formats: FormatChecker | None = None) -> None:
        # The stubs leave a parameter of iter_errors without a type.
        self._validator: Any = Draft202012Validator(
            exact_json.with_floats(schema),
            format_checker=formats or Draft202012Validator.FORMAT_CHECKER,
            registry=Registry(),
        )

    def errors(self, value: Any) -> Iterable[ValidationError]:
        """Yield the library's error of each fault."""
        return cast(
            Iterable[ValidationError], self._validator.iter_errors(exact_json.with_floats(value))
        )

    def faults(self, value: Any) -> list[tuple[str, str]]:
        """Return JSON path and message of each fault, sorted, each once."""
        return sorted({(error.json_path, shorten(error.message)) for error in self.errors(value)})


def shorten(message: str) -> str:
    """Return a message cut to its first `MAX_MESSAGE` characters."""
    return message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}…"
