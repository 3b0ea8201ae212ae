"""JSON Schemas as tables."""

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from docs.generator.markdown import code, sentence, table

Schema = Mapping[str, Any]

_LIMITS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "matches `{}`",
}
_ONE_CHARACTER = {"at least 1 characters": "not empty", "at least 1 items": "not empty"}


def properties_table(
    schema: Schema, meanings: Mapping[str, str], refer: Callable[[str], str]
) -> str:
    """Return a table of an object's properties.

    Args:
        schema: of the object.
        meanings: what each property means, where that is said.
        refer: turns the name of another schema into a link.
    """
    required = schema.get("required", ())
    rows = [
        (
            code(name),
            type_of(each, refer),
            default_of(each, is_required=name in required),
            sentence(meanings.get(name, "")),
        )
        for name, each in schema.get("properties", {}).items()
    ]
    return table(("field", "type", "default", "meaning"), rows)


def default_of(schema: Schema, *, is_required: bool) -> str:
    """Return what holds where a value is missing."""
    if is_required:
        return "required"
    if schema.get("default") is None:
        return ""
    return code(json.dumps(schema["default"], ensure_ascii=False))


def type_of(schema: Schema, refer: Callable[[str], str]) -> str:
    """Return a type in words, with its limits."""
    if "[0-9a-fA-F]{12}" in schema.get("pattern", ""):
        return "UUID" if schema["pattern"].startswith("^[") else "UUID, or empty"
    limits = [words.format(schema[key]) for key, words in _LIMITS.items() if key in schema]
    limits = [_ONE_CHARACTER.get(limit, limit).replace(".0", "") for limit in limits]
    return ", ".join([_name(schema, refer), *limits])


def _name(schema: Schema, refer: Callable[[str], str]) -> str:
    if "$ref" in schema:
        return refer(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        names = [code(str(value)) for value in schema["enum"] if value is not None]
        return ", ".join(names) + (" or null" if None in schema["enum"] else "")
    if "const" in schema:
        return code(str(schema["const"]))
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        names = [type_of(each, refer) for each in choices]
        return " or ".join([*(name for name in names if name != "null"), *_null(names)])
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        return " or ".join(_name({**schema, "type": one}, refer) for one in cast("list[str]", kind))
    if kind == "array" and schema.get("items"):
        return f"list of {type_of(schema['items'], refer)}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        values = schema["additionalProperties"]
        return f"object of {type_of(values, refer)}" if values else "object"
    named = {"array": "list", "string": "text", "boolean": "true or false", "any": "any value"}
    formats = {"uuid": "UUID", "date-time": "time in ISO 8601"}
    return formats.get(schema.get("format", ""), named.get(str(kind), str(kind)))


def _null(names: list[str]) -> list[str]:
    return ["null"] if "null" in names else []
