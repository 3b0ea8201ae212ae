"""What an evaluation gives: the value, and why anything in it is null."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ichor_feel.evaluation.limits import MAX_VALUE_DEPTH, Limits
from ichor_feel.evaluation.problems import Problem
from ichor_feel.evaluation.runtime import LimitReachedError, Runtime
from ichor_feel.source import NOWHERE
from ichor_feel.values.failure import Failure
from ichor_feel.values.functions import Code, Frame
from ichor_feel.values.ranges import Range
from ichor_feel.values.temporal import DateTime
from ichor_feel.values.types import Type


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A value and the problems on the way to it.

    Every error gives null, and the null remembers why. Where it goes decides what becomes of the
    problem:

    - `problems` explain a null that is the value, or is within it; and a limit that was reached.
    - `handled` were dealt with by the expression itself: ``get or else``, ``is defined``, a
      condition of ``if``, or a comparison with ``null``.
    - `absorbed` are the others: they gave a null that something else took without saying so, such
      as a filter that left the item out, ``missing = 5``, or a text joined without it.

    A null that an input really has is no problem.
    """

    value: Any
    problems: tuple[Problem, ...] = ()
    handled: tuple[Problem, ...] = ()
    absorbed: tuple[Problem, ...] = ()

    @property
    def failure(self) -> Problem | None:
        """The problem because of which the value is null; None if it is not, or is so rightly."""
        return self.problems[0] if self.value is None and self.problems else None


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled tree, how many slots its frame has, and the types that have names."""

    code: Code
    slots: int
    types: Mapping[str, Type]


def run(
    program: Program, context: Mapping[str, Any], now: DateTime | None, limits: Limits
) -> Evaluation:
    """Evaluate a program."""
    runtime = Runtime(context, now, limits, program.types)
    frame: Frame = [runtime, *[None] * (program.slots - 1)]
    try:
        value = program.code(frame)
        if not runtime.failures:
            return Evaluation(value)
        reached = _Reached()
        value = reached.clean(value, 0)
    except LimitReachedError as error:
        return _stopped(runtime, str(error))
    except RecursionError:
        # Only where the caller has left almost no stack: the limits end it long before.
        return _stopped(runtime, "stopped: too little stack is left")
    return _sorted_out(runtime, value, reached.failures)


def _stopped(runtime: Runtime, message: str) -> Evaluation:
    problem = Problem("limit", message, NOWHERE)
    return Evaluation(None, (problem,), (), tuple(map(_problem, runtime.failures)))


def _sorted_out(runtime: Runtime, value: Any, reached: dict[int, Failure]) -> Evaluation:
    problems = [one for one in runtime.failures if id(one) in reached]
    problems += [one for one in reached.values() if one.code == "more"]
    others = [one for one in runtime.failures if id(one) not in reached]
    # A failure that is the value comes first.
    return Evaluation(
        value,
        tuple(map(_problem, problems)),
        tuple(_problem(one) for one in others if one.handled),
        tuple(_problem(one) for one in others if not one.handled),
    )


def _problem(failure: Failure) -> Problem:
    return Problem(failure.code, failure.message, failure.span, failure.found)


class _Reached:
    """Failures within a value, each replaced by null; what has none is not copied."""

    def __init__(self) -> None:
        self.failures: dict[int, Failure] = {}
        self._cleaned: dict[int, Any] = {}

    def clean(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind is Failure:
            self.failures.update((id(one), one) for one in value.all())
            return None
        if kind is list or kind is dict:
            known = self._cleaned.get(id(value))
            if known is not None:
                return known
            if depth > MAX_VALUE_DEPTH:
                raise LimitReachedError(
                    f"stopped: the value is nested deeper than {MAX_VALUE_DEPTH} levels"
                )
            new = self._list(value, depth) if kind is list else self._context(value, depth)
            self._cleaned[id(value)] = new
            return new
        if kind is Range:
            self.clean(value.start, depth)
            self.clean(value.end, depth)
        return value

    def _list(self, value: list[Any], depth: int) -> list[Any]:
        new = [self.clean(one, depth + 1) for one in value]
        return (
            new if any(one is not other for one, other in zip(new, value, strict=True)) else value
        )

    def _context(self, value: dict[str, Any], depth: int) -> dict[str, Any]:
        new = {key: self.clean(one, depth + 1) for key, one in value.items()}
        changed = any(one is not value[key] for key, one in new.items())
        return new if changed else value
