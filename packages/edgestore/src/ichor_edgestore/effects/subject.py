"""Subjects of comparisons, and the primitive comparisons that each offers as SQL."""

from decimal import Decimal
from typing import Any, Literal, Protocol

from ichor_core.expressions import Comparison, exact_number

Affix = Literal["starts_with", "ends_with"]
Order = Literal[">", ">=", "<", "<="]


class Subject(Protocol):
    """Something that can be compared; each answer is SQL that is true, false or null."""

    @property
    def may_refuse(self) -> bool:
        """Whether looking at a row may raise an error."""
        ...

    def is_null(self) -> str:
        """It is null, or not there."""
        ...

    def is_blank(self) -> str:
        """It is empty text, an empty list or an empty object."""
        ...

    def equals(self, value: Any, comparison: Comparison) -> str:
        """It is equal to a value."""
        ...

    def is_ordered(self, order: Order, value: Any, comparison: Comparison) -> str:
        """It stands in an order to a value."""
        ...

    def contains(self, value: Any, comparison: Comparison) -> str:
        """It contains a text, an element or a key."""
        ...

    def has_affix(self, affix: Affix, value: Any, comparison: Comparison) -> str:
        """It starts or ends with a text."""
        ...


def affix_sql(affix: Affix, text: str, value: str) -> str:
    """Return SQL for a text that starts or ends with a value."""
    if affix == "starts_with":
        return f"starts_with({text}, {value})"
    return f"right({text}, length({value})) = {value}"


def number_text(value: Any) -> str:
    """Return the digits of a number, without an exponent and without a fraction of zeros."""
    text = format(Decimal(exact_number(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
