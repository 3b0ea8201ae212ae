"""JSON Schema (draft 2020-12), checked with Ichor's numbers; nothing is fetched from elsewhere.

A check has a budget, since a small schema can ask for much. Patterns are matched in linear time by
RE2, which knows neither look-around nor back-references.

Needs the extra `json-schema` of this distribution.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from importlib import import_module
from itertools import islice
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from referencing import Registry

from ichor_core import exact_json
from ichor_core.errors import InvalidInputError
from ichor_core.expressions import exact_number
from ichor_core.formats import FORMATS, check_format

STANDARD_FORMATS = Draft202012Validator.FORMAT_CHECKER
"""The formats of the standard."""
MAX_MESSAGE = 300
"""Characters of a message: the library quotes whole documents."""
MAX_FAULTS = 1_000
"""Most faults of one value."""
MAX_STEPS = 500_000
"""Keywords that one check of a value may look at."""
_MAX_PATTERN_MEMORY = 2 << 20

# Both come without types.
_re2: Any = import_module("re2")
_extend: Any = import_module("jsonschema.validators").extend
_Errors = Iterable[ValidationError]
_Keyword = Callable[[Any, Any, Any, Any], _Errors | None]


class TooMuchToCheckError(InvalidInputError):
    """A value and a schema that are too large for one another."""


class _Steps:
    """Counts the keywords that a check looks at."""

    def __init__(self) -> None:
        self.left = MAX_STEPS

    def counted(self, keyword: _Keyword) -> _Keyword:
        def check(validator: Any, wanted: Any, value: Any, schema: Any) -> _Errors | None:
            self.left -= 1 + (len(cast(list[Any], wanted)) // 10 if isinstance(wanted, list) else 0)
            if self.left < 0:
                raise TooMuchToCheckError("this is too large to be checked against its schema")
            return keyword(validator, wanted, value, schema)

        return check


class JsonSchema:
    """A schema to check values against.

    Args:
        schema: a valid schema; a reference to another document finds nothing.
        formats: checks `format`.
    """

    def __init__(
        self, schema: Mapping[str, Any], *, formats: FormatChecker = STANDARD_FORMATS
    ) -> None:
        self._schema = exact_json.with_floats(schema)
        self._formats = formats

    def errors(self, value: Any) -> Iterable[ValidationError]:
        """Yield each part of a value that does not fit.

        Raises:
            TooMuchToCheckError: the budget is spent.
        """
        steps = _Steps()
        # The library has no other way to be told of each keyword.
        checker: Any = _extend(
            Draft202012Validator,
            {name: steps.counted(keyword) for name, keyword in _KEYWORDS.items()},
        )
        registry: Registry[Any] = Registry()
        validator: Any = checker(self._schema, format_checker=self._formats, registry=registry)
        return validator.iter_errors(exact_json.with_floats(value))

    def faults(self, value: Any) -> list[tuple[str, str]]:
        """Return JSON path and message of each fault, at most `MAX_FAULTS`, sorted, each once."""
        found: set[tuple[str, str]] = set()
        try:
            for error in islice(self.errors(value), MAX_FAULTS):
                found.add((error.json_path, shorten(error.message)))
        except TooMuchToCheckError as error:
            found.add(("$", error.message))
        return sorted(found)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    options = _re2.Options()
    options.max_mem = _MAX_PATTERN_MEMORY
    options.log_errors = False
    return _re2.compile(_UNICODE.sub(_as_code_point, pattern), options)


_UNICODE = re.compile(r"\\\\|\\u([0-9a-fA-F]{4})|\\Z")


def _as_code_point(found: re.Match[str]) -> str:
    if found[0] == r"\Z":
        return r"\z"
    return found[0] if found[1] is None else rf"\x{{{found[1]}}}"


def _is_found(pattern: str, text: str) -> bool | None:
    """Say whether a pattern is found in a text; None if it cannot be matched in linear time."""
    try:
        return _compiled(pattern).search(text.encode("utf-8", "replace").decode()) is not None
    except _re2.error:
        return None


def _unusable(pattern: str) -> ValidationError:
    return ValidationError(
        f"the pattern {pattern[: MAX_MESSAGE // 3]!r} of the schema cannot be used: it is matched "
        "in linear time, without look-around, back-references or more than 1000 repetitions"
    )


def _pattern(validator: Any, wanted: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str):
        found = _is_found(wanted, value)
        if found is None:
            yield _unusable(wanted)
        elif not found:
            yield ValidationError(f"{shorten(value)!r} does not match {wanted!r}")


def _pattern_properties(
    validator: Any, wanted: Mapping[str, Any], value: Any, schema: Any
) -> Iterator[ValidationError]:
    if not isinstance(value, dict):
        return
    for pattern, inner in wanted.items():
        if _is_found(pattern, "") is None:
            yield _unusable(pattern)
            continue
        for key, item in cast(dict[str, Any], value).items():
            if _is_found(pattern, key):
                yield from validator.descend(item, inner, path=key, schema_path=pattern)


def _additional_properties(validator: Any, wanted: Any, value: Any, schema: Any) -> _Errors:
    if not isinstance(value, dict):
        return ()
    patterns = list(schema.get("patternProperties", ()))
    known = {
        key: True for key in cast(dict[str, Any], value) if any(_is_found(p, key) for p in patterns)
    }
    # Without the patterns, the library's own check has no regular expression.
    plain = {key: inner for key, inner in schema.items() if key != "patternProperties"}
    plain["properties"] = {**schema.get("properties", {}), **known}
    check: Any = Draft202012Validator.VALIDATORS["additionalProperties"]
    return check(validator, wanted, value, plain) or ()


def _unevaluated_properties(validator: Any, wanted: Any, value: Any, schema: Any) -> _Errors:
    if b'"patternProperties"' in exact_json.encode(schema):
        return [
            ValidationError("the schema cannot have unevaluatedProperties beside patternProperties")
        ]
    check: Any = Draft202012Validator.VALIDATORS["unevaluatedProperties"]
    return check(validator, wanted, value, schema) or ()


def _multiple_of(validator: Any, wanted: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "number") and wanted:
        try:
            quotient = Fraction(exact_number(value)) / Fraction(exact_number(wanted))
        except (OverflowError, ValueError):  # infinite
            quotient = Fraction(1, 2)
        if quotient.denominator != 1:
            yield ValidationError(f"{value!r} is not a multiple of {wanted}")


def _unique_items(
    validator: Any, wanted: Any, value: Any, schema: Any
) -> Iterator[ValidationError]:
    if wanted and isinstance(value, list):
        items = cast(list[Any], value)
        if len({_key_of(item) for item in items}) < len(items):
            yield ValidationError("the list has equal items")


def _key_of(value: Any) -> bytes:
    return exact_json.encode_canonical(_without_fractions(value))


def _without_fractions(value: Any) -> Any:
    """Return the value with integers for floats that are equal to one."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {key: _without_fractions(item) for key, item in cast(dict[str, Any], value).items()}
    if isinstance(value, list):
        return [_without_fractions(item) for item in cast(list[Any], value)]
    return value


_KEYWORDS: dict[str, _Keyword] = {
    **cast(dict[str, _Keyword], Draft202012Validator.VALIDATORS),
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "unevaluatedProperties": _unevaluated_properties,
    "multipleOf": _multiple_of,
    "uniqueItems": _unique_items,
}


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
