"""JSON Schemas of structs, with the docstrings of their fields."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from ichor_actions.definition.constraints import Constraint
from ichor_actions.definition.docstrings import property_docstrings, structs_in


def json_schema(struct: type[Struct], constraints: Iterable[Constraint] = ()) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a struct, its properties at the top.

    Structs inside it stand under ``$defs``. The docstring below a field is its description.

    Args:
        struct: the struct to describe.
        constraints: schemas that the whole of it must fit as well.
    """
    (root,), definitions = msgspec.json.schema_components([struct], ref_template="#/$defs/{name}")
    name = str(root["$ref"]).rpartition("/")[2]
    _describe(struct, definitions)
    # The root stays among the definitions: a struct may contain itself.
    shared = definitions if b'"$ref"' in msgspec.json.encode(definitions) else {}
    return _with_constraints({**definitions[name]}, shared, constraints)


def _describe(struct: type[Struct], definitions: dict[str, Any]) -> None:
    for name, each in structs_in(struct).items():
        if name not in definitions:
            continue
        properties = definitions[name]["properties"]
        for key, text in property_docstrings(each).items():
            # The description of the type, such as the format of durations, comes second.
            of_type = properties[key].get("description")
            properties[key]["description"] = f"{_ended(text)} {of_type}" if of_type else text


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _with_constraints(
    schema: dict[str, Any], shared: dict[str, Any], constraints: Iterable[Constraint]
) -> dict[str, Any]:
    conditions: list[Constraint] = []
    for constraint in constraints:
        shared = shared | constraint.get("$defs", {})
        conditions.append({key: value for key, value in constraint.items() if key != "$defs"})
    if conditions:
        schema["allOf"] = conditions
    if shared:
        schema["$defs"] = shared
    return schema
