"""Comparisons with a column whose values are all of one type that is not JSON."""

# ruff: noqa: D102 - `Subject` describes them

from decimal import Decimal
from typing import Any, Literal, NoReturn, cast

from msgspec import Struct

from ichor_core.errors import ConditionError, InvalidInputError
from ichor_core.expressions import Comparison, kind_of
from ichor_edgestore.database.parameters import Parameters
from ichor_edgestore.effects.columns import Column
from ichor_edgestore.effects.scalars import NUMBERS, ScalarKind, read_scalar
from ichor_edgestore.effects.subject import (
    Affix,
    Order,
    affix_sql,
    number_text,
)

_INT8 = range(-(2**63), 2**63)
_INT8_DIGITS = 20
_READ_BY_DATABASE = frozenset(("interval", "range", "other"))


class Reading(Struct, frozen=True):
    """A text that only the database can read as the type of a column."""

    type: str
    """As SQL."""
    text: str
    field: str
    path: str
    """The place of the comparison."""


class NullSubject:
    """A path into a value that has no parts."""

    may_refuse = False

    def is_null(self) -> str:
        return "TRUE"

    def is_blank(self) -> str:
        return "FALSE"

    def equals(self, value: Any, comparison: Comparison) -> str:
        return "TRUE" if value is None else "FALSE"

    def is_ordered(self, order: Order, value: Any, comparison: Comparison) -> str:
        return "FALSE"

    def contains(self, value: Any, comparison: Comparison) -> str:
        return "FALSE"

    def has_affix(self, affix: Affix, value: Any, comparison: Comparison) -> str:
        return "FALSE"


class ColumnSubject:
    """A column of one type; what it is compared with is read as that type.

    Args:
        sql: the column.
        column: what it is.
        parameters: gets the values.
        readings: gets the texts that the database has to read.
    """

    may_refuse = False

    def __init__(
        self, sql: str, column: Column, parameters: Parameters, readings: list[Reading]
    ) -> None:
        self._sql = sql
        self._column = column
        self._kind = column.kind
        self._add = parameters.add
        self._readings = readings
        # What is neither text nor number, such as a date, is text in JSON.
        self._text = (
            sql
            if self._kind == "text"
            else f"{sql}::text"
            if self._kind == "char"
            else f"(to_jsonb({sql}) #>> '{{}}')"
        )

    def is_null(self) -> str:
        return f"{self._sql} IS NULL"

    def is_blank(self) -> str:
        return "FALSE" if self._is_number or self._kind == "boolean" else f"{self._text} = ''"

    def equals(self, value: Any, comparison: Comparison) -> str:
        if value is None:
            return self.is_null()
        if self._is_number:
            return self._compare_number("=", self._number(value, comparison))
        text = self._read(value, comparison)
        if self._kind == "boolean":
            return f"{self._sql} = {text}"
        if not self._column.is_ordered and self._kind not in ("text", "char"):
            return f"{self._sql}::text = {self._typed(text)}::text"
        return f"{self._sql} = {self._typed(text)}"

    def is_ordered(self, order: Order, value: Any, comparison: Comparison) -> str:
        if value is None:
            return "FALSE"
        if self._is_number:
            return self._compare_number(order, self._number(value, comparison))
        if self._kind == "boolean" or not isinstance(value, str):
            self._refuse(value, comparison)
        text = self._read(value, comparison)
        if self._kind in ("text", "char"):
            return f'{self._sql} COLLATE "C" {order} {self._typed(text)}'
        if not self._column.is_ordered:
            self._fail(f"values of type {self._column.type} have no order", comparison)
        return f"{self._sql} {order} {self._typed(text)}"

    def contains(self, value: Any, comparison: Comparison) -> str:
        if isinstance(value, str) and self._is_text:
            return f"strpos({self._text}, {self._add(self._part(value))}) > 0"
        self._refuse(value, comparison)

    def has_affix(self, affix: Affix, value: Any, comparison: Comparison) -> str:
        if isinstance(value, str) and self._is_text:
            return affix_sql(affix, self._text, self._add(self._part(value)))
        self._refuse(value, comparison)

    @property
    def _is_number(self) -> bool:
        return self._kind in NUMBERS

    @property
    def _is_text(self) -> bool:
        return not self._is_number and self._kind != "boolean"

    def _part(self, value: str) -> str:
        return value.lower() if self._kind == "uuid" else value

    def _read(self, value: Any, comparison: Comparison) -> str:
        """Return the text of a value as this type."""
        try:
            text = read_scalar(cast(ScalarKind, self._kind), value, self._column.type)
        except InvalidInputError as error:
            self._fail(error.message, comparison)
        if self._kind in _READ_BY_DATABASE:
            self._readings.append(
                Reading(self._column.type, text, comparison.field, comparison.path)
            )
        return text

    def _number(self, value: Any, comparison: Comparison) -> Any:
        """Return a number: of a text, what it says."""
        try:
            return Decimal(read_scalar("numeric", value, self._column.type))
        except InvalidInputError as error:
            self._fail(error.message, comparison)

    def _typed(self, text: str) -> str:
        parameter = self._add(text)
        return parameter if self._kind == "text" else f"{parameter}::{self._column.type}"

    def _compare_number(self, operator: Literal["="] | Order, value: Any) -> str:
        text = number_text(value)
        if (
            self._kind == "integer"
            and "." not in text
            and len(text) <= _INT8_DIGITS
            and int(text) in _INT8
        ):
            return f"{self._sql} {operator} {self._add(text)}::int8"
        # A float counts as the decimal number that is written for it.
        sql = f"{self._sql}::text" if self._kind == "float" else self._sql
        return f"{sql}::numeric {operator} {self._add(text)}::numeric"

    def _refuse(self, value: Any, comparison: Comparison) -> NoReturn:
        kind = "a number" if self._is_number else "text" if self._is_text else "a boolean"
        self._fail(f"{kind} with {kind_of(value)}", comparison)

    def _fail(self, reason: str, comparison: Comparison) -> NoReturn:
        raise ConditionError(
            f"{comparison.operator} cannot compare field {comparison.field!r}: {reason}",
            comparison.path,
        )
