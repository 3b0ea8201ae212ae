"""Every built-in function gives what its own example says."""

import pytest

import ichor_feel
from ichor_feel.functions import BUILT_INS
from ichor_feel.reference import EXAMPLE_NOW, functions_markdown


@pytest.mark.parametrize("name", sorted(BUILT_INS))
def test_example(name):
    function = BUILT_INS[name]
    expression = ichor_feel.parse(function.example)
    assert expression.check() == ()
    found = expression.evaluate(now=EXAMPLE_NOW)
    assert found.problems == ()
    assert found.value == ichor_feel.evaluate(function.result).value


@pytest.mark.parametrize("name", sorted(BUILT_INS))
def test_arguments_that_no_function_takes(name):
    found = ichor_feel.evaluate(f"{name}({', '.join(['function(x) x'] * 9)})")
    assert found.value is None or name in {
        "append",
        "concatenate",
        "union",
    }


def test_every_function_is_in_the_reference():
    text = functions_markdown()
    assert all(f"`{name}(" in text for name in BUILT_INS)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('format number(1234567.891, "#,##0.00")', "1,234,567.89"),
        ('format number(1234567.891, "#.##0,00")', "1.234.567,89"),
        ('format number(-1234.5, "#\'##0.00 CHF")', "-1'234.50 CHF"),
        ('format number(0.256, "0.0%")', "25.6%"),
        ('format number(7, "000")', "007"),
        ('format number(2.5, "0")', "3"),
        ('format date(@"2024-05-03T14:05:09", "H:mm, EEEE d MMM yy")', "14:05, Friday 3 May 24"),
        ('format date(@"2024-05-03", "yyyy \'at\' ww")', "2024 at 18"),
        ('replace("abc", "(b)", "[$1]")', "a[b]c"),
        ('replace("a.b", ".", "x", "q")', "axb"),
        ('url encode("ä/ü")', "%C3%A4%2F%C3%BC"),
        ('string({a: [1, "x"], b: null})', '{a: [1, "x"], b: null}'),
        ("string(-0.00000001)", "-0.00000001"),
        ("string(1e10)", "10000000000"),
        (
            'string(@"2024-03-31T01:30:00@Europe/Zurich" + @"PT1H")',
            "2024-03-31T03:30:00@Europe/Zurich",
        ),
    ],
)
def test_text(expression, value):
    assert ichor_feel.evaluate(expression).value == value


@pytest.mark.parametrize(
    ("text", "pattern", "flags", "found"),
    [
        ("x", "[A-Z-[OI]]", "i", True),
        ("O", "[A-Z-[OI]]", "i", False),
        ("q", "[^Q]", "i", False),
        ("a\nb", "a.b", "", False),
        ("a\nb", "a.b", "s", True),
        ("a\nb", "^b$", "m", True),
        ("a\nb", "^b$", "", False),
        ("hello world", "hello\\ sworld", "x", True),
        ("é", "\\p{L}", "", True),
        ("é", "\\p{IsBasicLatin}", "", False),
        ("-", "[a-z-]", "", True),
        ("ab1", "^\\w\\W*\\w\\d$", "", True),
    ],
)
def test_pattern(text, pattern, flags, found):
    expression = ichor_feel.parse("matches(t, p, f)")
    assert expression.evaluate({"t": text, "p": pattern, "f": flags}).value is found


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "[",
        "a{2,1}",
        "(a)\\1",
        "[a-z",
        "\\q",
        "(?=a)",
        "*",
        "\\p{Xx}",
        "[b-a]",
        "a**",
        "\\",
    ],
)
def test_pattern_that_is_refused(pattern):
    found = ichor_feel.evaluate("matches(t, p)", {"t": "aa", "p": pattern})
    assert found.value is None
    assert "pattern cannot be used" in found.problems[0].message
