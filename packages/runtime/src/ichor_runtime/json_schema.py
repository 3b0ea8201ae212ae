"""JSON Schema (draft 2020-12), checked with Ichor's numbers; nothing is fetched from elsewhere.

Needs the extra `json-schema` of this distribution.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from referencing import Registry

from ichor_core import exact_json
from ichor_core.errors import InvalidInputError
from ichor_core.formats import FORMATS, check_format

STANDARD_FORMATS = Draft202012Validator.FORMAT_CHECKER
"""The formats of the standard."""
MAX_MESSAGE = 300
"""Characters of a message: the library quotes whole documents."""


class JsonSchema:
    """A schema to check values against.

    Args:
        schema: a valid schema; a reference to another document finds nothing.
        formats: checks `format`.
    """

    def __init__(
        self, schema: Mapping[str, Any], *, formats: FormatChecker = STANDARD_FORMATS
    ) -> None:
        self._validator = Draft202012Validator(
            exact_json.with_floats(schema), format_checker=formats, registry=Registry()
        )

    def errors(self, value: Any) -> Iterable[ValidationError]:
        """Yield each part of a value that does not fit."""
        # The stubs leave a parameter of iter_errors without a type.
        return cast(Any, self._validator).iter_errors(exact_json.with_floats(value))

    def faults(self, value: Any) -> list[tuple[str, str]]:
        """Return JSON path and message of each fault, sorted, each once."""
        return sorted({(error.json_path, shorten(error.message)) for error in self.errors(value)})


def shorten(message: str) -> str:
    """Return a message cut to its first `MAX_MESSAGE` characters."""
    return message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}…"


def ichor_formats() -> FormatChecker:
    """Return a checker of the formats in `ichor_core.formats`; a template passes where it may."""
    checker = FormatChecker(formats=())
    for name in FORMATS:
        checker.checks(name, raises=InvalidInputError)(_check_of(name))
    return checker


def _check_of(name: str) -> Any:
    def check(value: object) -> bool:
        check_format(name, value)
        return True

    return check
