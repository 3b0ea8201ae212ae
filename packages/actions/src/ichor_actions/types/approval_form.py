"""Forms of approvals: JSON Schemas without references."""

from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from ichor_actions.errors import ConfigError
from ichor_core import exact_json
from ichor_core.contract import MAX_VALUE_BYTES, json_size

_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})


def check_form(form: dict[str, Any], path: str) -> dict[str, Any]:
    """Return a form that decisions can be checked against.

    Raises:
        ConfigError: it is not a JSON Schema of an object, has references, or is over 50 KB.
    """
    if json_size(form) > MAX_VALUE_BYTES:
        raise ConfigError(f"expected at most {MAX_VALUE_BYTES} bytes", path)
    if form and form.get("type", "object") != "object":
        raise ConfigError('expected "type": "object"', path)
    _refuse_references(form, path)
    try:
        Draft202012Validator.check_schema(exact_json.with_floats(form))
    except SchemaError as error:
        place = error.json_path.replace("$", path, 1)
        raise ConfigError(f"invalid JSON Schema: {error.message[:300]}", place) from error
    return form


def _refuse_references(value: Any, path: str) -> None:
    """Refuse references to other schemas, which may be missing or change."""
    if isinstance(value, dict):
        for key, inner in cast(dict[str, Any], value).items():
            if key in _REFERENCES:
                raise ConfigError("references to other schemas are not allowed", f"{path}.{key}")
            _refuse_references(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(cast(list[Any], value)):
            _refuse_references(inner, f"{path}[{number}]")
