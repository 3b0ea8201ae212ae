"""Holds an action's config against the JSON Schema of its type.

A string with a template is resolved only when the action runs, so the schema allows it in place of
any value; the action checks the resolved config again. Formats are those of
`ichor_core.formats.registry`. An `errorMessage` in a schema replaces the message of its faults.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, cast

from jsonschema.exceptions import ValidationError
from msgspec import Struct

from ichor_core.action_type import ActionType
from ichor_core.errors import InvalidInputError
from ichor_core.explain import suggest
from ichor_core.expressions import is_template
from ichor_runtime.json_schema import (
    MAX_FAULTS,
    MAX_MESSAGE,
    JsonSchema,
    TooMuchToCheckError,
    ichor_formats,
    shorten,
)

_ALTERNATIVES = ("anyOf", "oneOf")


class Fault(Struct, frozen=True):
    """A fault of a config."""

    path: str
    """JSON path into the config."""
    message: str
    types: tuple[str, ...] = ()
    """The expected JSON types, where the value is of another one."""


class ConfigCheck:
    """Checks configs, as `validate` asks for; it keeps the schema of each type.

    Make one for each set of action types.
    """

    def __init__(self) -> None:
        self._schemas: dict[str, JsonSchema] = {}

    def __call__(self, action_type: ActionType, config: dict[str, Any]) -> list[tuple[str, str]]:
        """Return (JSON path, message) for each fault of a config, in the order of their places."""
        schema = self._schemas.get(action_type.type)
        if schema is None:
            schema = JsonSchema(action_type.config_schema, formats=ichor_formats())
            self._schemas[action_type.type] = schema
        found: set[tuple[str, str]] = set()
        try:
            faults = (fault for error in schema.errors(config) for fault in _faults(error))
            for fault in islice(faults, MAX_FAULTS):
                found.add((fault.path, shorten(fault.message)))
        except TooMuchToCheckError as error:
            found.add(("$", error.message))
        return sorted(found)


def _faults(error: ValidationError) -> Iterator[Fault]:
    """Yield the faults of an error; none if only a template causes it."""
    refused = error.cause
    if isinstance(refused, InvalidInputError):
        # A format judges templates itself.
        yield Fault(error.json_path + refused.path.removeprefix("$"), refused.message)
        return
    if is_template(error.instance):
        return
    if error.validator == "type":
        wanted = cast(str | list[str], error.validator_value)
        yield _other_type(error, [wanted] if isinstance(wanted, str) else wanted)
        return
    if error.validator in _ALTERNATIVES:
        branches = _branches(error)
        if any(not branch for branch in branches):
            return  # except for templates, one of the alternatives fits
        if not branches and _may_become_null(error):
            return
        if branches and _own_message(error) is None:
            yield from _of_alternatives(error, branches)
            return
    yield Fault(error.json_path, _own_message(error) or _message(error))


def _branches(error: ValidationError) -> list[list[Fault]]:
    """Return the faults in each alternative that does not fit."""
    branches: dict[object, list[Fault]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0], []).extend(_faults(inner))
    return list(branches.values())


def _may_become_null(error: ValidationError) -> bool:
    """Say whether one of several alternatives that all fit may not fit once templates are resolved.

    A field whose template gives null counts as left out.
    """
    instance: Any = error.instance
    return isinstance(instance, dict) and any(
        is_template(value) for value in cast(dict[str, Any], instance).values()
    )


def _of_alternatives(error: ValidationError, branches: list[list[Fault]]) -> Iterator[Fault]:
    """Yield the faults of the alternative that was meant: the only one of the right type."""
    meant = [
        branch
        for branch in branches
        if any(not fault.types or fault.path != error.json_path for fault in branch)
    ]
    if len(meant) == 1:
        yield from meant[0]
    elif meant:
        yield Fault(error.json_path, error.message)
    else:
        yield _other_type(
            error, [name for branch in branches for one in branch for name in one.types]
        )


def _other_type(error: ValidationError, wanted: list[str]) -> Fault:
    names = tuple(dict.fromkeys(wanted))
    kinds = ", ".join(map(repr, names))
    return Fault(error.json_path, f"{_shown(error.instance)} is not of type {kinds}", names)


def _own_message(error: ValidationError) -> str | None:
    schema: Any = error.schema
    if not isinstance(schema, dict):  # true or false
        return None
    message = cast(dict[str, Any], schema).get("errorMessage")
    return message if isinstance(message, str) else None


def _message(error: ValidationError) -> str:
    schema: Any = error.schema
    if error.validator != "additionalProperties" or "patternProperties" in schema:
        return error.message
    known = cast(dict[str, Any], schema.get("properties", {}))
    unknown = [name for name in cast(dict[str, Any], error.instance) if name not in known]
    return "; ".join(f"unknown field {name!r}; {suggest(name, known)}" for name in unknown)


def _shown(value: object) -> str:
    return repr(value)[: MAX_MESSAGE // 2]
