"""Parsing: trees, names, and errors that help."""

import pytest

from ichor_feel import ParseError, evaluate, parse, parse_unary_tests


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("1+2*3", "1 + 2 * 3"),
        ("(1+2)*3", "(1 + 2) * 3"),
        ("1-(2-3)", "1 - (2 - 3)"),
        ("-5**2", "-5 ** 2"),
        ("a.b.c[x>1][1]", "a.b.c[x > 1][1]"),
        ("if a then b else if c then d else e", "if a then b else if c then d else e"),
        ("x in ]1..5[", "x in ((1..5))"),
        ("x in (<5,[1..2])", "x in (< 5, [1..2])"),
        ("`my name`+1", "`my name` + 1"),
        ('{a b: 1, "c": 2}', '{"a b": 1, c: 2}'),
        ('string length("a")', 'string length("a")'),
        ("function(x:list<number>) x", "function(x: list<number>) x"),
        ("x instance of days and time duration", "x instance of days and time duration"),
        ("1.50", "1.5"),
        ('"\\u00e9\\n"', '"é\\n"'),
    ],
)
def test_printing(text, printed):
    expression = parse(text)
    assert str(expression) == printed
    assert parse(printed) == expression


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("1 +", 1, 4, "expected an expression, found the end of the text"),
        ("1 +\n* 2", 2, 1, "expected an expression, found '*'"),
        ("if a then b", 1, 12, "expected else after the value of then"),
        ("for x in y retrun x", 1, 12, "did you mean 'return'?"),
        ('"abc', 1, 1, "the text is not closed"),
        ("[1, 2", 1, 6, "expected ] or , after an item"),
        ("Monthly Salary * 2", 1, 9, "`Monthly Salary`"),
        ("a # b", 1, 3, "unexpected character '#'"),
        ("", 1, 1, "expected an expression"),
        ("uper case(x)", 1, 6, "did you mean 'upper case'?"),
        ("1 2", 1, 3, "expected an operator or the end of the text"),
        ("f(a: 1, 2)", 1, 9, "expected a named argument"),
        ("1e9999", 1, 1, "the number is out of range"),
        ("/* x", 1, 1, "the comment is not closed"),
    ],
)
def test_error(text, line, column, message):
    with pytest.raises(ParseError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert message in str(caught.value)


def test_names_of_several_words():
    context = {"Monthly Salary": 100, "order": {"due date": 3, "a-b": 4}}
    assert evaluate("Monthly  Salary * 2", context).value == 200
    assert evaluate("order.due date + order.a-b", context).value == 7
    assert evaluate("[order][due date = 3][1].a-b", context).value == 4
    assert evaluate("`Monthly Salary` + 1", context).value == 101


def test_longest_name_wins():
    context = {"a": 10, "b": 3, "a-b": 1}
    assert evaluate("a-b", context).value == 1
    assert evaluate("(a)-b", context).value == 7
    assert evaluate("a-b", {"a": 10, "b": 3}).value == 7


def test_comments_and_spaces():
    assert evaluate("1 // one\n + /* two */ 2\u00a0").value == 3


def test_limits_of_depth_and_length():
    assert evaluate("(" * 90 + "1" + ")" * 90).value == 1
    assert evaluate("1" + " + 1" * 10_000).value == 10_001
    with pytest.raises(ParseError, match="nested deeper than 100 levels"):
        parse("[" * 101 + "]" * 101)
    with pytest.raises(ParseError, match="at most 65536 are allowed"):
        parse("1" * 65_537)


@pytest.mark.parametrize(
    ("tests", "value", "passes"),
    [
        ("-", None, True),
        ("1, 2, 3", 2, True),
        ("< 5", 7, False),
        ("[1..5), > 9", 5, False),
        ("not(1, 2)", 3, True),
        ("? > 1 and ? < 3", 2, True),
        ('starts with(?, "a")', "abc", True),
        ("x", 4, True),
        ("null", None, True),
    ],
)
def test_unary_tests(tests, value, passes):
    assert parse_unary_tests(tests).test(value, {"x": 4}).value is passes


def test_parsing_is_cached():
    assert parse("1 + 1") is parse("1 + 1")
    assert parse("a b", ["a b"]) is parse("a b", ["a b", "plain"])
