"""The columns of a table in the database, and the conversion of JSON values to them."""

# ruff: noqa: S608 - one constant is put into another

from typing import Any, Literal, cast

from msgspec import Struct

from ichor_core.errors import InvalidInputError
from ichor_edgestore.database.pool import Connection, to_json
from ichor_edgestore.effects.scalars import ScalarKind, read_scalar

ColumnKind = ScalarKind | Literal["json", "array", "object"]
"""Form of a value, written and compared. `object`: a composite, written as PostgreSQL's text."""

_MAX_DIMENSIONS = 6

_KIND = """
        CASE
            WHEN {t}.typname IN ('int2', 'int4', 'int8') THEN 'integer'
            WHEN {t}.typname IN ('numeric', 'uuid', 'date', 'time', 'timetz', 'timestamp',
                'timestamptz', 'interval', 'text') THEN {t}.typname::text
            WHEN {t}.typname IN ('float4', 'float8') THEN 'float'
            WHEN {t}.typname = 'bool' THEN 'boolean'
            WHEN {t}.typname = 'varchar' THEN 'text'
            WHEN {t}.typname = 'bpchar' THEN 'char'
            WHEN {t}.typname IN ('json', 'jsonb') THEN 'json'
            WHEN {t}.typcategory = 'A' THEN 'array'
            WHEN {t}.typcategory = 'C' THEN 'object'
            WHEN {t}.typcategory = 'R' THEN 'range'
            ELSE 'other'
        END"""
# format_type with -1 names the type without its length, which a cast would cut to in silence.
_SELECT_COLUMNS = f"""
    WITH RECURSIVE base AS (
        SELECT oid, oid AS own, typtype, typbasetype FROM pg_type
        WHERE oid IN (SELECT atttypid FROM pg_attribute WHERE attrelid = to_regclass($1))
        UNION ALL
        SELECT t.oid, base.own, t.typtype, t.typbasetype
        FROM base JOIN pg_type t ON t.oid = base.typbasetype WHERE base.typtype = 'd'
    )
    SELECT a.attname AS name, format_type(t.oid, -1) AS type,
        CASE own.typtype WHEN 'd' THEN format_type(own.oid, NULL) ELSE
            format_type(t.oid, CASE WHEN t.typcategory = 'S' THEN -1 ELSE a.atttypmod END)
        END AS declared_type,
        {_KIND.format(t="t")} AS kind,
        CASE
            WHEN coalesce(e.typname, t.typname) IN ('varchar', 'bpchar') AND a.atttypmod > 4
            THEN a.atttypmod - 4
        END AS max_length,
        t.typtype IN ('e', 'r', 'm') OR EXISTS (
            SELECT FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod AND amname = 'btree'
            WHERE opcintype = t.oid AND opcdefault
        ) AS is_ordered,
        format_type(e.oid, -1) AS element_type, {_KIND.format(t="e")} AS element_kind
    FROM pg_attribute a
    JOIN pg_type own ON own.oid = a.atttypid
    JOIN base ON base.own = own.oid AND base.typtype <> 'd'
    JOIN pg_type t ON t.oid = base.oid
    LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
    WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped"""


class Column(Struct, frozen=True):
    """A column as the database has it."""

    name: str
    type: str
    """As SQL, without length or precision."""
    declared_type: str
    """As SQL: the domain, where it is one, else with precision."""
    kind: ColumnKind
    max_length: int | None
    """Maximum number of characters, of each element of an array too; None: unlimited."""
    is_ordered: bool
    """Whether values of the type can be compared."""
    element_type: str | None
    """As SQL; of an array."""
    element_kind: ColumnKind
    """Of an array."""

    def from_json(self, parameter: str) -> str:
        """Return SQL that makes this column's value of a parameter made by `text_of`."""
        return f"{parameter}::{self.type}"

    def text_of(self, value: Any) -> str | None:
        """Return the text of a JSON value, for the cast to this column's type.

        Raises:
            InvalidInputError: no value of this kind fits.
        """
        if value is None:
            return None
        if self.kind != "array":
            return self._text(self.kind, self.type, value, self.name)
        if not isinstance(value, list):
            raise InvalidInputError(f"expected a list, a value of type {self.type}", self.name)
        items = cast(list[Any], value)
        if self.element_kind != "json":
            _check_shape(items, self.name)
        return self._array_text(items, self.name)

    def _array_text(self, items: list[Any], place: str) -> str:
        """Return the literal of an array; a list in an array of JSON is an element."""
        texts: list[str] = []
        for number, item in enumerate(items):
            where = f"{place}[{number}]"
            if item is None:
                texts.append("NULL")
            elif isinstance(item, list) and self.element_kind != "json":
                texts.append(self._array_text(cast(list[Any], item), where))
            else:
                text = self._text(self.element_kind, self.element_type or self.type, item, where)
                texts.append('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')
        return "{" + ",".join(texts) + "}"

    def _text(self, kind: ColumnKind, type_name: str, value: Any, place: str) -> str:
        if kind == "json":
            return to_json(value)
        try:
            scalar_kind = "other" if kind in ("array", "object") else kind
            text = read_scalar(scalar_kind, value, type_name)
        except InvalidInputError as error:
            raise InvalidInputError(error.message, place) from None
        if self.max_length is not None and len(text) > self.max_length:
            raise InvalidInputError(
                f"expected at most {self.max_length} characters, not {len(text)}", place
            )
        return text


async def read_columns(connection: Connection, table: str) -> dict[str, Column]:
    """Return the columns of a table; `table` is quoted SQL. Empty where there is none."""
    rows = await connection.fetch(_SELECT_COLUMNS, table)
    return {row["name"]: Column(**dict(row)) for row in rows}


def quote(name: str) -> str:
    """Return an identifier as SQL."""
    return '"' + name.replace('"', '""') + '"'


def _check_shape(items: list[Any], place: str) -> tuple[int, ...]:
    """Return the lengths of nested lists, which must be those of a box.

    Raises:
        InvalidInputError: lists of different lengths beside each other, empty ones, too many.
    """
    lists = [cast(list[Any], item) for item in items if isinstance(item, list)]
    if not lists:
        return (len(items),)
    shapes = {_check_shape(inner, place) for inner in lists}
    shape = (len(items), *shapes.pop())
    if len(lists) < len(items) or shapes or 0 in shape or len(shape) > _MAX_DIMENSIONS:
        raise InvalidInputError(
            "lists in a list must all be of one length, not empty, and at most "
            f"{_MAX_DIMENSIONS} deep",
            place,
        )
    return shape
