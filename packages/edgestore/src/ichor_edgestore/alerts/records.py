"""Alerts as they are stored."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from ichor_core.ids import ExecutionId, ExecutionIdField, RuleId, RuleIdField


class AlertDraft(Struct, frozen=True):
    """The content of an alert, as an action gives it."""

    title: Annotated[str, Meta(min_length=1, max_length=500)]
    message: str = ""
    severity: Annotated[str, Meta(min_length=1, max_length=50)] = "info"
    recipients: list[str] = field(default_factory=list[str])
    details: dict[str, Any] = field(default_factory=dict[str, Any])


class Alert(Struct, frozen=True, kw_only=True):
    """A message of an execution to people."""

    id: str
    execution_id: ExecutionId
    rule_id: RuleId | None
    title: str
    message: str
    severity: str
    """`info`, `warning` or `critical`; your own actions may use other words."""
    recipients: list[str]
    """Users or groups, as the action names them; empty: no specific recipient."""
    details: dict[str, Any]
    created_at: datetime


class AlertFilter(Struct, frozen=True, kw_only=True):
    """A filter of alerts; None does not restrict."""

    execution_id: ExecutionIdField | None = None
    rule_id: RuleIdField | None = None
    severities: tuple[str, ...] | None = None
    """Any of these."""
    recipient: str | None = None
    """One of the recipients, matched exactly."""
    created_after: datetime | None = None
    """Inclusive."""
    created_before: datetime | None = None
