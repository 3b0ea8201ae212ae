"""Conditions: every operator, groups, null, numbers, and errors with their place."""

import operator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ichor_core.errors import ConditionError
from ichor_core.expressions.comparison import CHEAP, MAX_STEPS, Budget, condition_holds
from ichor_core.expressions.condition import (
    ALWAYS,
    OPERATORS,
    parse_condition,
)
from ichor_core.expressions.paths import lookup_in

SUBJECT = {
    "n": 5,
    "big": 2**60 + 1,
    "price": Decimal("0.10"),
    "f": 0.1,
    "text": "hello",
    "list": [1, "a", None],
    "object": {"k": 1},
    "null": None,
    "empty": "",
    "yes": True,
    "deep": {"items": [{"sku": "S1"}]},
}


def holds(data):
    return condition_holds(parse_condition(data), lookup_in(SUBJECT))


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("n", "equals", 5.0, True),
        ("n", "equals", "5", False),
        ("yes", "equals", 1, False),
        ("big", "equals", float(2**60), False),
        ("price", "equals", 0.1, True),
        ("f", "equals", Decimal("0.1"), True),
        ("null", "equals", None, True),
        ("missing", "equals", None, True),
        ("n", "not_equals", 6, True),
        ("missing", "not_equals", 6, True),
        ("list", "equals", [1.0, "a", None], True),
        ("object", "equals", {"k": 1}, True),
        ("n", "greater_than", 4, True),
        ("n", "greater_than", 5, False),
        ("n", "greater_than_or_equal", 5, True),
        ("n", "less_than", 5, False),
        ("n", "less_than_or_equal", 5, True),
        ("missing", "greater_than", 1, False),
        ("missing", "less_than", 1, False),
        ("text", "greater_than", "abc", True),
        ("n", "between", [1, 5], True),
        ("n", "between", [6, 9], False),
        ("n", "in", [1, 5], True),
        ("n", "not_in", [1, 5], False),
        ("text", "contains", "ell", True),
        ("list", "contains", 1.0, True),
        ("object", "contains", "k", True),
        ("missing", "contains", "x", False),
        ("missing", "not_contains", "x", True),
        ("text", "not_contains", "x", True),
        ("text", "starts_with", "he", True),
        ("text", "ends_with", "lo", True),
        ("null", "starts_with", "x", False),
        ("deep.items.0.sku", "equals", "S1", True),
        ("deep.items.9.sku", "equals", "S1", False),
    ],
)
def test_comparison(field, op, value, expected):
    assert holds({"field": field, "operator": op, "value": value}) is expected


@pytest.mark.parametrize(
    ("field", "op", "expected"),
    [
        ("null", "is_null", True),
        ("missing", "is_null", True),
        ("n", "is_not_null", True),
        ("empty", "is_empty", True),
        ("missing", "is_empty", True),
        ("n", "is_empty", False),
        ("list", "is_not_empty", True),
    ],
)
def test_comparison_without_value(field, op, expected):
    assert holds({"field": field, "operator": op}) is expected


def test_every_operator_is_tested_above():
    tested = {row[1] for row in test_comparison.pytestmark[0].args[1]}
    tested |= {row[1] for row in test_comparison_without_value.pytestmark[0].args[1]}
    assert tested == set(OPERATORS)


def test_groups():
    true = {"field": "n", "operator": "equals", "value": 5}
    false = {"field": "n", "operator": "equals", "value": 6}
    assert holds({"all": [true, true]})
    assert not holds({"all": [true, false]})
    assert holds({"any": [false, true]})
    assert not holds({"any": []})
    assert holds({"all": []})
    assert holds({"not": false})
    assert holds([true, {"not": {"any": [false, false]}}])
    assert parse_condition(None) == ALWAYS
    assert parse_condition({}) == ALWAYS


def test_members_are_tried_lazily():
    wrong = {"field": "text", "operator": "greater_than", "value": 1}
    right = {"field": "n", "operator": "equals", "value": 5}
    assert holds({"any": [right, wrong]})
    with pytest.raises(ConditionError, match="field 'text': text with a number"):
        holds({"all": [right, wrong]})


