"""Sums, means and the like."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from ichor_feel.functions.call import Call
from ichor_feel.functions.distinct import Distinct
from ichor_feel.functions.registry import Family
from ichor_feel.values.durations import DaysDuration, MonthsDuration, days_duration, months_duration
from ichor_feel.values.equality import compare
from ichor_feel.values.kinds import is_null
from ichor_feel.values.numbers import ARITHMETIC, ONE, ZERO

_family = Family("list")


def _numbers(call: Call, items: list[Any]) -> Any:
    """The items if all are numbers, or a failure."""
    call.runtime.spend(len(items) >> 1)
    for item in items:
        if type(item) is not Decimal:
            return call.mismatch("numbers", item)
    return items


def _over_numbers(call: Call, items: list[Any], result: Callable[[list[Decimal]], Any]) -> Any:
    numbers = _numbers(call, items)
    if not isinstance(numbers, list):
        return numbers
    if not items:
        return call.fail("there are no items", "no-item")
    try:
        return result(items)
    except DecimalException:
        return call.fail("the result is out of the range of numbers", "arithmetic")


def _extreme(call: Call, items: list[Any], wanted: int) -> Any:
    call.runtime.spend(2 * len(items))
    if not items:
        return call.fail("there are no items", "no-item")
    found = items[0]
    for item in items:
        order = compare(item, found)
        if order is None:
            wrong = found if compare(found, found) is None else item
            return call.mismatch("items of one kind that has an order", wrong)
        if order == wanted:
            found = item
    return found


def _sum(items: list[Decimal]) -> Decimal:
    total = ZERO
    for item in items:
        total = ARITHMETIC.add(total, item)
    return total


def _product(items: list[Decimal]) -> Decimal:
    total = ONE
    for item in items:
        total = ARITHMETIC.multiply(total, item)
    return total


def _mean(items: list[Decimal]) -> Decimal:
    return ARITHMETIC.divide(_sum(items), Decimal(len(items)))


def _median(items: list[Decimal]) -> Decimal:
    ordered = sorted(items)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return ARITHMETIC.divide(ARITHMETIC.add(ordered[middle - 1], ordered[middle]), Decimal(2))


def _deviation(items: list[Decimal]) -> Decimal:
    mean = _mean(items)
    differences = [ARITHMETIC.subtract(item, mean) for item in items]
    squares = _sum([ARITHMETIC.multiply(one, one) for one in differences])
    return ARITHMETIC.sqrt(ARITHMETIC.divide(squares, Decimal(len(items) - 1)))


def _sum_of_any(call: Call, items: list[Any]) -> Any:
    if items and isinstance(items[0], DaysDuration | MonthsDuration):
        kind = type(items[0])
        for item in items:
            if type(item) is not kind:
                return call.mismatch("durations of one kind", item)
        call.runtime.spend(len(items))
        if kind is DaysDuration:
            total = days_duration(sum(item.nanoseconds for item in items))
        else:
            total = months_duration(sum(item.months for item in items))
        return total or call.fail("the result is out of range", "arithmetic")
    return _over_numbers(call, items, _sum)


def _median_of(call: Call, items: list[Any]) -> Any:
    return _over_numbers(call, items, _median) if items else None


def _deviation_of(call: Call, items: list[Any]) -> Any:
    if len(items) == 1:
        return call.fail("needs at least two numbers", "no-item")
    return _over_numbers(call, items, _deviation)


def _mode_of(call: Call, items: list[Any]) -> Any:
    numbers = _numbers(call, items)
    if not isinstance(numbers, list):
        return numbers
    counted = Distinct(call.runtime)
    most = max((counted.add(item) for item in items), default=0)
    call.runtime.make_items(len(items))
    return sorted(value for value, times in counted.counts() if times == most)


def _add(
    name: str,
    compute: Callable[[Call, list[Any]], Any],
    summary: str,
    example: tuple[str, str],
    gives: str = "number",
) -> None:
    """A function of a list, or of its items as arguments."""

    def of_list(call: Call, items: list[Any]) -> Any:
        return compute(call, items)

    def of_arguments(call: Call, items: list[Any]) -> Any:
        if not items:
            return call.fail("takes at least one argument", "arguments")
        if len(items) == 1 and is_null(items[0]):
            return call.mismatch("a list", items[0])
        return compute(call, items)

    add = _family.function(
        name, "list: list", gives=gives, summary=summary, example=example[0], result=example[1]
    )
    add(of_list)
    _family.also(name, "list: Any*")(of_arguments)


_add(
    "min",
    lambda call, items: _extreme(call, items, -1),
    "The least item: of numbers, texts, dates, times or durations.",
    ("min([3, 1, 2])", "1"),
    "Any",
)
_add(
    "max",
    lambda call, items: _extreme(call, items, 1),
    "The greatest item: of numbers, texts, dates, times or durations.",
    ("max([3, 1, 2])", "3"),
    "Any",
)
_add("sum", _sum_of_any, "The sum of numbers or durations.", ("sum([1, 2, 3])", "6"), "Any")
_add(
    "product",
    lambda call, items: _over_numbers(call, items, _product),
    "The product of numbers.",
    ("product([2, 3, 4])", "24"),
)
_add(
    "mean",
    lambda call, items: _over_numbers(call, items, _mean),
    "The arithmetic mean of numbers.",
    ("mean([1, 2, 6])", "3"),
)
_add(
    "median",
    _median_of,
    "The middle one of numbers, or the mean of the middle two; null for none.",
    ("median([6, 1, 2, 3])", "2.5"),
)
_add(
    "stddev",
    _deviation_of,
    "The sample standard deviation of at least two numbers.",
    ("stddev([2, 4, 6])", "2"),
)
_add(
    "mode",
    _mode_of,
    "The numbers that occur most often, in ascending order.",
    ("mode([6, 3, 9, 6, 3])", "[3, 6]"),
    "list",
)
