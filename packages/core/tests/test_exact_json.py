"""Numbers survive, and what storage cannot keep is refused with its place."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ichor_core import exact_json
from ichor_core.errors import ExactJsonError
from ichor_core.graph.definition import GraphDefinition


@pytest.mark.parametrize(
    "text",
    ["9007199254740993", "123456789012345678901234567890", "0.1", "0.10000000000000000001", "-1.5"],
)
def test_numbers_come_back_as_they_were(text):
    assert exact_json.encode(exact_json.decode(text)).decode() == text


def test_only_inexact_numbers_become_decimals():
    assert type(exact_json.decode("0.1")) is float
    assert exact_json.decode("0.10000000000000000001") == Decimal("0.10000000000000000001")


@given(st.integers())
def test_any_integer_survives(number):
    assert exact_json.decode(str(number)) == number


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_any_decimal_survives(number):
    back = exact_json.decode(exact_json.encode({"n": number}))["n"]
    assert Decimal(repr(back)) == number if isinstance(back, float) else back == number


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "ends too early"),
        ("{", "not JSON"),
        ('{"a":NaN}', "not JSON"),
        ('{"a":["x\\u0000"]}', "$.a[0]: a string holds a NUL"),
        ('{"a\\u0000":1}', "$: a string holds a NUL"),
        ('["\\ud800"]', "lone surrogate"),
        ("[" * 300 + "]" * 300, "nested deeper than 200"),
        ("[" * 100_000, "nested too deeply"),
        ("1e999999", "more than 1000 digits"),
        (b"\xff\xfe", "not JSON"),
    ],
)
def test_refused_with_the_place(text, message):
    with pytest.raises(ExactJsonError) as caught:
        exact_json.decode(text)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 300


def test_an_escaped_backslash_is_no_nul():
    assert exact_json.decode('"\\\\u0000"') == "\\u0000"


def test_values_made_in_python_are_checked_too():
    for value, place in (
        ({"a": [float("nan")]}, "$.a[0]"),
        ({"a": "\0"}, "$.a"),
        ({"a": "\ud800"}, "$.a"),
        ([Decimal("Infinity")], "$[0]"),
        ({1: "x"}, "$"),
    ):
        with pytest.raises(ExactJsonError) as caught:
            exact_json.check_storable(value)
        assert caught.value.path == place


def test_structs_name_the_place():
    with pytest.raises(ExactJsonError) as caught:
        exact_json.decode(
            '{"edges":[{"target_action_id":"x","edge_type":"start"}]}', GraphDefinition
        )
    assert caught.value.path == "$.edges[0].target_action_id"


def test_floats_for_whoever_cannot_take_decimals():
    value = exact_json.decode('{"a": [1, 0.10000000000000000001, {"b": 9007199254740993}]}')
    assert exact_json.with_floats(value) == {"a": [1, 0.1, {"b": 9007199254740993}]}
