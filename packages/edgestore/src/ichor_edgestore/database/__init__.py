"""The connection pool, paging and lists that every store uses."""
