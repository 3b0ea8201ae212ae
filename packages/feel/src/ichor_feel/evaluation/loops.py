"""``for``, ``some`` and ``every``, compiled."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from ichor_feel.evaluation.compiler import Compiler
from ichor_feel.evaluation.runtime import Runtime
from ichor_feel.evaluation.scope import Names
from ichor_feel.source import Span
from ichor_feel.syntax import tree
from ichor_feel.values.failure import Failure
from ichor_feel.values.functions import Code, Frame
from ichor_feel.values.kinds import describe
from ichor_feel.values.ranges import Range
from ichor_feel.values.temporal import Date, date_at


def for_loop(compiler: Compiler, node: tree.For) -> Code:
    """The values of the body, those so far being `partial`."""
    results = compiler.scope.new_slot()
    slots: dict[str, int] = {"partial": results}
    compiler.scope.layers.append(Names(slots, partial=results))
    domains = _domains(compiler, node.domains, slots)
    body = compiler.compile(node.body)
    compiler.scope.layers.pop()

    def emit(frame: Frame) -> Any:
        value = body(frame)
        frame[0].make_items(1)
        frame[results].append(value)

    step = _nest(domains, emit, compiler.measures.size(node.body))

    def run(frame: Frame) -> Any:
        collected: list[Any] = []
        frame[results] = collected
        failure = step(frame)
        return collected if failure is None else failure

    return run


def quantified(compiler: Compiler, node: tree.Quantified) -> Code:
    """Whether the condition holds for some, or for every one; null if one is unknown."""
    slots: dict[str, int] = {}
    compiler.scope.layers.append(Names(slots))
    domains = _domains(compiler, node.domains, slots)
    condition = compiler.compile(node.condition)
    compiler.scope.layers.pop()
    state = compiler.scope.new_slot()
    decides = node.quantifier == "some"
    span = node.condition.span

    def check(frame: Frame) -> Any:
        value = condition(frame)
        if value is decides:
            frame[state] = value
            return _DECIDED
        if type(value) is not bool and type(frame[state]) is not Failure:
            if value is not None and type(value) is not Failure:
                message = f"a condition must be a boolean, not {describe(value)}"
                value = frame[0].fail(span, "wrong-type", message, describe(value))
            frame[state] = value
        return None

    step = _nest(domains, check, compiler.measures.size(node.condition))

    def run(frame: Frame) -> Any:
        frame[state] = not decides
        outcome = step(frame)
        return frame[state] if outcome is None or outcome is _DECIDED else outcome

    return run


_DECIDED = object()
_Domain = tuple[int, Code, Code | None, Span]


def _domains(
    compiler: Compiler, nodes: Iterable[tree.Domain], slots: dict[str, int]
) -> list[_Domain]:
    """Slots and items of the loops; each sees the variables of those before it."""
    domains: list[_Domain] = []
    for node in nodes:
        items = compiler.compile(node.items)
        end = compiler.compile(node.end) if node.end is not None else None
        slot = compiler.scope.new_slot()
        slots[node.name] = slot
        domains.append((slot, items, end, node.span))
    return domains


def _nest(domains: list[_Domain], innermost: Code, size: int) -> Code:
    """One loop within the other; each gives None, or what ended it."""
    step = innermost
    for domain in reversed(domains):
        step = _loop(domain, step, size + 1)
    return step


def _loop(domain: _Domain, step: Code, size: int) -> Code:
    slot, items, end, span = domain

    def run(frame: Frame) -> Any:
        runtime = frame[0]
        if end is None:
            values = _iterate(runtime, span, items(frame))
        else:
            values = _count(runtime, span, (items(frame), end(frame)), (True, True))
        if type(values) is Failure:
            return values
        spend = runtime.spend
        for value in values:
            spend(size)
            frame[slot] = value
            outcome = step(frame)
            if outcome is not None:
                return outcome
        return None

    return run


def _iterate(runtime: Runtime, span: Span, value: Any) -> Any:
    if type(value) is list:
        return value
    if type(value) is Failure:
        return value
    if type(value) is Range:
        if value.excluded:
            return runtime.fail(span, "wrong-type", "cannot loop over a range without ends")
        included = value.start_included, value.end_included
        return _count(runtime, span, (value.start, value.end), included)
    if value is None:
        return runtime.fail(span, "wrong-type", "cannot loop over null", "null")
    return [value]


def _count(runtime: Runtime, span: Span, ends: tuple[Any, Any], included: tuple[bool, bool]) -> Any:
    """Whole numbers or days from start to end, downwards too."""
    start, end = ends
    for value in ends:
        if type(value) is Failure:
            return value
    if type(start) is Decimal and type(end) is Decimal:
        if start == start.to_integral_value() and end == end.to_integral_value():
            if max(start.adjusted(), end.adjusted()) > 18:
                return runtime.fail(span, "limit", "cannot loop over so large numbers")
            return map(Decimal, _whole(int(start), int(end), included))
    elif type(start) is Date and type(end) is Date:
        # Days take longer to find than numbers.
        return _dates(runtime, _whole(start.number, end.number, included))
    found = f"{describe(start)} and {describe(end)}"
    message = f"a loop goes from whole number to whole number or from date to date, not by {found}"
    return runtime.fail(span, "wrong-type", message, found)


def _dates(runtime: Runtime, numbers: Iterator[int]) -> Iterator[Any]:
    for number in numbers:
        runtime.spend(4)
        yield date_at(number)


def _whole(start: int, end: int, included: tuple[bool, bool]) -> Iterator[int]:
    step = 1 if start <= end else -1
    first = start if included[0] else start + step
    last = end if included[1] else end - step
    return iter(range(first, last + step, step))
