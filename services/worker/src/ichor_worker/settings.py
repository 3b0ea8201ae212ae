"""The worker's environment variables."""

from typing import Annotated, Any, Literal, Self

import msgspec
from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator

from ichor_actions.resources import tls_context
from ichor_core.errors import InvalidInputError
from ichor_core.formats import check_http_url
from ichor_edgestore.effects import DeclaredTable
from ichor_runtime.amqp import AmqpPrefix, AmqpUrl, ReplyTokenKeys
from ichor_runtime.settings import (
    DatabaseSettings,
    HttpSettings,
    ProcessSettings,
    SettingsBlock,
    TemporalSettings,
)


def _check_proxy(url: SecretStr) -> SecretStr:
    try:
        check_http_url(url.get_secret_value())
    except InvalidInputError as error:
        raise ValueError("expected http://user:password@host:port or https://") from error
    return url


def _check_certificates(text: str) -> str:
    tls_context(text)
    return text


class VersionSettings(TemporalSettings):
    """The settings of `ichor-worker make-current`."""

    temporal_worker_deployment_name: str
    temporal_worker_build_id: str


class TableSettings(SettingsBlock):
    """The tables that actions may write; the settings of `ichor-worker types`."""

    declared_tables: dict[str, DeclaredTable] = Field(default_factory=dict[str, DeclaredTable])
    """Tables and columns that actions may write: JSON, ``{"public.orders": {"columns":
    ["status"], "key": "id"}}``. Must be the same for all workers: graphs are checked against the
    tables of the worker that started last."""

    @field_validator("declared_tables", mode="before")
    @classmethod
    def _read_tables(cls, value: Any) -> Any:
        return msgspec.convert(value, dict[str, DeclaredTable])


class WorkerSettings(
    TableSettings, DatabaseSettings, TemporalSettings, HttpSettings, ProcessSettings
):
    """The settings of `ichor-worker serve`.

    `/health/live`, `/health/ready` and `/metrics` are served on `HOST` and `PORT`.
    """

    port: Annotated[int, Field(ge=0, le=65535)] = 8001
    max_concurrent_activities: Annotated[int, Field(ge=1, le=10_000)] = 100
    """Maximum concurrent attempts of actions, counted separately for kind local and the others."""
    max_concurrent_workflow_tasks: Annotated[int, Field(ge=2, le=10_000)] = 100
    """Maximum concurrent workflow tasks."""
    database_pool_size: Annotated[int, Field(ge=1, le=1_000)] = 10
    """Maximum connections to PostgreSQL."""

    temporal_worker_deployment_name: str | None = None
    """Name of the deployment for Temporal's Worker Versioning; requires a build id."""
    temporal_worker_build_id: str | None = None
    """Build id of this worker in TEMPORAL_WORKER_DEPLOYMENT_NAME; both are set, or neither."""

    smtp_host: str | None = None
    """Mail server; requires SMTP_SENDER. Without both, `send_email` fails."""
    smtp_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Port of the mail server. Default: 25, 587 or 465, by `SMTP_TLS`."""
    smtp_username: str | None = None
    """User at the mail server; without it, mail is sent without login."""
    smtp_password: SecretStr | None = None
    """Password of SMTP_USERNAME."""
    smtp_sender: str | None = None
    """From address of mails: `address` or `Name <address>`."""
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    """Encryption of the connection to the mail server: `none`, `starttls` or `tls`."""

    webhook_allowed_targets: tuple[str, ...] = ()
    """JSON list of hosts and networks that webhooks may call although they are not public."""
    webhook_forbidden_targets: tuple[str, ...] = ()
    """JSON list of hosts and networks that webhooks may never call; wins over allowed targets."""
    webhook_timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 30.0
    """Seconds for a whole webhook call; the config of an action may set another."""
    webhook_max_response_bytes: Annotated[int, Field(ge=1024, le=16 * 1024 * 1024)] = 1024 * 1024
    """Bytes of the longest body of a response that is kept; a longer one is left out of the
    result, and the call has succeeded."""
    https_proxy: Annotated[SecretStr, AfterValidator(_check_proxy)] | None = None
    """Proxy for webhooks to https URLs, `http://user:password@host:port` or `https://`. It resolves
    names itself, so it must refuse what is not public."""
    http_proxy: Annotated[SecretStr, AfterValidator(_check_proxy)] | None = None
    """Proxy for webhooks to http URLs, as HTTPS_PROXY."""
    no_proxy: str = ""
    """Domains, each with all below it, and networks that webhooks call without proxy, separated by
    commas; `*`: all."""
    ca_certificates: Annotated[str, AfterValidator(_check_certificates)] | None = None
    """PEM of authorities that webhooks and mail trust in addition to those of the system; a bundle
    is named by `CA_CERTIFICATES_FILE`."""

    amqp_url: AmqpUrl | None = None
    """RabbitMQ, `amqp://user:password@host:port/vhost`, or `amqps://`; requires REPLY_TOKEN_KEYS.
    Without both, actions of kind async fail."""
    amqp_prefix: AmqpPrefix = "ichor"
    """Prefix of exchange and queue names; must be the same in all services."""
    reply_token_keys: ReplyTokenKeys | None = None
    """Keys of reply tokens, each the base64 of 32 bytes, separated by commas: the first seals, all
    open."""

    @model_validator(mode="after")
    def _check_pairs(self) -> Self:
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
