"""The worker's environment variables."""

from typing import Annotated, Any, Literal, Self

import msgspec
from pydantic import Field, SecretStr, field_validator, model_validator
from temporalio.common import WorkerDeploymentVersion

from ichor_actions.resources import MailSettings, Resources, WebhookSettings, WritableTable
from ichor_activities import ReplyTokens
from ichor_core.contract import EffectStore
from ichor_edgestore.effects import DeclaredTable
from ichor_runtime.amqp import (
    AmqpPrefix,
    AmqpRequestPublisher,
    AmqpUrl,
    ReplyTokenKeys,
    Topology,
    read_keys,
)
from ichor_runtime.settings import (
    DatabaseSettings,
    HttpSettings,
    ProcessSettings,
    SettingsBlock,
    TemporalSettings,
)


class VersionSettings(TemporalSettings):
    """Which version of the worker is meant, for `ichor-worker make-current`."""

    temporal_worker_deployment_name: str
    temporal_worker_build_id: str


class TableSettings(SettingsBlock):
    """What actions may write, for `ichor-worker types` too."""

    declared_tables: dict[str, DeclaredTable] = Field(default_factory=dict[str, DeclaredTable])
    """The tables and columns that actions may write: JSON, ``{"public.orders": {"columns":
    ["status"], "key": "id"}}``. The same for all workers: graphs are checked by what the last one
    that started has published."""

    @field_validator("declared_tables", mode="before")
    @classmethod
    def _read_tables(cls, value: Any) -> Any:
        return msgspec.convert(value, dict[str, DeclaredTable])

    def tables(self) -> dict[str, WritableTable]:
        """Return the tables as action types publish them."""
        return {
            name: WritableTable(table.columns, table.readable)
            for name, table in self.declared_tables.items()
        }


class WorkerSettings(
    TableSettings, DatabaseSettings, TemporalSettings, HttpSettings, ProcessSettings
):
    """Everything that a worker can be told.

    `HOST` and `PORT` are where it answers `/health/live` and `/health/ready`.
    """

    port: Annotated[int, Field(ge=0, le=65535)] = 8001
    max_concurrent_activities: Annotated[int, Field(ge=1, le=10_000)] = 100
    """Attempts of actions at a time: so many of kind local, and so many of the others."""
    max_concurrent_workflow_tasks: Annotated[int, Field(ge=2, le=10_000)] = 100
    """Workflow tasks at a time."""
    database_pool_size: Annotated[int, Field(ge=1, le=1_000)] = 10

    temporal_worker_deployment_name: str | None = None
    """With a build id: Temporal's Worker Versioning decides which build takes workflows."""
    temporal_worker_build_id: str | None = None
    """Which build of that deployment this worker is: both are set, or neither."""

    smtp_host: str | None = None
    """Together with a sender; without them `send_email` is refused."""
    smtp_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """By default the one that is usual for `SMTP_TLS`."""
    smtp_username: str | None = None
    """Without it nobody logs in to the mail server."""
    smtp_password: SecretStr | None = None
    """Of that user."""
    smtp_sender: str | None = None
    """From whom mails come."""
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    """How the connection to the mail server is encrypted."""

    webhook_allowed_targets: tuple[str, ...] = ()
    """JSON list of hosts and networks that may be called though they are not public."""
    webhook_forbidden_targets: tuple[str, ...] = ()
    """JSON list of hosts and networks that may never be called."""
    webhook_timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 30.0
    """For a whole call, unless the action's config says otherwise."""

    amqp_url: AmqpUrl | None = None
    """Together with keys; without them actions of kind async are refused."""
    amqp_prefix: AmqpPrefix = "ichor"
    """Of the names of exchanges and queues; the same in all services."""
    reply_token_keys: ReplyTokenKeys | None = None
    """Base64 of 32 bytes; several with commas between: the first seals, all open."""

    @model_validator(mode="after")
    def _what_goes_together(self) -> Self:
        if (self.smtp_host is None) != (self.smtp_sender is None):
            raise ValueError("SMTP_HOST and SMTP_SENDER go together: set both or neither")
        if (self.amqp_url is None) != (self.reply_token_keys is None):
            raise ValueError("AMQP_URL and REPLY_TOKEN_KEYS go together: set both or neither")
        if (self.temporal_worker_deployment_name is None) != (
            self.temporal_worker_build_id is None
        ):
            raise ValueError(
                "TEMPORAL_WORKER_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID go together: "
                "set both or neither"
            )
        return self

    def worker_version(self) -> WorkerDeploymentVersion | None:
        """Return which version of which deployment this worker is; None without versioning."""
        name, build = self.temporal_worker_deployment_name, self.temporal_worker_build_id
        return None if name is None or build is None else WorkerDeploymentVersion(name, build)

    def publisher(self) -> AmqpRequestPublisher | None:
        """Return what publishes requests, not connected yet; None where it is not configured."""
        if self.amqp_url is None:
            return None
        return AmqpRequestPublisher(
            self.amqp_url.get_secret_value(), Topology(self.amqp_prefix), name="ichor-worker"
        )

    def reply_tokens(self) -> ReplyTokens | None:
        """Return what seals reply tokens; None where it is not configured."""
        keys = self.reply_token_keys
        return None if keys is None else ReplyTokens(read_keys(keys))

    def resources(self, effects: EffectStore) -> Resources:
        """Return what actions get of the outside; what is not configured is None."""
        mail = None
        if self.smtp_host is not None and self.smtp_sender is not None:
            mail = MailSettings(
                host=self.smtp_host,
                sender=self.smtp_sender,
                port=self.smtp_port,
                username=self.smtp_username,
                password=self.smtp_password.get_secret_value() if self.smtp_password else None,
                tls=self.smtp_tls,
            )
        http = WebhookSettings(
            allowed_targets=self.webhook_allowed_targets,
            forbidden_targets=self.webhook_forbidden_targets,
            timeout=self.webhook_timeout_seconds,
        )
        return Resources(effects=effects, tables=self.tables(), http=http, mail=mail)
