"""The connection pool, paging and lists that every store uses."""

from ichor_edgestore.database.paging import MAX_LIMIT, Page, decode_cursor
from ichor_edgestore.database.pool import TRANSIENT_ERRORS, open_pool, open_pool_patiently

__all__ = [
    "MAX_LIMIT",
    "TRANSIENT_ERRORS",
    "Page",
    "decode_cursor",
    "open_pool",
    "open_pool_patiently",
]
