"""Comparisons with a JSON value, whose kind is known only when a row is read."""

# ruff: noqa: D102 - `Subject` describes them

from functools import cached_property
from typing import Any

from ichor_core.expressions import Comparison, is_number, kind_of
from ichor_edgestore.database.parameters import Parameters
from ichor_edgestore.database.pool import to_json
from ichor_edgestore.effects.subject import (
    Affix,
    Order,
    affix_sql,
    number_text,
)


class JsonSubject:
    """A value of any JSON kind."""

    may_refuse = True

    def __init__(self, sql: str, path: list[str], parameters: Parameters) -> None:
        self._add = parameters.add
        self._root = sql
        self._path = path

    def is_null(self) -> str:
        return f"{self._kind} = 'null'"

    def is_blank(self) -> str:
        return f"{self._sql} IN ('\"\"', '[]', '{{}}')"

    def equals(self, value: Any, comparison: Comparison) -> str:
        return f"coalesce({self._sql}, 'null') = {self._add(to_json(value))}::jsonb"

    def is_ordered(self, order: Order, value: Any, comparison: Comparison) -> str:
        if value is None:
            return "FALSE"
        cases: dict[str, str] = {}
        if is_number(value):
            number = f"{self._add(number_text(value))}::numeric"
            cases["number"] = f"{self._text}::numeric {order} {number}"
        elif isinstance(value, str):
            cases["string"] = f'{self._text} COLLATE "C" {order} {self._add(value)}'
        return self._by_kind(cases, value, comparison)

    def contains(self, value: Any, comparison: Comparison) -> str:
        element = self._add(to_json(value))
        elements = f"jsonb_array_elements({self._sql}) AS element"
        cases = {"array": f"EXISTS (SELECT FROM {elements} WHERE element = {element}::jsonb)"}
        if isinstance(value, str):
            text = self._add(value)
            cases["string"] = f"strpos({self._text}, {text}) > 0"
            cases["object"] = f"{self._sql} ? {text}"
        return self._by_kind(cases, value, comparison)

    def has_affix(self, affix: Affix, value: Any, comparison: Comparison) -> str:
        cases: dict[str, str] = {}
        if isinstance(value, str):
            cases["string"] = affix_sql(affix, self._text, self._add(value))
        return self._by_kind(cases, value, comparison)

    # Only when it is used: a parameter that no SQL refers to is an error.
    @cached_property
    def _sql(self) -> str:
        sql = self._root
        for part in self._path:
            sql = self._step(sql, part)
        return sql

    @property
    def _kind(self) -> str:
        return f"coalesce(jsonb_typeof({self._sql}), 'null')"

    @property
    def _text(self) -> str:
        return f"({self._sql} #>> '{{}}')"

    def _step(self, sql: str, part: str) -> str:
        """Go to a key of an object or, by a number, to an element of a list."""
        by_key = f"{sql} -> {self._add(part)}"
        if not part.isdecimal() or int(part) >= 2**31:
            return f"({by_key})"
        element = f"{sql} -> {int(part)}"
        return f"(CASE jsonb_typeof({sql}) WHEN 'array' THEN {element} ELSE {by_key} END)"

    def _by_kind(self, cases: dict[str, str], value: Any, comparison: Comparison) -> str:
        whens = "".join(f" WHEN '{kind}' THEN {sql}" for kind, sql in cases.items())
        operator, field = self._add(comparison.operator), self._add(comparison.field)
        refusal = (
            f"workflow.refuse_comparison({operator}, {field}, {self._kind}, "
            f"{self._add(kind_of(value))})"
        )
        return f"CASE {self._kind} WHEN 'null' THEN FALSE{whens} ELSE {refusal} END"
