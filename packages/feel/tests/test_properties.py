"""Properties that hold for any text, context and value."""

import datetime
import zoneinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ichor_feel import (
    Date,
    DateTime,
    Evaluation,
    ParseError,
    Time,
    evaluate,
    parse,
    parse_unary_tests,
)
from ichor_feel.functions import BUILT_INS

_PIECES = [
    *"+-*/=<>()[]{},.:?@\"'`",
    *("**", "..", "!=", "<=", ">=", " ", "\n", "//", "/*", "*/", "->"),
    *("and", "or", "not", "in", "if", "then", "else", "for", "return", "some", "every"),
    *("satisfies", "between", "instance of", "function", "null", "true", "external"),
    *("1", "0.5", "1e9", '"a"', '@"2024-01-31"', '@"P1M"', "a", "b c", "item", "partial", "list<"),
    *sorted(BUILT_INS),
]
_TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(_PIECES), max_size=25).map("".join),
    st.lists(st.sampled_from(_PIECES), max_size=25).map(" ".join),
)
_NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=3) | st.integers()
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.floats() | st.text(max_size=8) | st.dates()
    | st.datetimes() | st.times() | st.timedeltas(),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["a", "b c", "item", "key"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
_CONTEXTS = st.dictionaries(st.sampled_from(["a", "b c", "item", "x"]), _VALUES, max_size=4)


# Expressions of all kinds, with names in place of values.
def _binary(inner):
    operators = st.sampled_from(
        ["+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "and", "or", "in"]
    )
    return st.tuples(inner, operators, inner).map(lambda one: f"({one[0]}) {one[1]} ({one[2]})")


def _forms(inner):
    pair = st.tuples(inner, inner)
    triple = st.tuples(inner, inner, inner)
    return st.one_of(
        _binary(inner),
        pair.map(lambda one: f"[{one[0]}, {one[1]}]"),
        pair.map(lambda one: f"{{a: {one[0]}, b c: {one[1]}}}"),
        pair.map(lambda one: f"({one[0]})[{one[1]}]"),
        inner.map(lambda one: f"({one}).a"),
        inner.map(lambda one: f"-({one})"),
        pair.map(lambda one: f"for x in {one[0]} return {one[1]}"),
        pair.map(lambda one: f"some x in {one[0]} satisfies {one[1]}"),
        pair.map(lambda one: f"[{one[0]}..{one[1]}]"),
        triple.map(lambda one: f"if {one[0]} then {one[1]} else {one[2]}"),
        triple.map(lambda one: f"({one[0]}) between ({one[1]}) and ({one[2]})"),
        inner.map(lambda one: f"(function(x) {one})(1)"),
        inner.map(lambda one: f"({one}) instance of list<number>"),
        st.tuples(st.sampled_from(sorted(BUILT_INS)), st.lists(inner, max_size=3)).map(
            lambda one: f"{one[0]}({', '.join(one[1])})"
        ),
    )


_ATOMS = st.sampled_from(
    [
        *("1", "0", "2.5", "-1", '"a"', '"2024-01-31"', "true", "null", "a", "b c", "x", "item"),
        *("[]", '@"2024-01-31"', '@"P1M"', '@"PT1H"', '@"10:00:00"', "(> 1)"),
        '@"2024-01-31T10:00:00Z"',
    ]
)
_EXPRESSIONS = st.recursive(_ATOMS, _forms, max_leaves=12)


@settings(max_examples=200, deadline=None)
@given(_TEXTS)
def test_parsing_raises_nothing_but_its_own_error(text):
    for read in (parse, parse_unary_tests):
        try:
            expression = read(text, ["b c"])
        except ParseError:
            pass
        else:
            assert read(str(expression)) == expression
            expression.check()
            expression.references()


@settings(max_examples=200, deadline=None)
@given(_EXPRESSIONS, _CONTEXTS)
def test_evaluating_raises_nothing(text, context):
    expression = parse(text, ["b c"])
    found = expression.evaluate(context, now="2024-05-31T09:30:00Z")
    assert isinstance(found, Evaluation)
    assert expression.evaluate(context, now="2024-05-31T09:30:00Z").problems == found.problems
    assert parse(str(expression)) == expression
    expression.check({"a": "number", "x": "list<string>"})


_EXACT = Context(prec=34, rounding=ROUND_HALF_EVEN, Emax=6144, Emin=-6143)
_WIDE_NUMBERS = st.builds(
    lambda digits, scale: Decimal(digits).scaleb(-scale),
    st.integers(min_value=-(10**34) + 1, max_value=10**34 - 1),
    st.integers(min_value=-40, max_value=40),
)


@settings(max_examples=150, deadline=None)
@given(_WIDE_NUMBERS, _WIDE_NUMBERS, st.sampled_from("+-*/"))
def test_arithmetic_is_that_of_decimal(left, right, operator):
    operations = {
        "+": _EXACT.add,
        "-": _EXACT.subtract,
        "*": _EXACT.multiply,
        "/": _EXACT.divide,
    }
    found = parse(f"a {operator} b").evaluate({"a": left, "b": right})
    try:
        assert found.value == operations[operator](left, right)
    except DecimalException:
        assert found.value is None
        assert found.failure is not None


@settings(max_examples=150, deadline=None)
@given(_WIDE_NUMBERS)
def test_text_of_a_number_reads_back(number):
    text = evaluate("string(a)", {"a": number}).value
    assert "E" not in text
    assert evaluate("number(t)", {"t": text}).value == number


_MOMENTS = st.datetimes(
    min_value=datetime.datetime(1900, 1, 1),  # noqa: DTZ001
    max_value=datetime.datetime(2200, 1, 1),  # noqa: DTZ001
)


@settings(max_examples=150, deadline=None)
@given(_MOMENTS, st.timedeltas(datetime.timedelta(-30_000), datetime.timedelta(30_000)))
def test_dates_are_those_of_datetime(moment, duration):
    context = {"m": moment, "d": duration}
    expected = moment + duration
    assert evaluate("m + d", context).value == evaluate("e", {"e": expected}).value
    assert evaluate("m + d - m", context).value == evaluate("d", context).value
    assert evaluate("date(m).weekday", context).value == moment.isoweekday()
    assert evaluate("week of year(m)", context).value == moment.isocalendar().week
    assert evaluate("day of year(m)", context).value == moment.timetuple().tm_yday
    assert evaluate("date and time(string(m)) = m", context).value is True


@settings(max_examples=120, deadline=None)
@given(
    _MOMENTS,
    st.sampled_from(["Europe/Zurich", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
    st.timedeltas(datetime.timedelta(-400), datetime.timedelta(400)),
)
def test_zones_are_those_of_zoneinfo(moment, name, duration):
    zone = zoneinfo.ZoneInfo(name)
    moment = moment.replace(fold=0)
    utc = (moment.replace(tzinfo=zone).astimezone(datetime.UTC) + duration).astimezone(zone)
    found = evaluate("m + d", {"m": moment.replace(tzinfo=zone), "d": duration}).value
    assert isinstance(found, DateTime)
    again = utc.replace(fold=0).utcoffset() != utc.utcoffset()  # the second time of an hour
    assert (found.zone == name) is not again
    expected = evaluate("m", {"m": utc.replace(tzinfo=None)}).value
    assert (found.date, found.time.nanoseconds) == (expected.date, expected.time.nanoseconds)


@given(st.integers(-999_999_999, 999_999_999), st.integers(-10_000_000, 10_000_000))
def test_days_beyond_the_library(year, days):
    start = Date(year, 2, 28)
    found = evaluate('d + n * @"P1D"', {"d": start, "n": days}).value
    assume(found is not None)
    assert found.number - start.number == days


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3).map(Decimal),
    st.sampled_from(["", "a", "b"]),
    st.builds(Date, st.integers(2020, 2021), st.integers(1, 2), st.integers(1, 2)),
    st.builds(Time, st.integers(0, 2), st.sampled_from([None, 0, 3600])),
)


def _slowly_equal(left, right):
    """True, False, or None, by the words of the standard."""
    if left is None or right is None:
        return left is None and right is None
    if type(left) is not type(right):
        return None
    if isinstance(left, Time) and (left.zone is None) != (right.zone is None):
        return False
    if isinstance(left, Time):
        return _seconds(left) == _seconds(right)
    return left == right


def _seconds(time):
    return time.nanoseconds - (time.zone or 0) * 1_000_000_000


def _slowly_less(left, right):
    if left is None or right is None or type(left) is not type(right) or isinstance(left, bool):
        return None
    if isinstance(left, Time):
        # Without a zone it has that of the other one.
        if left.zone is None or right.zone is None:
            return left.nanoseconds < right.nanoseconds
        return _seconds(left) < _seconds(right)
    if isinstance(left, Date):
        return (left.year, left.month, left.day) < (right.year, right.month, right.day)
    return left < right


@settings(max_examples=250, deadline=None)
@given(_SCALARS, _SCALARS)
def test_comparison_agrees_with_a_slow_model(left, right):
    context = {"a": left, "b": right}
    same = _slowly_equal(left, right)
    assert parse("a = b").evaluate(context).value is same
    assert parse("a != b").evaluate(context).value is (None if same is None else not same)
    assert parse("a < b").evaluate(context).value is _slowly_less(left, right)
    assert parse("a > b").evaluate(context).value is _slowly_less(right, left)


@settings(max_examples=250, deadline=None)
@given(_SCALARS, st.lists(_SCALARS, max_size=4))
def test_in_agrees_with_a_slow_model(value, items):
    expected = any(_slowly_equal(value, item) is True for item in items)
    context = {"v": value, "l": items} | {f"i{place}": item for place, item in enumerate(items)}
    assert parse("v in l").evaluate(context).value is expected
    if items:
        tests = ", ".join(f"i{place}" for place in range(len(items)))
        assert parse(f"v in ({tests})").evaluate(context).value is expected


@settings(max_examples=250, deadline=None)
@given(_SCALARS, _SCALARS, _SCALARS, st.sampled_from(["[", "("]), st.sampled_from(["]", ")"]))
def test_ranges_agree_with_a_slow_model(value, low, high, opening, closing):
    found = parse(f"v in {opening}a..b{closing}").evaluate({"v": value, "a": low, "b": high})
    if _slowly_less(low, high) is None or _slowly_less(high, low):
        assert not found.value
        return
    above = _slowly_less(low, value), _slowly_less(value, low)
    below = _slowly_less(value, high), _slowly_less(high, value)
    if None in above or None in below:
        assert not found.value
        return
    inside = (above[0] or (opening == "[" and not above[1])) and (
        below[0] or (closing == "]" and not below[1])
    )
    assert found.value is bool(inside)
