"""Why a value is null, and who has dealt with it."""

import pytest

from ichor_feel import Limits, evaluate, parse

_ORDER = {"order": {"total": 120, "note": None, "items": [{"sku": "a"}]}}


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("oder.total", "unknown-name", "nothing is named 'oder'; did you mean 'order'?"),
        ("order.totl", "no-entry", "did you mean 'total'?"),
        ("order.items[2].sku", "no-item", "no item 2 in a list of 1 item"),
        ("order.total / 0", "arithmetic", "division by zero"),
        ('order.total + "1"', "wrong-type", 'cannot add the number 120 and the string "1"'),
        ("uper case(order.note)", "unknown-function", "did you mean 'upper case'?"),
        ("upper case(order.total)", "wrong-type", "string must be string, not the number 120"),
        ("abs(1, 2)", "arguments", "wrong number of arguments; it is abs(n)"),
        ('date("2024-02-30")', "invalid-value", '"2024-02-30" is no date'),
        ("now()", "no-clock", "no moment was given"),
        ("{a: 1, a: 2}", "duplicate-key", "the key 'a' is there twice"),
        ('assert(1, false, "must hold")', "assertion", "must hold"),
        ("9 ** 9 ** 9 ** 9 ** 9", "arithmetic", "cannot raise"),
    ],
)
def test_null_result(text, code, message):
    names = {"uper case"} if "uper" in text else ()
    found = parse(text, names).evaluate(_ORDER)
    assert found.value is None
    assert found.failure is not None
    assert found.failure.code == code
    assert message in found.failure.message
    assert text[slice(*found.failure.span)]


@pytest.mark.parametrize(
    "text",
    [
        "get or else(order.totl, 5)",
        "is defined(order.totl)",
        "order.totl = null",
        "if order.totl > 5 then 1 else 2",
        "if order.totl != null then order.totl else 0",
    ],
)
def test_handled(text):
    found = evaluate(text, _ORDER)
    assert found.value is not None
    assert (found.problems, found.absorbed) == ((), ())
    assert [one.code for one in found.handled][:1] == ["no-entry"]


@pytest.mark.parametrize(
    "text", ["order.totl != 5", "order.items[price > 5]", 'string join(["a", order.totl])']
)
def test_absorbed(text):
    found = evaluate(text, _ORDER)
    assert found.value is not None
    assert (found.problems, found.handled) == ((), ())
    assert found.absorbed


def test_null_that_is_there_has_no_problem():
    found = evaluate("order.note", _ORDER)
    assert (found.value, found.problems, found.failure) == (None, (), None)


def test_null_within_a_value():
    found = evaluate("{a: order.totl, b: [1, 1 / 0]}", _ORDER)
    assert found.value == {"a": None, "b": [1, None]}
    assert [one.code for one in found.problems] == ["no-entry", "arithmetic"]
    assert found.failure is None


def test_first_cause_is_kept():
    found = evaluate("(order.totl + 1) * 2", _ORDER)
    assert [one.code for one in found.problems] == ["no-entry"]


def test_all_causes_are_handled_together():
    found = evaluate("get or else(order.totl + order.tax, 0)", _ORDER)
    assert found.value == 0
    assert (len(found.handled), found.absorbed) == (2, ())


def test_problems_are_bounded():
    found = evaluate("for i in 1..5000 return nothing")
    assert len(found.problems) == 101
    assert found.problems[-1].code == "more"


def test_limit():
    found = parse("for i in 1..1000 return i").evaluate(limits=Limits(items=100))
    assert found.failure is not None
    assert found.failure.message == "stopped: more than 100 list items"
    assert found.failure.code == "limit"


@pytest.mark.parametrize(
    "value",
    [float("nan"), object(), {1: 2}, 1 << 30_000, {"a": {1}}],
    ids=["nan", "object", "key", "large", "set"],
)
def test_input_that_is_no_value(value):
    found = evaluate("x", {"x": value})
    assert found.problems[0].code == "input"
