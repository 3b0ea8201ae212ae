"""Alerts in PostgreSQL, to be read; `effects` writes them."""

import asyncpg

from ichor_core.errors import NotFoundError
from ichor_edgestore.alerts.records import Alert, AlertFilter
from ichor_edgestore.database.listing import from_row, list_page
from ichor_edgestore.database.paging import DEFAULT_LIMIT, Page

_SELECT = """
    SELECT id, execution_id, rule_id, title, message, severity, recipients, details, created_at
    FROM workflow.alerts"""


class PostgresAlertStore:
    """Reads the alerts that actions have stored."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def get(self, alert_id: str) -> Alert:
        """Return an alert.

        Raises:
            NotFoundError: there is none.
        """
        row = await self._pool.fetchrow(f"{_SELECT} WHERE id = $1", alert_id)
        if row is None:
            raise no_alert(alert_id)
        return from_row(row, Alert)

    async def list(
        self,
        filter: AlertFilter | None = None,
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Alert]:
        """Return a page of alerts, the newest first.

        Raises:
            InvalidInputError: cursor or limit.
        """
        filter = filter or AlertFilter()
        filters = [
            ("execution_id = {}", filter.execution_id),
            ("rule_id = {}", filter.rule_id),
            ("severity = ANY({})", filter.severities),
            ("recipients ? {}::text", filter.recipient),
            ("created_at >= {}", filter.created_after),
            ("created_at < {}", filter.created_before),
        ]
        return await list_page(
            self._pool, _SELECT, Alert, filters=filters, cursor=cursor, limit=limit
        )


def no_alert(alert_id: str) -> NotFoundError:
    """Return the error of an alert that is not there."""
    return NotFoundError(f"there is no alert {alert_id}")