@pytest.mark.parametrize(
    ("data", "path", "message"),
    [
        (5, "$", "expected a comparison"),
        ({"field": "a"}, "$.operator", "unknown operator null; known: equals"),
        ({"field": "", "operator": "equals", "value": 1}, "$.field", "name of a field"),
        ({"operator": "equals", "value": 1}, "$.field", "name of a field"),
        ({"field": "a", "operator": "equals"}, "$.value", "needs a value"),
        ({"field": "a", "operator": "is_null", "value": 1}, "$.value", "takes no value"),
        ({"field": "a", "operator": "in", "value": 1}, "$.value", "needs a list"),
        ({"field": "a", "operator": "between", "value": [1]}, "$.value", "list of two"),
        ({"all": [{"any": 5}]}, "$.all[0].any", "expected a list"),
        ({"all": [], "any": []}, "$", "unknown key 'any'; allowed: all"),
        ({"field": "a", "operator": "equals", "value": 1, "x": 1}, "$", "unknown key 'x'"),
    ],
)
def test_bad_conditions_name_the_place(data, path, message):
    with pytest.raises(ConditionError) as caught:
        parse_condition(data)
    assert caught.value.path == path
    assert message in caught.value.message


def test_depth_is_bounded():
    data = {"field": "n", "operator": "equals", "value": 5}
    for _ in range(60):
        data = {"not": data}
    with pytest.raises(ConditionError, match="nested deeper"):
        parse_condition(data)


numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False, places=6)
ORDER = {
    "greater_than": operator.gt,
    "greater_than_or_equal": operator.ge,
    "less_than": operator.lt,
    "less_than_or_equal": operator.le,
    "equals": operator.eq,
    "not_equals": operator.ne,
}


@given(numbers, numbers, st.sampled_from(sorted(ORDER)))
def test_numbers_compare_by_value(left, right, op):
    condition = parse_condition({"field": "x", "operator": op, "value": right})
    assert condition_holds(condition, lookup_in({"x": left})) is ORDER[op](left, right)


def model(data, subject):
    """Evaluate groups over equality the obvious way."""
    if "field" in data:
        return subject.get(data["field"]) == data["value"]
    if "not" in data:
        return not model(data["not"], subject)
    if "all" in data:
        return all(model(member, subject) for member in data["all"])
    return any(model(member, subject) for member in data["any"])


comparisons = st.builds(
    lambda field, value: {"field": field, "operator": "equals", "value": value},
    st.sampled_from("abc"),
    st.integers(0, 2),
)
conditions = st.recursive(
    comparisons,
    lambda inner: (
        st.builds(lambda one: {"not": one}, inner)
        | st.builds(lambda many: {"all": many}, st.lists(inner, max_size=3))
        | st.builds(lambda many: {"any": many}, st.lists(inner, max_size=3))
    ),
    max_leaves=8,
)


@given(conditions, st.dictionaries(st.sampled_from("abc"), st.integers(0, 2)))
def test_groups_agree_with_a_model(data, subject):
    assert condition_holds(parse_condition(data), lookup_in(subject)) is model(data, subject)


LONG = [[n] for n in range(3_000)]


@pytest.mark.parametrize(
    ("data", "subject"),
    [
        ({"any": [{"field": "x", "operator": "contains", "value": 0.5}] * 5_000}, {"x": [1] * 400}),
        ({"field": "x", "operator": "equals", "value": [LONG] * 200}, {"x": [LONG] * 200}),
        ({"all": [{"field": "x", "operator": "not_in", "value": LONG * 2}] * 300}, {"x": [-1]}),
        (
            {"any": [{"field": "x", "operator": "contains", "value": "z"}] * 3_000},
            {"x": "y" * 1_000_000},
        ),
    ],
)
def test_a_condition_on_large_data_has_a_budget(data, subject):
    condition = parse_condition(data)
    with pytest.raises(ConditionError, match="compares too many values") as caught:
        condition_holds(condition, lookup_in(subject))
    assert caught.value.path.startswith("$")


def test_text_in_long_lists_is_cheap():
    many = {"any": [{"field": "x", "operator": "contains", "value": "z"}] * 100}
    budget = Budget()
    assert not condition_holds(parse_condition(many), lookup_in({"x": ["y"] * 100_000}), budget)
    assert MAX_STEPS - budget.left <= 100 * (100_000 // CHEAP + 2)


@pytest.mark.parametrize(
    "data",
    [
        {"field": "a" + ".b" * 200, "operator": "is_null"},
        {"field": "a" * 2_001, "operator": "is_null"},
        {"field": ".".join("a" * 200_000), "operator": "is_null"},
        [{"field": "a", "operator": "is_null"}] * 10_001,
        {"any": [{"field": "a", "operator": "is_null"}] * 300_000},
    ],
)
def test_a_condition_that_is_too_large_is_refused(data):
    with pytest.raises(ConditionError, match=r"more than|longer than"):
        parse_condition(data)


def test_a_large_wrong_operator_is_not_shown():
    with pytest.raises(ConditionError, match="unknown operator a list") as caught:
        parse_condition({"field": "a", "operator": [1] * 100_000})
    assert len(str(caught.value)) < 400
