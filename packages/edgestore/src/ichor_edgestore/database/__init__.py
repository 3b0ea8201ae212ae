"""The connection pool, paging and lists that every store uses."""

from ichor_edgestore.database.paging import MAX_LIMIT, Page, decode_cursor
from ichor_edgestore.database.pool import (
    DATABASE_ERRORS,
    TRANSIENT_ERRORS,
    open_pool,
    open_pool_patiently,
)
from ichor_edgestore.database.schema_check import OutdatedSchemaError, check_database

__all__ = [
    "DATABASE_ERRORS",
    "MAX_LIMIT",
    "TRANSIENT_ERRORS",
    "OutdatedSchemaError",
    "Page",
    "check_database",
    "decode_cursor",
    "open_pool",
    "open_pool_patiently",
]
