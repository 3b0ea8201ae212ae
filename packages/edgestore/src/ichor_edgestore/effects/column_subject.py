"""Comparisons with a column whose values are all numbers, booleans or text."""

# ruff: noqa: D102 - `Subject` describes them

import re
from typing import Any, Literal, NoReturn

from ichor_core.errors import ConditionError
from ichor_core.expressions import Comparison, is_number, kind_of
from ichor_core.ids import UUID_PATTERN
from ichor_edgestore.database.parameters import Parameters
from ichor_edgestore.effects.columns import Column
from ichor_edgestore.effects.subject import (
    Affix,
    Order,
    affix_sql,
    number_text,
)

_INT8 = range(-(2**63), 2**63)
_UUID = re.compile(UUID_PATTERN)


class NullSubject:
    """A path into a value that has no parts."""

    may_refuse = False

    def is_null(self) -> str:
        return "TRUE"

    def is_blank(self) -> str:
        return "FALSE"

    def equals(self, value: Any) -> str:
        return "TRUE" if value is None else "FALSE"

    def is_ordered(self, order: Order, value: Any, comparison: Comparison) -> str:
        return "FALSE"

    def contains(self, value: Any, comparison: Comparison) -> str:
        return "FALSE"

    def has_affix(self, affix: Affix, value: Any, comparison: Comparison) -> str:
        return "FALSE"


class ColumnSubject:
    """A column whose values are all of one JSON kind: numbers, booleans or text."""

    may_refuse = False

    def __init__(self, sql: str, column: Column, parameters: Parameters) -> None:
        self._sql = sql
        self._kind = column.kind
        self._add = parameters.add
        # What is neither text nor number, such as a date, is text in JSON.
        self._text = sql if column.kind == "text" else f"(to_jsonb({sql}) #>> '{{}}')"

    def is_null(self) -> str:
        return f"{self._sql} IS NULL"

    def is_blank(self) -> str:
        return "FALSE" if self._is_number or self._kind == "boolean" else f"{self._text} = ''"

    def equals(self, value: Any) -> str:
        if value is None:
            return self.is_null()
        if isinstance(value, bool):
            return f"{self._sql} = {value}" if self._kind == "boolean" else "FALSE"
        if is_number(value):
            return self._compare_number("=", value) if self._is_number else "FALSE"
        if not isinstance(value, str) or not self._is_text:
            return "FALSE"
        if self._kind != "uuid":
            return f"{self._text} = {self._add(value)}"
        if not _UUID.match(value) or value != value.lower():
            return "FALSE"
        return f"{self._sql} = {self._add(value)}::uuid"

    def is_ordered(self, order: Order, value: Any, comparison: Comparison) -> str:
        if value is None:
            return "FALSE"
        if is_number(value) and self._is_number:
            return self._compare_number(order, value)
        if isinstance(value, str) and self._is_text:
            return f'{self._text} COLLATE "C" {order} {self._add(value)}'
        self._refuse(value, comparison)

    def contains(self, value: Any, comparison: Comparison) -> str:
        if isinstance(value, str) and self._is_text:
            return f"strpos({self._text}, {self._add(value)}) > 0"
        self._refuse(value, comparison)

    def has_affix(self, affix: Affix, value: Any, comparison: Comparison) -> str:
        if isinstance(value, str) and self._is_text:
            return affix_sql(affix, self._text, self._add(value))
        self._refuse(value, comparison)

    @property
    def _is_number(self) -> bool:
        return self._kind in ("integer", "numeric", "float")

    @property
    def _is_text(self) -> bool:
        return not self._is_number and self._kind != "boolean"

    def _compare_number(self, operator: Literal["="] | Order, value: Any) -> str:
        text = number_text(value)
        if self._kind == "integer" and "." not in text and int(text) in _INT8:
            return f"{self._sql} {operator} {self._add(text)}::int8"
        # A float counts as the decimal number that is written for it.
        sql = f"{self._sql}::text" if self._kind == "float" else self._sql
        return f"{sql}::numeric {operator} {self._add(text)}::numeric"

    def _refuse(self, value: Any, comparison: Comparison) -> NoReturn:
        kind = "a number" if self._is_number else "text" if self._is_text else "a boolean"
        raise ConditionError(
            f"{comparison.operator} cannot compare field {comparison.field!r}: "
            f"{kind} with {kind_of(value)}",
            comparison.path,
        )
