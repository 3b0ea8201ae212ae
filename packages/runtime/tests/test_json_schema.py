"""One validator of JSON Schema, for results and configs."""

from decimal import Decimal

from ichor_core.formats import HTTP_URL
from ichor_runtime.json_schema import JsonSchema, ichor_formats


def messages(schema: JsonSchema, value: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in schema.errors(value)]


def test_exact_numbers_are_numbers():
    schema = JsonSchema({"properties": {"n": {"type": "number", "maximum": 1}}})
    assert messages(schema, {"n": Decimal("0.5")}) == []
    assert messages(schema, {"n": Decimal(2)}) == ["$.n: 2.0 is greater than the maximum of 1"]


def test_formats_are_those_that_are_given():
    written = {"format": HTTP_URL}
    assert messages(JsonSchema(written), "nowhere") == []
    assert len(messages(JsonSchema(written, formats=ichor_formats()), "nowhere")) == 1
    assert len(messages(JsonSchema({"format": "date"}), "someday")) == 1
