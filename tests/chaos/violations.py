"""Violations, what they are found in, and how things are compared that must be there once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from msgspec import Struct

from tests.chaos.evidence import Evidence
from tests.chaos.expectation import Expected
from tests.chaos.shapes import Shape

Verdict = Literal["lost", "doubled", "failed", "stuck", "differs", "changed", "refused", "crashed"]
VERDICTS: tuple[Verdict, ...] = (
    "lost",
    "doubled",
    "failed",
    "stuck",
    "differs",
    "changed",
    "refused",
    "crashed",
)


class Violation(Struct, frozen=True):
    """Something that must not be."""

    verdict: Verdict
    what: str
    """Which thing, with its id."""
    why: str = ""
    at: float = 0.0
    """When it came about, in seconds since 1970; 0: not known."""


class Case(Struct, frozen=True, kw_only=True):
    """The evidence, and what follows from it alone."""

    evidence: Evidence
    shapes: Mapping[str, Shape]
    executions: Mapping[str, tuple[Shape, int]]
    """Shape and number of the event, by execution id; those that are not expected left out."""
    done: Expected
    """What the executions that completed must have left."""
    possible: Expected
    """What all of them may have left."""


def once(
    kind: str, found: Counter[str], least: Counter[str], most: Counter[str]
) -> Iterator[Violation]:
    """Compare how often things are there with how often they must and may be."""
    for label, times in (found - most).items():
        verdict = f"{found[label]} times" if label in most else "nobody asked for it"
        yield Violation("doubled", f"{kind} {label}", f"{verdict} ({times} too many)")
    for label in least - found:
        yield Violation("lost", f"{kind} {label}", "its execution completed")


def keyed(
    kind: str, found: Iterable[tuple[str, str]], least: frozenset[str], most: frozenset[str]
) -> Iterator[Violation]:
    """Check what may come again, but only under the same key."""
    keys: dict[str, set[str]] = defaultdict(set)
    labels: dict[str, set[str]] = defaultdict(set)
    for label, key in found:
        keys[label].add(key)
        labels[key].add(label)
    for label, used in keys.items():
        if label not in most:
            yield Violation("doubled", f"{kind} {label}", "nobody asked for it")
        if len(used) > 1 or "" in used:
            yield Violation("doubled", f"{kind} {label}", f"under the keys {sorted(used)}")
    for key, used in labels.items():
        if len(used) > 1:
            yield Violation("changed", f"{kind} key {key}", f"of {sorted(used)}")
    for label in least - keys.keys():
        yield Violation("lost", f"{kind} {label}", "its execution completed")
