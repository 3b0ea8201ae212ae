"""Values are held against JSON Schemas."""

from decimal import Decimal

import pytest
from referencing.exceptions import Unresolvable

from ichor_runtime.json_schema import MAX_FAULTS, MAX_MESSAGE, JsonSchema, shorten


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


@pytest.mark.parametrize("pattern", ["^(a|a)*$", "^(a+)+$", "(.*a){20}"])
def test_a_pattern_is_matched_in_linear_time(pattern):
    text = "a" * 100_000 + "!"
    assert len(JsonSchema({"pattern": pattern}).faults(text)) <= 1
    assert JsonSchema({"patternProperties": {pattern: {}}, "additionalProperties": False}).faults(
        {text: 1}
    ) in ([], [("$", shorten(f"Additional properties are not allowed ({text!r} was unexpected)"))])


@pytest.mark.parametrize("pattern", [r"^(?=.*\d).+$", r"(a)\1", "^.{1,2000}$"])
def test_a_pattern_that_cannot_be_is_said_to_be_so(pattern):
    ((path, message),) = JsonSchema({"pattern": pattern}).faults("a1")
    assert path == "$"
    assert "cannot be used" in message


@pytest.mark.parametrize(
    ("pattern", "fits", "does_not"),
    [
        (r"^\d{3}$", "123", "12"),
        (r"^[\u00e0-\u00ff]+\Z", "äöü", "abc"),
        (r"^\\u0041$", r"\u0041", "A"),
        ("ä", "xäx", "a"),
    ],
)
def test_patterns_are_those_of_json_schema(pattern, fits, does_not):
    schema = JsonSchema({"pattern": pattern})
    assert schema.faults(fits) == []
    assert len(schema.faults(does_not)) == 1


def test_properties_by_pattern():
    schema = JsonSchema(
        {
            "properties": {"a": {"type": "integer"}},
            "patternProperties": {"^x": {"type": "string"}},
            "additionalProperties": False,
        }
    )
    assert schema.faults({"a": 1, "x1": "t"}) == []
    assert [path for path, _ in schema.faults({"a": "t", "x1": 1, "y": 1})] == ["$", "$.a", "$.x1"]


@pytest.mark.parametrize(
    ("number", "of", "fits"),
    [
        (Decimal("1e400"), 7, False),
        (Decimal("1e400"), 10, True),
        (10**400, Decimal("0.1"), True),
        (1, Decimal("1e400"), False),
        (0.3, 0.1, True),
        (Decimal("0.35"), 0.1, False),
    ],
)
def test_multiples_are_exact_at_any_size(number, of, fits):
    assert (JsonSchema({"multipleOf": of}).faults(number) == []) is fits


@pytest.mark.parametrize(
    ("items", "unique"),
    [([1, 1.0], False), ([1, True], True), ([{"a": 1, "b": 2}, {"b": 2, "a": 1}], False)],
)
def test_equal_items_are_found(items, unique):
    assert (JsonSchema({"uniqueItems": True}).faults(items) == []) is unique


def test_a_small_schema_cannot_ask_for_too_much():
    doubled = {
        f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}, {"$ref": f"#/$defs/a{n + 1}"}]}
        for n in range(40)
    }
    schema = JsonSchema({"$ref": "#/$defs/a0", "$defs": {**doubled, "a40": {"type": "string"}}})
    assert schema.faults("text") == [("$", "this is too large to be checked against its schema")]


def test_of_many_faults_some_are_listed():
    schema = JsonSchema({"items": {"type": "string"}})
    assert len(schema.faults([1] * 100_000)) == MAX_FAULTS
