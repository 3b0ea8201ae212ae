"""Alerts in memory."""

from ichor_edgestore.alerts.records import Alert, AlertFilter
from ichor_edgestore.alerts.store import no_alert
from ichor_edgestore.database.paging import DEFAULT_LIMIT, Page, page_of
from ichor_edgestore.memory.state import MemoryState


class MemoryAlertStore:
    """`ichor_edgestore.alerts.store.PostgresAlertStore` in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def get(self, alert_id: str) -> Alert:
        """Return an alert."""
        for alert in self._state.alerts:
            if alert.id == alert_id:
                return alert
        raise no_alert(alert_id)

    async def list(
        self,
        filter: AlertFilter | None = None,
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Alert]:
        """Return a page of alerts, the newest first."""
        wanted = filter or AlertFilter()
        found = [item for item in self._state.alerts if _is_wanted(item, wanted)]
        return page_of(found, cursor, limit)


def _is_wanted(alert: Alert, filter: AlertFilter) -> bool:
    created = alert.created_at
    return (
        filter.execution_id in (None, alert.execution_id)
        and filter.rule_id in (None, alert.rule_id)
        and (filter.severities is None or alert.severity in filter.severities)
        and (filter.recipient is None or filter.recipient in alert.recipients)
        and (filter.created_after is None or created >= filter.created_after)
        and (filter.created_before is None or created < filter.created_before)
    )
