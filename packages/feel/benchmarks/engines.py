"""Speed beside other FEEL engines of Python, in the same run.

    uv run --with bkflow-feel --with "SpiffWorkflow<3.1" python packages/feel/benchmarks/engines.py

SpiffWorkflow removed its engine in 3.1. An engine that is not installed, or that gives something
else for an expression, has no figure. Each figure is the best of five rounds, in microseconds for
one evaluation as a caller does it: the text is given each time.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import ichor_feel
from ichor_feel.testing.bombs import BOMBS

_ROUNDS = 5
_SECONDS_OF_A_ROUND = 0.15
_LINES = [{"sku": f"s{one}", "price": one, "quantity": 2} for one in range(1_000)]
_ORDER = {"order": {"customer": {"name": "Ada"}, "total": 120, "lines": _LINES}, "a": 7, "b": 2}


@dataclass(frozen=True)
class Task:
    """An expression, a context, and the value."""

    text: str
    expected: Any


_TASKS = [
    Task("1 + 2 * 3", 7),
    Task("a > b", True),
    Task("a > b and a < 10", True),
    Task("a in [1..10]", True),
    Task('string length("hello")', 5),
    Task("order.customer.name", "Ada"),
    Task("order.total * 1.2 + 5", Decimal("149.0")),
    Task('if a > b then "x" else "y"', "x"),
    Task("some x in [1, 2, 3] satisfies x > 2", True),
    Task("for x in [1, 2, 3] return x * 2", [2, 4, 6]),
    Task("count(order.lines[price > 500])", 499),
    Task("sum(for l in order.lines return l.price * l.quantity)", 999_000),
]

Engine = Callable[[str], Any]


def _ichor(text: str) -> Any:
    return ichor_feel.parse(text).evaluate(_ORDER).value


def _bkflow() -> Engine | None:
    try:
        api: Any = importlib.import_module("bkflow_feel.api")
    except ImportError:
        return None
    return lambda text: api.parse_expression(text, _ORDER)


def _spiff() -> Engine | None:
    try:
        module: Any = importlib.import_module("SpiffWorkflow.bpmn.script_engine.feel_engine")
    except ImportError:
        return None
    engine: Any = module.FeelLikeScriptEngine()
    return lambda text: engine._evaluate(text, dict(_ORDER))


def _microseconds(engine: Engine, task: Task) -> float | None:
    """None if the engine cannot do it."""
    try:
        if engine(task.text) != task.expected:
            return None
    except Exception:  # each engine has errors of its own
        return None
    best = float("inf")
    for _ in range(_ROUNDS):
        count, start = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - start) < _SECONDS_OF_A_ROUND:
            engine(task.text)
            count += 1
        best = min(best, elapsed / count)
    return best * 1e6


def _bombs() -> tuple[str, float]:
    """The expression without end that takes longest, and its milliseconds of processor time."""
    slowest = "", 0.0
    for name, (text, context) in BOMBS.items():
        start = time.process_time()
        with contextlib.suppress(ichor_feel.ParseError):
            ichor_feel.evaluate(text, context, now="2024-01-01T00:00:00Z")
        elapsed = (time.process_time() - start) * 1e3
        slowest = max(slowest, (name, elapsed), key=lambda one: one[1])
    return slowest


def main() -> int:
    """Print a table."""
    logging.disable()
    warnings.simplefilter("ignore")
    write = sys.stdout.write
    engines = {"ichor": _ichor, "bkflow-feel": _bkflow(), "SpiffWorkflow": _spiff()}
    write(f"{'µs':56}" + "".join(f"{name:>15}" for name in engines) + "\n")
    for task in _TASKS:
        figures = [None if one is None else _microseconds(one, task) for one in engines.values()]
        row = "".join(f"{'-':>15}" if one is None else f"{one:15.1f}" for one in figures)
        write(f"{task.text:56}{row}\n")
    name, milliseconds = _bombs()
    spent = f"{milliseconds:.0f} ms of processor time"
    write(f"slowest of {len(BOMBS)} expressions without end: {spent} ({name})\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
