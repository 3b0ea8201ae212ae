"""Templates: typed results, text, filters, and errors that say what there is."""

import string
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ichor_core import exact_json
from ichor_core.errors import TemplateError
from ichor_core.expressions.context import MergedContext
from ichor_core.expressions.filters import FILTERS
from ichor_core.expressions.paths import parse_reference as ref
from ichor_core.expressions.paths import target_of
from ichor_core.expressions.syntax import KEPT_LENGTH, KEPT_TEXTS, parse_template
from ichor_core.expressions.template import context_lookup, resolve_templates

CONTEXT = MergedContext(
    {
        "amount": 12345678901234567890123,
        "price": Decimal("0.1000000000000000000001"),
        "customer": {"tier": "gold", "tags": ["a", "b"], "none": None},
        "x.y": 5,
        "quoted": 'say "hi"',
        "braces": "{{amount}}",
        "ok": True,
        "ratio": 1e22,
        "huge": 10**4_200,
    },
    {"Call API": {"status": 200, "items": [{"sku": "S1"}]}, "a": {"b": {"c": 1}}, "a.b": {"c": 2}},
    ["gone"],
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{amount}}", 12345678901234567890123),
        ("{{ price }}", Decimal("0.1000000000000000000001")),
        ("{{customer}}", {"tier": "gold", "tags": ["a", "b"], "none": None}),
        ("{{customer.tags.1}}", "b"),
        ("{{customer.tags[0]}}", "a"),
        ("{{customer.tags.-1}}", "b"),
        ("{{trigger.customer.tier}}", "gold"),
        ("{{Call API}}", {"status": 200, "items": [{"sku": "S1"}]}),
        ("{{Call API.items[0].sku}}", "S1"),
        ('{{"Call API".status}}', 200),
        ('{{"Call API"}}', "Call API"),
        ('{{ "gone" }}', "gone"),
        ("{{a.b.c}}", 2),
        ('{{"a".b.c}}', 1),
        ("{{x.y}}", 5),
        ("{{ok}}", True),
        ('{{"literal"}}', "literal"),
        ("{{customer.none}}", None),
        ("no templates } { }", "no templates } { }"),
    ],
)
def test_exact_template_keeps_the_type(text, value):
    resolved = resolve_templates(text, CONTEXT)
    assert resolved == value
    assert type(resolved) is type(value)


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("n={{amount}}", "n=12345678901234567890123"),
        ("{{price}} €", "0.1000000000000000000001 €"),
        ("{{ratio}}!", "10000000000000000000000!"),
        ("{{ok}}/{{customer.none}}/", "true//"),
        ("<{{customer.tags}}>", '<["a","b"]>'),
        ("{{braces}} stays", "{{amount}} stays"),
        ('{{"{{"}} and {{"}}"}}', "{{ and }}"),
        ("{{quoted}}.", 'say "hi".'),
        ("{{customer.tier}}{{customer.tier}}", "goldgold"),
    ],
)
def test_inside_text_it_is_rendered(text, rendered):
    assert resolve_templates(text, CONTEXT) == rendered


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{{nope | default: "x"}}', "x"),
        ("{{nope.deep | default: null}}", None),
        ("{{gone.x | default: 0}}", 0),
        ("{{customer.none | default: [1]}}", [1]),
        ("{{customer.tier | upper}}", "GOLD"),
        ('{{"  Ab " | trim | lower}}', "ab"),
        ('{{"abcdefgh" | truncate: 4}}', "abc…"),
        ('{{"abcdefgh" | truncate: 4, "--"}}', "ab--"),
        ('{{"abc" | truncate: 3}}', "abc"),
        ("{{customer.tags | join}}", "a, b"),
        ('{{customer.tags | join: "|"}}', "a|b"),
        ("{{customer.tags | first}}", "a"),
        ("{{customer.tags | last}}", "b"),
        ("{{customer.tags | length}}", 2),
        ("{{customer | length}}", 3),
        ("{{price | round: 2}}", Decimal("0.10")),
        ("{{amount | round}}", 12345678901234567890123),
        ("{{customer.tags | json}}", '["a","b"]'),
        ('{{"2026-03-04T05:06:07Z" | date}}', "2026-03-04"),
        ('{{"2026-03-04T05:06:07Z" | date: "%d.%m.%Y %H:%M 100%%"}}', "04.03.2026 05:06 100%"),
        ('{{nope | default: "a|b,c}}"}}', "a|b,c}}"),
    ],
)
def test_filters(text, value):
    assert resolve_templates(text, CONTEXT) == value


