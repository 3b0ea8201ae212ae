"""Values are held against JSON Schemas."""

from decimal import Decimal

import pytest
from referencing.exceptions import Unresolvable

from ichor_runtime.json_schema import MAX_MESSAGE, JsonSchema, shorten


def test_each_fault_has_its_place():
    schema = JsonSchema(
        {
            "type": "object",
            "properties": {
                "limit": {"type": "number", "maximum": Decimal("10.5")},
                "until": {"type": "string", "format": "date"},
            },
            "required": ["limit"],
        }
    )
    assert schema.faults({"limit": Decimal("10.5")}) == []
    assert schema.faults({}) == [("$", "'limit' is a required property")]
    faults = schema.faults({"until": "soon", "limit": Decimal("10.6")})
    assert [path for path, _ in faults] == ["$.limit", "$.until"]


def test_nothing_is_fetched():
    schema = JsonSchema({"$ref": "https://example.com/schema.json"})
    with pytest.raises(Exception, match="Unresolvable") as caught:
        schema.faults({})
    assert isinstance(caught.value.__cause__ or caught.value, Unresolvable)


def test_messages_stay_short():
    assert shorten("x" * MAX_MESSAGE) == "x" * MAX_MESSAGE
    assert shorten("x" * (MAX_MESSAGE + 1)) == "x" * MAX_MESSAGE + "…"
