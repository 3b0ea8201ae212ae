"""Known fields of a result, before anything runs."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from ichor_core.action_type import ActionType
from ichor_core.explain import suggest
from ichor_core.expressions.paths import is_index
from ichor_core.expressions.syntax import is_template

Schema = Mapping[str, Any]

MAX_REFERENCES = 50
"""Most schemas that lead to one another by `$ref` or `anyOf`."""
_PLAIN = {
    "string": "text",
    "number": "a number",
    "integer": "a number",
    "boolean": "true or false",
}


def why_no_field(
    described: ActionType, config: Mapping[str, Any], path: Iterable[str]
) -> str | None:
    """Return why a result cannot have a field, or None where it has it or nothing is known.

    Args:
        described: the type of the action that gives the result.
        config: the config of that action.
        path: keys and list indexes below the result.
    """
    if described.result_key:
        return _why_not_in_value(config.get(described.result_key, ""), path)
    return _why_not_in_schema(described.result_schema, path, described.result_schema)


def _why_not_in_value(value: Any, path: Iterable[str]) -> str | None:
    for part in path:
        if is_template(value):
            return None
        if isinstance(value, dict):
            entries = cast(dict[str, Any], value)
            if part not in entries:
                return _lacks(part, entries)
            value = entries[part]
        elif isinstance(value, list):
            items = cast(list[Any], value)
            if not is_index(part):
                return f"no {part!r}; it is a list"
            if not -len(items) <= int(part) < len(items):
                return f"no {part!r}; it is a list of {len(items)}"
            value = items[int(part)]
        else:
            return f"no {part!r}; it is not an object"
    return None


def _why_not_in_schema(schema: Schema, path: Iterable[str], root: Schema) -> str | None:
    """Follow a path as far as the schema says which fields exist."""
    schemas = [schema]
    for part in path:
        inner: list[Schema] = []
        reasons: list[str] = []
        for each in (plain for one in schemas for plain in _alternatives(one, root)):
            found = _step(each, part)
            if found is None:
                return None
            if isinstance(found, str):
                reasons.append(found)
            else:
                inner.append(found)
        if not inner:
            return reasons[0] if reasons else None
        schemas = inner
    return None


def _alternatives(schema: Any, root: Schema, depth: int = 0) -> Iterable[Schema]:
    """Yield the schemas of which one holds; an empty one where nothing is known."""
    if not isinstance(schema, dict) or depth > MAX_REFERENCES:
        yield {}
        return
    entries = cast(dict[str, Any], schema)
    if "$ref" in entries:
        name = str(entries["$ref"]).removeprefix("#/$defs/")
        yield from _alternatives(root.get("$defs", {}).get(name), root, depth + 1)
        return
    choices = entries.get("anyOf") or entries.get("oneOf") or ()
    for choice in choices:
        if choice != {"type": "null"}:
            yield from _alternatives(choice, root, depth + 1)
    if not choices:
        yield entries


def _step(schema: Schema, part: str) -> Schema | str | None:
    """Return the schema of a part, the reason why it is missing, or None if neither is known."""
    kind = schema.get("type")
    if isinstance(kind, str) and kind in _PLAIN:
        return f"no {part!r}; it is {_PLAIN[kind]}"
    if kind == "array":
        return schema.get("items") if is_index(part) else f"no {part!r}; it is a list"
    if kind != "object":
        return None
    properties: dict[str, Any] | None = schema.get("properties")
    if properties is not None and part in properties:
        return properties[part]
    # A struct lists all of its fields; a schema without properties says nothing.
    others = schema.get("additionalProperties", properties is None)
    if others is False and not schema.get("patternProperties"):
        return _lacks(part, properties or ())
    return cast(Schema, others) if isinstance(others, dict) else None


def _lacks(part: str, known: Iterable[str]) -> str:
    return f"no {part!r}; {suggest(part, known)}"
