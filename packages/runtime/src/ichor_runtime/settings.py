"""Blocks of environment variables, from which each service composes its settings.

The settings of a service inherit from the blocks that it needs::

    class WorkerSettings(DatabaseSettings, TemporalSettings, ProcessSettings):
        max_concurrent_activities: int = 100


    settings = load_settings(WorkerSettings)
"""

import os
import sys
from typing import Annotated, Any, Literal, NoReturn, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from temporalio.envconfig import ClientConfigProfile

from ichor_runtime.errors import SettingsError
from ichor_runtime.setting_files import SettingFiles, file_problems, value_from_file
from ichor_runtime.telemetry.environment import telemetry_problems

S = TypeVar("S", bound=BaseSettings)

_API_KEY = "TEMPORAL_API_KEY"
BAD_SETTINGS = 2
"""Exit code of a process whose settings cannot be used."""


def _check_database_url(url: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(url.get_secret_value())
        usable = parts.scheme in ("postgresql", "postgres") and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("expected postgresql://user:password@host:port/database")
    return url


class SettingsBlock(BaseSettings):
    """Settings from the environment; an empty variable counts as not set.

    The value of `NAME` may also come from the file that `NAME_FILE` names.
    """

    model_config = SettingsConfigDict(
        env_ignore_empty=True, frozen=True, extra="ignore", arbitrary_types_allowed=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read variables, then files that variables name."""
        return init_settings, env_settings, SettingFiles(settings_cls)


class DatabaseSettings(SettingsBlock):
    """Address of PostgreSQL."""

    database_url: Annotated[SecretStr, AfterValidator(_check_database_url)]
    """PostgreSQL: `postgresql://user:password@host:port/database`."""


class TemporalSettings(SettingsBlock):
    """Address of Temporal, in the variables and configuration file that its own tools read.

    `TEMPORAL_ADDRESS` (localhost:7233), `TEMPORAL_NAMESPACE` (default), `TEMPORAL_API_KEY`,
    `TEMPORAL_TLS` and `TEMPORAL_TLS_*`, `TEMPORAL_GRPC_META_*`, `TEMPORAL_CONFIG_FILE`,
    `TEMPORAL_PROFILE`.
    """

    # Its repr would show the API key and the private key.
    temporal: ClientConfigProfile = Field(
        default=None, validate_default=True, repr=False, validation_alias="TEMPORAL_*"
    )

    @field_validator("temporal", mode="before")
    @classmethod
    def _load_profile(cls, value: ClientConfigProfile | None) -> ClientConfigProfile:
        return load_temporal_profile() if value is None else value


class HttpSettings(SettingsBlock):
    """Address on which a process listens."""

    host: str = "127.0.0.1"
    """Address to listen on; `0.0.0.0`: all addresses."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """HTTP port (health, metrics, and the API); 0 picks a free one."""
    metrics_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    """Port that serves `/metrics` alone, which `PORT` then does not serve; unset: on `PORT`."""


class ProcessSettings(SettingsBlock):
    """Logs and shutdown of a process.

    `OTEL_*` set where its traces and metrics go: see `ichor_runtime.telemetry.environment`.
    """

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Minimum level to log: `debug`, `info`, `warning` or `error`."""
    log_format: Literal["json", "console"] = "json"
    """`json`: one JSON object per line; `console`: text for people."""
    shutdown_grace_seconds: Annotated[float, Field(ge=0, le=3600)] = 20.0
    """Seconds that running work gets after SIGTERM."""

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _check_telemetry(self) -> Self:
        problems = telemetry_problems()
        if problems:
            raise ValueError("\n  ".join(problems))
        return self


def load_temporal_profile() -> ClientConfigProfile:
    """Read how to reach Temporal from the environment.

    Raises:
        ValueError: an invalid variable; the message has no secrets.
    """
    if os.environ.get("TEMPORAL_TLS", "true").lower() not in ("", "true", "false", "1", "0"):
        raise ValueError("TEMPORAL_TLS: expected true or false")
    file = os.environ.get("TEMPORAL_CONFIG_FILE")
    if file and not os.path.isfile(file):
        raise ValueError(f"TEMPORAL_CONFIG_FILE: no such file: {file}")
    variables = {name: value for name, value in os.environ.items() if value}
    key = value_from_file(_API_KEY)
    if key is not None:
        variables[_API_KEY] = key
    try:
        profile = ClientConfigProfile.load(override_env_vars=variables)
        profile.to_client_connect_config()  # reads the certificates
    except Exception as error:  # the SDK's ConfigError has no public name
        raise ValueError(str(error)) from error
    host, _, port = (profile.address or "localhost:7233").rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"TEMPORAL_ADDRESS: expected host:port, not {profile.address!r}")
    return profile


def read_settings(settings: type[S]) -> S:
    """Read settings from the environment.

    Raises:
        SettingsError: names every missing or invalid variable.
    """
    fields = settings.model_fields
    unreadable = file_problems(name.upper() for name in fields)
    problems = list(unreadable.values())
    try:
        read = settings()
    except ValidationError as error:
        problems += [
            _describe(problem, fields)
            for problem in error.errors()
            if not (problem["loc"] and str(problem["loc"][0]).upper() in unreadable)
        ]
        raise SettingsError(problems) from None  # its text would show the values of secrets
    if problems:
        raise SettingsError(problems)
    return read


def load_settings(settings: type[S]) -> S:
    """Read settings; if any is invalid, name it on standard error and exit with 2."""
    try:
        return read_settings(settings)
    except SettingsError as error:
        _exit(error)


def _exit(error: SettingsError) -> NoReturn:
    lines = ["Invalid environment variables:"]
    lines += [f"  {problem}" for problem in error.problems]
    sys.stderr.write("\n".join(lines) + "\n")
    raise SystemExit(BAD_SETTINGS)


def _describe(problem: Any, fields: dict[str, FieldInfo]) -> str:
    message = str(problem["msg"]).removeprefix("Value error, ")
    if not problem["loc"]:  # several variables together
        return message
    name = str(problem["loc"][0])
    if name in ("temporal", "TEMPORAL_*"):
        return message if message.startswith("TEMPORAL_") else f"TEMPORAL_*: {message}"
    if problem["type"] == "missing":
        return f"{name.upper()}: is not set"
    field = fields.get(name)
    secret = field is None or SecretStr.__name__ in repr(field.annotation)  # also if optional
    shown = "" if secret else f" (it is {problem['input']!r})"
    return f"{name.upper()}: {message[:1].lower()}{message[1:]}{shown}"
