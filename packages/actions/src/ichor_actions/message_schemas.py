"""JSON Schemas of the messages to and from other systems.

``python -m ichor_actions.message_schemas FOLDER`` writes them as files.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from ichor_actions.builtin import builtin_actions
from ichor_actions.definition.action import Action
from ichor_actions.definition.json_schema import json_schema
from ichor_actions.resources import Resources
from ichor_core.contract import ActionReply, ActionRequest

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def message_schemas(actions: Iterable[Action]) -> dict[str, dict[str, Any]]:
    """Return schemas by file name: of both messages, and of their content for each async type."""
    found = {
        "action-request.json": json_schema(ActionRequest),
        "action-reply.json": json_schema(ActionReply),
    }
    for spec in (item.spec for item in actions if item.spec.kind == "async"):
        for name, struct in (("request", spec.request), ("reply", spec.result)):
            if struct is not None:
                found[f"{spec.type}.{name}.json"] = json_schema(struct)
    return {name: {"$schema": DIALECT, **schema} for name, schema in sorted(found.items())}


def to_text(schema: dict[str, Any]) -> str:
    """Return a schema as the text of its file."""
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"


def main(folder: str) -> None:
    """Write the schemas of the built-in types into a folder."""
    for name, schema in message_schemas(builtin_actions(Resources())).items():
        (Path(folder) / name).write_text(to_text(schema))


if __name__ == "__main__":
    main(sys.argv[1])
