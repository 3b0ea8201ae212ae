"""The action that stores an alert for people."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from ichor_actions.attempt import ActionAttempt
from ichor_actions.definition.spec import ActionSpec
from ichor_actions.resources import Resources, needed

Severity = Literal["info", "warning", "critical"]


class CreateAlertConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The config of `create_alert`."""

    title: Annotated[str, Meta(min_length=1, max_length=500)]
    message: str = ""
    severity: Severity = "info"
    recipients: list[str] = field(default_factory=list[str])
    """Users or groups, as the application that shows alerts names them."""
    details: dict[str, Any] = field(default_factory=dict[str, Any])


class CreateAlertResult(Struct, frozen=True):
    """The result of `create_alert`."""

    alert_id: str


class CreateAlert:
    """Stores an alert for people to see."""

    spec = ActionSpec(
        type="create_alert",
        title="Create alert",
        description="Stores an alert for people to see.",
        kind="local",
        config=CreateAlertConfig,
        result=CreateAlertResult,
    )

    def __init__(self, resources: Resources) -> None:
        self._effects = resources.effects

    async def execute(self, config: CreateAlertConfig, attempt: ActionAttempt) -> CreateAlertResult:
        """Store the alert, once for this action."""
        effects = needed(self._effects, "effects")
        alert = {
            "title": config.title,
            "message": config.message,
            "severity": config.severity,
            "recipients": config.recipients,
            "details": config.details,
        }
        made = await effects.create_alert(attempt.effect_key, alert)
        return CreateAlertResult(made["alert_id"])
