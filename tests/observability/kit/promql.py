"""The metrics and labels that an expression of PromQL uses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from promql_parser import (
    AggModifierType,
    AggregateExpr,
    BinaryExpr,
    Expr,
    Matcher,
    MatchOp,
    VectorSelector,
    parse,
    walk,
)


@dataclass(frozen=True)
class Use:
    """A selector, with what is asked of its labels."""

    metric: str
    matchers: tuple[Matcher, ...]
    labels: frozenset[str]
    """Of matchers, and of groups and joins around it."""


def uses(expression: str) -> list[Use]:
    """Return every selector of an expression.

    Raises:
        ValueError: it is not PromQL.
    """
    return list(_uses(parse(expression), frozenset()))


def _uses(expr: Expr, asked: frozenset[str]) -> Iterator[Use]:
    if isinstance(expr, VectorSelector):
        assert expr.name is not None, f"no metric is named: {expr}"
        matchers = tuple(expr.matchers.matchers)
        labels = asked | {matcher.name for matcher in matchers}
        yield Use(expr.name, matchers, labels)
        return
    asked |= _asked_by(expr)
    for child in _children(expr):
        yield from _uses(child, asked)


def _asked_by(expr: Expr) -> frozenset[str]:
    if isinstance(expr, AggregateExpr) and expr.modifier is not None:
        assert expr.modifier.type == AggModifierType.By, "what `without` leaves is not known here"
        return frozenset(expr.modifier.labels)
    if isinstance(expr, BinaryExpr) and expr.modifier is not None:
        assert not expr.modifier.group_labels, "what a join adds is not known here"
        joined = expr.modifier.matching
        return frozenset(joined.labels if joined is not None else ())
    return frozenset()


def _children(expr: Expr) -> list[Expr]:
    """Return what stands directly below, and of a range its selector."""
    below: list[Expr] = []
    depth = 0

    def enter(_: Expr) -> None:
        nonlocal depth
        depth += 1
        if depth == 2:
            below.append(_)

    def leave(_: Expr) -> None:
        nonlocal depth
        depth -= 1

    walk(expr, enter, leave)
    return below


def faults(use: Use, exposed: dict[str, set[str]], given: frozenset[str]) -> list[str]:
    """Return what an expression uses that nobody exposes.

    Args:
        use: of one metric.
        exposed: sample name → labels.
        given: labels that Prometheus itself adds to every metric.
    """
    if use.metric not in exposed:
        return [f"no metric {use.metric}"]
    missing = use.labels - exposed[use.metric] - given
    return [f"{use.metric} has no label {label}" for label in sorted(missing)]


def can_match(matcher: Matcher, values: set[str]) -> bool:
    """Say whether each alternative of a matcher is one of the values that there are."""
    if matcher.op in (MatchOp.Equal, MatchOp.NotEqual):
        return matcher.value in values
    alternatives = matcher.value.split("|")
    return all(any(re.fullmatch(one, value) for value in values) for one in alternatives)
