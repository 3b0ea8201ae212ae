"""The columns of a table in the database, and the conversion of JSON values to them."""

from decimal import Decimal
from typing import Any, Literal, cast

from msgspec import Struct

from ichor_core.errors import InvalidInputError
from ichor_edgestore.database.pool import Connection, to_json

ColumnKind = Literal[
    "integer", "numeric", "float", "boolean", "text", "uuid", "json", "array", "object", "other"
]
"""How a value compares. `object`: a composite; `other`: shown in JSON as text."""

# format_type with -1 names the type without its length, which a cast would cut to in silence.
_SELECT_COLUMNS = """
    SELECT a.attname AS name, format_type(t.oid, -1) AS type,
        format_type(t.oid, CASE WHEN t.typcategory = 'S' THEN -1 ELSE a.atttypmod END)
            AS exact_type,
        CASE own.typtype WHEN 'd' THEN format_type(own.oid, NULL) ELSE
            format_type(t.oid, CASE WHEN t.typcategory = 'S' THEN -1 ELSE a.atttypmod END)
        END AS declared_type,
        CASE
            WHEN t.typname IN ('int2', 'int4', 'int8') THEN 'integer'
            WHEN t.typname = 'numeric' THEN 'numeric'
            WHEN t.typname IN ('float4', 'float8') THEN 'float'
            WHEN t.typname = 'bool' THEN 'boolean'
            WHEN t.typname IN ('text', 'varchar') THEN 'text'
            WHEN t.typname = 'uuid' THEN 'uuid'
            WHEN t.typname IN ('json', 'jsonb') THEN 'json'
            WHEN t.typcategory = 'A' THEN 'array'
            WHEN t.typcategory = 'C' THEN 'object'
            ELSE 'other'
        END AS kind,
        CASE WHEN t.typname IN ('varchar', 'bpchar') AND a.atttypmod > 4 THEN a.atttypmod - 4 END
            AS max_length
    FROM pg_attribute a
    JOIN pg_type own ON own.oid = a.atttypid
    JOIN pg_type t ON t.oid = CASE own.typtype WHEN 'd' THEN own.typbasetype ELSE own.oid END
    WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped"""


class Column(Struct, frozen=True):
    """A column as the database has it."""

    name: str
    type: str
    """As SQL, without length or precision."""
    exact_type: str
    """As SQL, with precision."""
    declared_type: str
    """As SQL: the domain, where it is one, else the exact type."""
    kind: ColumnKind
    max_length: int | None
    """Maximum number of characters; None: unlimited."""

    def from_json(self, parameter: str) -> str:
        """Return SQL that makes this column's value of a parameter made by `text_of`."""
        if self.kind == "array":
            elements = f"SELECT jsonb_array_elements_text({parameter}::text::jsonb)"
            return (
                f"CASE WHEN {parameter}::text IS NOT NULL THEN ARRAY({elements})::{self.type} END"
            )
        return f"{parameter}::text::{self.type}"

    def text_of(self, value: Any) -> str | None:
        """Return the text of a JSON value, for the cast to this column's type.

        Raises:
            InvalidInputError: no value of this kind fits.
        """
        if value is None:
            return None
        if self.kind == "json":
            return to_json(value)
        if isinstance(value, list) and self.kind == "array":
            return to_json(cast(list[Any], value))
        if isinstance(value, dict | list) or self.kind == "array":
            raise InvalidInputError(f"expected a value of type {self.type}", self.name)
        text = self._scalar_text(value)
        if self.max_length is not None and len(text) > self.max_length:
            raise InvalidInputError(
                f"expected at most {self.max_length} characters, not {len(text)}", self.name
            )
        return text

    def _scalar_text(self, value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float | Decimal):
            exact = Decimal(repr(value)) if isinstance(value, float) else value
            if self.kind == "integer" and exact == exact.to_integral_value():
                return str(int(exact))
            return format(exact, "f")
        return str(value)


async def read_columns(connection: Connection, table: str) -> dict[str, Column]:
    """Return the columns of a table; `table` is quoted SQL. Empty where there is none."""
    rows = await connection.fetch(_SELECT_COLUMNS, table)
    return {row["name"]: Column(**dict(row)) for row in rows}


def quote(name: str) -> str:
    """Return an identifier as SQL."""
    return '"' + name.replace('"', '""') + '"'
