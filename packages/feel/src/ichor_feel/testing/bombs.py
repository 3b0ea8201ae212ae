"""Expressions that would run for ever, or fill the memory, without limits."""

from __future__ import annotations

from typing import Any, Final

_LONG: Final = "x" * 500_000

BOMBS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "a billion items": ("for i in 1..1000000000 return i", {}),
    "a billion items unused": ("some i in 1..1000000000 satisfies i < 0", {}),
    "every of a billion": ("every i in 1..1000000000 satisfies i > 0", {}),
    "nested products": ("for a in 1..1000, b in 1..1000, c in 1..1000 return a * b * c", {}),
    "nested loops": (
        "for a in 1..1000 return for b in 1..1000 return for c in 1..1000 return 1",
        {},
    ),
    "loop over dates": ('for d in @"0001-01-01"..@"9999999-12-31" return d', {}),
    "filter of a filter": (
        "{a: for i in 1..5000 return i, b: a[count(a[item > 1]) > 0]}.b",
        {},
    ),
    "partial kept": ("for i in 1..100000 return partial", {}),
    "partial summed": ("for i in 1..100000 return sum(partial)", {}),
    "doubled text": (
        'for i in 1..60 return if i = 1 then "ab" else partial[-1] + partial[-1]',
        {},
    ),
    "doubled list": (
        "for i in 1..60 return if i = 1 then [1, 2] else concatenate(partial[-1], partial[-1])",
        {},
    ),
    "joined texts": (
        'string join(for i in 1..200000 return "xxxxxxxxxx", "yyyyyyyyyy")',
        {},
    ),
    "joined with long delimiter": ('string join(for i in 1..1000 return "", t)', {"t": _LONG}),
    "replace that grows": (
        'replace(replace(replace(t, ".", "$0$0$0$0$0$0$0$0$0$0"), ".", "$0$0$0$0$0$0$0$0$0$0"), '
        '".", "$0$0$0$0")',
        {"t": "x" * 10_000},
    ),
    "backtracking": ('matches(t, "^(a+)+$")', {"t": "a" * 5_000 + "b"}),
    "backtracking with choices": ('matches(t, "^(a|aa|a?)+$")', {"t": "a" * 5_000 + "b"}),
    "large repetition": ('matches(t, "((a{1,900}){1,900}){1,900}")', {"t": "aaaa"}),
    "states of an automaton": (
        'matches(t, "(a|b)*a(a|b){400}c")',
        {"t": "ab" * 100_000},
    ),
    "long pattern": ("matches(t, t)", {"t": _LONG}),
    "many matches": ('extract(t, "x")', {"t": _LONG}),
    "many parts": ('split(t, "x")', {"t": _LONG}),
    "patterns in a loop": (
        'for i in 1..100000 return matches(t, "a" + string(i))',
        {"t": "b" * 1_000},
    ),
    "sorted by a costly order": (
        "sort(for i in 1..20000 return modulo(i * 7919, 20011), "
        "function(a, b) sum(for j in 1..100 return j) > 0 and a < b)",
        {},
    ),
    "sorted long": ("sort(for i in 1..200000 return modulo(i * 7919, 200003))", {}),
    "recursion": ("{f: function(g, n) g(g, n + 1), r: f(f, 0)}.r", {}),
    "recursion that doubles": ("{f: function(g, n) g(g, n + 1) + g(g, n + 1), r: f(f, 0)}.r", {}),
    "recursion through a list": (
        "{f: function(g) for h in [g, g] return h(h), r: f(f)}.r",
        {},
    ),
    "power": ("10 ** 999999", {}),
    "powers in a loop": ("for i in 1..1000000 return 1.0000001 ** 123456.789", {}),
    "power of powers": ("9 ** 9 ** 9 ** 9 ** 9", {}),
    "long numbers": ("for i in 1..100000 return string(10 ** 6000)", {}),
    "scales": ("for i in 1..1000000 return decimal(10 ** 6000, 6000)", {}),
    "shared lists flattened": (
        "flatten(for i in 1..64 return if i = 1 then [1, 1] else [partial[-1], partial[-1]])",
        {},
    ),
    "shared lists as text": (
        "string(for i in 1..40 return if i = 1 then [1, 1] else [partial[-1], partial[-1]])",
        {},
    ),
    "shared lists as JSON": (
        "to json(for i in 1..40 return if i = 1 then [1, 1] else [partial[-1], partial[-1]])",
        {},
    ),
    "shared lists compared": (
        "{a: for i in 1..40 return if i = 1 then [1, 1] else [partial[-1], partial[-1]], "
        "b: for i in 1..40 return if i = 1 then [1, 1] else [partial[-1], partial[-1]], "
        "c: a = b}.c",
        {},
    ),
    "deep list compared": (
        "{a: for i in 1..5000 return if i = 1 then [] else [partial[-1]], "
        "b: for i in 1..5000 return if i = 1 then [] else [partial[-1]], c: a = b}.c",
        {},
    ),
    "parentheses": ("(" * 30_000 + "1" + ")" * 30_000, {}),
    "a hundred thousand parentheses": ("(" * 100_000 + "1" + ")" * 100_000, {}),
    "a long sum": ("1" + " + 1" * 16_000, {}),
    "a hundred thousand sums": ("1" + " + 1" * 100_000, {}),
    "many filters": ("[1]" + "[1]" * 20_000, {}),
    "many minuses": ("-" * 60_000 + "1", {}),
    "open intervals": ("[1..a" * 12_000, {}),
    "many ifs": ("if true then 1 else " * 3_000 + "1", {}),
    "failures in a loop": ("for i in 1..1000000 return nothing.at.all", {}),
    "unequal kinds in a loop": ('for i in 1..1000000 return i < "a"', {}),
    "distinct contexts": ("distinct values(for i in 1..20000 return {a: i})", {}),
    "lambdas kept": ("for i in 1..200000 return function(x) x + i", {}),
    "JSON of JSON": (
        'for i in 1..40 return if i = 1 then "\\"" else to json(partial[-1])',
        {},
    ),
    "csv": ("csv(for i in 1..20000 return {a: t})", {"t": "x" * 1_000}),
    "ranges by text": ('for i in 1..1000000 return range("[1..2]")', {}),
    "dates in a loop": (
        'for i in 1..1000000 return date and time("2024-03-31T02:30:00@Europe/Zurich") + @"P1D"',
        {},
    ),
    "members of long lists": ("for i in 1..1000 return t.a", {"t": [{"a": 1}] * 10_000}),
    "input that holds itself": ("t", {}),
    "long texts compared": ("for i in 1..1000000 return t = u", {"t": _LONG, "u": "x" * 500_000}),
    "tests within tests": ("1 in (" * 45 + "1" + ") + 1" * 45, {}),
    "intervals within intervals": ("[1.." * 45 + "2" + "]" * 45, {}),
    "median of many": ("for i in 1..1000000 return median(t)", {"t": list(range(20_000))}),
    "text searched": ('for i in 1..1000000 return contains(t, "xy")', {"t": _LONG}),
}

_itself: list[Any] = []
_itself += [_itself, _itself]
BOMBS["input that holds itself"] = ("t", {"t": _itself})
