"""Alerts: rows that `create_alert` writes and people read."""

from ichor_edgestore.alerts.records import Alert, AlertFilter
from ichor_edgestore.alerts.store import PostgresAlertStore

__all__ = [
    "Alert",
    "AlertFilter",
    "PostgresAlertStore",
]