def test_every_filter_is_tested_above():
    marks = test_filters.pytestmark[0].args[1]
    assert all(any(f"| {name}" in text for text, _ in marks) for name in FILTERS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{nope}}", "the trigger data has no 'nope'; it has amount, price, customer"),
        ("{{Call API.body}}", "the result of 'Call API' has no 'body'; it has status, items"),
        ("{{gone.x}}", "action 'gone' has not run"),
        ("{{customer.tags.7}}", "it is a list of 2"),
        ("{{customer.tier.x}}", "it is gold, not an object"),
        ("{{customer.tier | trucate}}", "unknown filter 'trucate'; known: default, upper"),
        ("{{customer | upper}}", "upper needs text, not an object"),
        ("{{customer.tier | round}}", "round needs a number"),
        ("{{customer.tier | default}}", "default takes 1 to 1 arguments"),
        ("{{customer.tier | truncate: x}}", "x is not a literal"),
        ('{{customer.tier | truncate: "x"}}', "truncate cannot take 'x'"),
        ("{{customer.tier | truncate: 99999999}}", "from 0 to 1000000"),
        ('{{"2026-01-01" | date: "%c"}}', "date does not support %c"),
        ('{{"yesterday" | date}}', "date cannot read 'yesterday'"),
        ("{{", "never close"),
        ("{{ a", "never close"),
        ("{{}}", "is empty"),
        ('{{"a}}', "never ends"),
        ("{{ {{a}} }}", "braces inside"),
        ("{{" + "a" * 5000 + "}}", "longer than 2000"),
        ("{{" + "a." * 300 + "a}}", "more than 200 parts"),
        ("{{a}}" * 10_001, "more than 10000 expressions"),
        ("{{huge | round}}", "round takes a number of at most 2180 digits"),
    ],
)
def test_errors_say_what_and_where(text, message):
    with pytest.raises(TemplateError) as caught:
        resolve_templates({"to": [text]}, CONTEXT)
    assert message in str(caught.value)
    assert caught.value.path == "$.to[0]"


def test_a_bomb_is_refused():
    context = MergedContext({"big": "x" * 300_000})
    with pytest.raises(TemplateError, match="longer than 1048576"):
        resolve_templates("{{big}}" * 10, context)


def test_missing_field_of_condition_is_null():
    lookup = context_lookup(CONTEXT)
    assert lookup("nope.x") is None
    assert lookup("customer.tier") == "gold"


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(string.ascii_letters, max_size=5), inner, max_size=4)
    ),
    max_leaves=10,
)
names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@given(names, plain)
def test_any_name_can_be_quoted_and_any_value_comes_through(name, value):
    context = MergedContext({}, {name: {"v": value}})
    quoted = exact_json.encode(name).decode()
    assert resolve_templates(f"{{{{{quoted}.v}}}}", context) == value


@given(plain)
def test_what_is_put_in_is_never_scanned_again(value):
    context = MergedContext({"v": value, "inner": "WRONG"})
    text = resolve_templates("<{{v}}>", context)
    assert text.startswith("<")
    assert text.endswith(">")
    again = resolve_templates(
        "<{{v}}>", MergedContext({"v": "{{inner}}" if value is None else value})
    )
    assert "WRONG" not in again


@given(st.text(max_size=200))
def test_any_text_is_parsed_or_refused(text):
    try:
        parts = parse_template(text)
    except TemplateError:
        return
    assert "".join(part for part in parts if isinstance(part, str)) in text or "{{" in text


def test_target_prefers_the_longest_name():
    assert target_of(ref("a.b.c"), {"a", "a.b"}).action == "a.b"
    assert target_of(ref("a.b.c"), {"a"}).path == ("b", "c")
    assert target_of(ref("trigger.a"), {"a", "trigger"}).action is None
    assert target_of(ref("triggered"), {"a"}).path == ("triggered",)


@pytest.mark.parametrize("part", ["--1", "-", "1", "-2", "9" * 500])
def test_an_index_that_the_list_does_not_have_is_missing(part):
    with pytest.raises(TemplateError, match="is missing"):
        resolve_templates(f"{{{{list.{part}}}}}", MergedContext({"list": ["only"]}))


def size_of(value, seen):
    if id(value) in seen:
        return 0
    seen.add(id(value))
    inner = value if isinstance(value, tuple) else getattr(value, "__struct_fields__", ())
    if not isinstance(value, tuple):
        inner = [getattr(value, name) for name in inner]
    return sys.getsizeof(value) + sum(size_of(one, seen) for one in inner)


def test_what_is_kept_of_templates_is_bounded_in_bytes():
    worst = ["{{a}}" * 51, "{{a" + "|last" * 50 + "}}", '{{a|default:"' + "é" * 200 + '"}}']
    largest = max(size_of(parse_template(text), set()) for text in worst)
    assert all(len(text) <= KEPT_LENGTH for text in worst)
    assert largest * KEPT_TEXTS < 64 * 1024 * 1024


def test_a_long_template_is_not_kept():
    text = "{{a}}" * 52
    assert len(text) > KEPT_LENGTH
    assert parse_template(text) is not parse_template(text)
    assert parse_template(text[:250]) is parse_template(text[:250])


def test_references_are_too_long_as_conditions_have_them():
    with pytest.raises(TemplateError, match="more than 200 parts"):
        ref(".".join("a" * 300))
    with pytest.raises(TemplateError, match="longer than 2000 characters"):
        ref(".".join("a" * 200_000))
