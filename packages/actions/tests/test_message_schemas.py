"""The message reference: its schemas are those of the structs, its examples fit them."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from ichor_actions import Resources
from ichor_actions.builtin import builtin_actions
from ichor_actions.message_schemas import main, message_schemas, to_text
from ichor_core import exact_json
from ichor_core.contract import ActionReply, ActionRequest

DOCS = Path(__file__).parents[3] / "docs"
SCHEMAS = message_schemas(builtin_actions(Resources()))
REFERENCE = (DOCS / "messages.md").read_text()
REQUEST, REPLY, FAILURE = re.findall(r"```json\n(.*?)```", REFERENCE, re.DOTALL)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_written_schemas_are_those_of_the_structs(name: str):
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert (DOCS / "schemas" / name).read_text() == to_text(SCHEMAS[name])
    assert f"schemas/{name}" in REFERENCE


def test_every_schema_is_written_once(tmp_path: Path):
    main(str(tmp_path))
    assert {file.name for file in tmp_path.iterdir()} == set(SCHEMAS)
    assert {file.name for file in (DOCS / "schemas").iterdir()} == set(SCHEMAS)


@pytest.mark.parametrize(
    ("example", "schema", "struct"),
    [
        (REQUEST, "action-request.json", ActionRequest),
        (REPLY, "action-reply.json", ActionReply),
        (FAILURE, "action-reply.json", ActionReply),
    ],
)
def test_the_examples_fit(example: str, schema: str, struct: type):
    Draft202012Validator(SCHEMAS[schema]).validate(json.loads(example))
    assert isinstance(exact_json.decode(example, struct), struct)


def test_what_the_examples_carry_fits():
    asked, answered = json.loads(REQUEST), json.loads(REPLY)
    kind = asked["action_type"]
    Draft202012Validator(SCHEMAS[f"{kind}.request.json"]).validate(asked["payload"])
    Draft202012Validator(SCHEMAS[f"{kind}.reply.json"]).validate(answered["result"])
