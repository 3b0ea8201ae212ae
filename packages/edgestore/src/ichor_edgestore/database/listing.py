"""Lists of stored rows, filtered, in pages."""

from collections.abc import Sequence
from typing import Any, TypeVar

import asyncpg
import msgspec

from ichor_edgestore.database.paging import Listed, Page, check_limit, decode_cursor, make_page

L = TypeVar("L", bound=Listed)

Filter = tuple[str, Any] | tuple[str, Any, Any]
"""SQL with ``{}`` where each value stands, and the values; None alone does not restrict."""


async def list_page(  # noqa: PLR0913 - what a page is made of
    pool: asyncpg.Pool,
    query: str,
    item: type[L],
    *,
    filters: Sequence[Filter],
    cursor: str | None,
    limit: int,
) -> Page[L]:
    """Read one page.

    Args:
        pool: where to read.
        query: ``SELECT … FROM …`` without anything after the table.
        item: what each row is converted to.
        filters: what to select.
        cursor: from the page before; None: the first page.
        limit: items at most.

    Raises:
        InvalidInputError: cursor or limit.
    """
    values: list[Any] = []
    conditions: list[str] = []
    for sql, *given in filters:
        if any(value is not None for value in given):
            places = (f"${len(values) + n}" for n in range(1, len(given) + 1))
            conditions.append(sql.format(*places))
            values += given
    if cursor:
        position = decode_cursor(cursor)
        values += [position.created_at, position.id]
        conditions.append(f"(created_at, id) < (${len(values) - 1}, ${len(values)})")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    values.append(check_limit(limit) + 1)
    order = f" ORDER BY created_at DESC, id DESC LIMIT ${len(values)}"
    rows = await pool.fetch(query + where + order, *values)
    return make_page([from_row(row, item) for row in rows], limit)


T = TypeVar("T")


def from_row(row: asyncpg.Record, item: type[T]) -> T:
    """Convert a row to a struct with the same field names."""
    return msgspec.convert(dict(row), item)
