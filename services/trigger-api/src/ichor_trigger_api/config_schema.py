"""Holds an action's config against the JSON Schema of its type.

A string with a template is resolved only when the action runs, so it may stand wherever the schema
wants any value; the action checks the resolved config again.
"""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from ichor_core import exact_json
from ichor_core.action_type import ActionType

_ALTERNATIVES = ("anyOf", "oneOf")
MAX_MESSAGE = 300


def check_config(action_type: ActionType, config: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield (JSON path, message) for each fault of a config, in the order of their places."""
    # The stubs leave a parameter of iter_errors without a type.
    validator = cast(Any, Draft202012Validator(action_type.config_schema))
    errors: Iterable[ValidationError] = validator.iter_errors(exact_json.with_floats(config))
    faults = [
        (fault.json_path, shorten(fault.message)) for error in errors for fault in _faults(error)
    ]
    return sorted(set(faults))


def _faults(error: ValidationError) -> Iterator[ValidationError]:
    """Yield the error, or nothing where a template is all that it is about."""
    instance: Any = error.instance
    if isinstance(instance, str) and "{{" in instance:
        return
    branches = _branches(error)
    if branches and any(not branch for branch in branches):
        return  # but for templates, one of the alternatives fits
    yield error


def _branches(error: ValidationError) -> list[list[ValidationError]]:
    """Return the faults in each alternative of an `anyOf` or `oneOf`; otherwise nothing."""
    if error.validator not in _ALTERNATIVES or not error.context:
        return []
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).extend(_faults(inner))
    return list(branches.values())


def shorten(message: str) -> str:
    """Return a message of the validator, which may quote a whole document, cut."""
    return message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}…"
