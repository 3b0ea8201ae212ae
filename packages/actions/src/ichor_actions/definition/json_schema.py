"""JSON Schemas of structs, with what their fields mean."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from ichor_actions.definition.constraints import Rule
from ichor_actions.definition.docstrings import property_docstrings, structs_in


def json_schema(struct: type[Struct], rules: Iterable[Rule] = ()) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a struct, its properties at the top.

    Structs inside it stand under ``$defs``. The docstring below a field is its description.

    Args:
        struct: what is described.
        rules: what holds besides for the whole of it.
    """
    (root,), definitions = msgspec.json.schema_components([struct], ref_template="#/$defs/{name}")
    name = str(root["$ref"]).rpartition("/")[2]
    _describe(struct, definitions)
    # The root stays among the definitions: a struct may contain itself.
    shared = definitions if b'"$ref"' in msgspec.json.encode(definitions) else {}
    return _with_rules({**definitions[name]}, shared, rules)


def _describe(struct: type[Struct], definitions: dict[str, Any]) -> None:
    for name, each in structs_in(struct).items():
        if name not in definitions:
            continue
        properties = definitions[name]["properties"]
        for key, text in property_docstrings(each).items():
            # What is said of the type, such as how durations are written, comes second.
            of_type = properties[key].get("description")
            properties[key]["description"] = f"{_ended(text)} {of_type}" if of_type else text


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _with_rules(
    schema: dict[str, Any], shared: dict[str, Any], rules: Iterable[Rule]
) -> dict[str, Any]:
    conditions: list[Rule] = []
    for rule in rules:
        shared = shared | rule.get("$defs", {})
        conditions.append({key: value for key, value in rule.items() if key != "$defs"})
    if conditions:
        schema["allOf"] = conditions
    if shared:
        schema["$defs"] = shared
    return schema
