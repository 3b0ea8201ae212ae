"""What can be said without values: reads, issues and types."""

import pytest

from ichor_feel import parse, parse_type

_NAMES = {
    "order": "context<total: number, placed: date, "
    "items: list<context<sku: string, price: number>>>",
    "x": "Any",
}


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("order.customer.name", [("order", "customer", "name")]),
        ("order.items[1].sku", [("order", "items")]),
        ("for o in orders return o.total + rate", [("orders",), ("rate",)]),
        ("orders[total > limit]", [("limit",), ("orders",), ("total",)]),
        ("{a: x, b: a + y}", [("x",), ("y",)]),
        ("function(a) a + b", [("b",)]),
        ("some i in xs satisfies i.a = partial", [("partial",), ("xs",)]),
        ("sum(order.items.price)", [("order", "items", "price")]),
        ("f(order)", [("f",), ("order",)]),
        ("order.a + order", [("order",)]),
        ("`my order`.`due date`", [("my order", "due date")]),
    ],
)
def test_references(text, paths):
    assert list(parse(text).references()) == paths


def test_reads_say_whether_they_are_certain():
    reads = parse("orders[total > limit]").reads()
    assert [(read.path, read.certain) for read in reads] == [
        (("orders",), True),
        (("total",), False),
        (("limit",), False),
    ]


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ('substrng("a", 1)', "unknown-function", "substrng"),
        ("abs(1, 2)", "arguments", "abs(1, 2)"),
        ('substring(string: "a", start: 1)', "arguments", "1"),
        ('1 + "a"', "wrong-type", '1 + "a"'),
        ('order.total + "a"', "wrong-type", 'order.total + "a"'),
        ("order.totl", "no-entry", "order.totl"),
        ("oder.total", "unknown-name", "oder"),
        ("order.items[prce > 1]", "unknown-name", "prce"),
        ("upper case(order.total)", "wrong-type", "order.total"),
        ("if order.total then 1 else 2", "wrong-type", "order.total"),
        ("{a: 1, a: 2}", "duplicate-key", "a"),
        ('@"2024-13-01"', "invalid-value", '@"2024-13-01"'),
        ("1 instance of nmber", "unknown-type", "1 instance of nmber"),
        ('order.placed = "2024-01-01"', "wrong-type", 'order.placed = "2024-01-01"'),
        ("order.placed.yaer", "no-entry", "order.placed.yaer"),
    ],
)
def test_issue(text, code, at):
    [issue] = parse(text).check(_NAMES)
    assert issue.code == code
    assert text[slice(*issue.span)] == at


@pytest.mark.parametrize(
    "text",
    [
        "order.total * 1.2 + x",
        "order.items[price > 10].sku",
        "for i in order.items return i.price",
        'order.placed + @"P30D"',
        "{f: function(a) a * 2, b: f(3)}.b",
        "sort(order.items, function(a, b) a.price < b.price)[1].sku",
        "x.anything.at.all(1)",
        'string join(order.items.sku, ", ")',
        "if x = null then 0 else order.total",
        'contains(["one item"], "o")',
    ],
)
def test_no_issue(text):
    assert parse(text).check(_NAMES) == ()


def test_names_are_unknown_only_if_names_are_given():
    assert parse("a + b.c").check() == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("order.total / 2", "number"),
        ("order.items.price", "list<number>"),
        ("order.items[1]", "context<sku: string, price: number>"),
        ("order.placed - order.placed", "days and time duration"),
        ("order.total > 1", "boolean"),
        ("x", "Any"),
        ("if x then 1 else null", "number"),
    ],
)
def test_result_type(text, kind):
    assert parse(text).result_type(_NAMES) == parse_type(kind)


def test_types_of_the_caller():
    text = "x instance of tPrices"
    types = {"tPrices": "list<tPrice>", "tPrice": "number"}
    assert parse(text, types=types).evaluate({"x": [1, 2]}).value is True
    assert parse(text, types=types).evaluate({"x": ["1"]}).value is False
    assert parse(text).evaluate({"x": [1]}).value is None
