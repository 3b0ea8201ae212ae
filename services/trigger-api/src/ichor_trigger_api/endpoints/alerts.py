"""Alerts that actions have created for people."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from litestar import Controller, get
from litestar.params import FromPath, FromQuery, QueryParameter

from ichor_core.ids import ExecutionId, RuleId
from ichor_edgestore.alerts import Alert, AlertFilter, PostgresAlertStore
from ichor_edgestore.database import Page
from ichor_trigger_api.http.parameters import (
    Cursor,
    Given,
    Limit,
    Text,
    checked_cursor,
    in_utc,
    storable,
)
from ichor_trigger_api.http.problems import problems

Severities = Annotated[
    list[Literal["info", "warning", "critical"]] | None,
    QueryParameter(
        description="Severities to list, several as ?severity=warning&severity=critical"
    ),
]


class AlertPage(Page[Alert], frozen=True):
    """A page of alerts, the newest first."""


class AlertController(Controller):
    """The endpoints of alerts."""

    path = "/alerts"
    tags = ("alerts",)

    @get(responses=problems(), summary="List alerts")
    async def list_alerts(  # noqa: PLR0913 - each is a filter
        self,
        *,
        alerts: Given[PostgresAlertStore],
        execution_id: FromQuery[UUID | None] = None,
        rule_id: FromQuery[UUID | None] = None,
        severity: Severities = None,
        recipient: Text = None,
        created_after: FromQuery[datetime | None] = None,
        created_before: FromQuery[datetime | None] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> AlertPage:
        """List alerts, reminders of approvals included, the newest first.

        `recipient` is a user or group, exactly as the action names it. `created_after` is
        inclusive, `created_before` is not; times without a zone are in UTC.
        """
        storable(recipient=recipient)
        page = await alerts.list(
            AlertFilter(
                execution_id=None if execution_id is None else ExecutionId(str(execution_id)),
                rule_id=None if rule_id is None else RuleId(str(rule_id)),
                severities=tuple(severity) if severity else None,
                recipient=recipient,
                created_after=in_utc("created_after", created_after),
                created_before=in_utc("created_before", created_before),
            ),
            checked_cursor(cursor),
            limit,
        )
        return AlertPage(page.items, page.next_cursor)

    @get("/{alert_id:uuid}", responses=problems(404), summary="Read an alert")
    async def get_alert(self, alert_id: FromPath[UUID], alerts: Given[PostgresAlertStore]) -> Alert:
        """Return an alert."""
        return await alerts.get(str(alert_id))
