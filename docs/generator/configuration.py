"""docs/reference/configuration.md: every environment variable."""

import re
from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import msgspec
from docs.generator.markdown import code, page, sentence, table
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from ichor_actions.definition import field_docstrings
from ichor_async_completer.settings import CompleterSettings, OperatorSettings
from ichor_edgestore.effects import DeclaredTable
from ichor_trigger_api.settings import ApiSettings
from ichor_worker.settings import WorkerSettings

SERVICES: Mapping[str, type[BaseSettings]] = {
    "trigger-api": ApiSettings,
    "worker": WorkerSettings,
    "async-completer": CompleterSettings,
}

_INTRODUCTION = """\
Every process is configured by environment variables alone. A variable that is empty counts as
not set. At the start all that are missing or wrong are named at once, with exit code 2; values of
secrets are never shown. Lists and tables are JSON; durations are seconds.

The value of any variable `NAME` of these tables may come from a file instead, such as a mounted
secret: `NAME_FILE` is its path. Both at once are refused. A line break at the end of the file is no
part of the value. `TEMPORAL_API_KEY_FILE` and, for the commands of `ichor_edgestore`,
`DATABASE_URL_FILE` are read too; all other `TEMPORAL_*` and `OTEL_*` have no file."""
_TEMPORAL = """\
All services, and the `temporal` command, read these as Temporal's SDKs do, from variables and from
a [configuration file](https://docs.temporal.io/develop/environment-configuration); variables go
first. Which are set for Temporal Cloud, and for a server with client certificates, is
[said with the manifests](../../infra/README.md#temporal-cloud-or-a-temporal-of-your-own)."""
_TEMPORAL_VARIABLES = (
    ("TEMPORAL_ADDRESS", "`localhost:7233`", "host and port of the frontend"),
    ("TEMPORAL_NAMESPACE", "`default`", "must exist; it is not created"),
    ("TEMPORAL_API_KEY", "", "secret; switches TLS on"),
    ("TEMPORAL_TLS", "by the others", "`true` or `false`"),
    (
        "TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_CERT_DATA",
        "",
        "certificate of the client, as a file or as PEM text",
    ),
    ("TEMPORAL_TLS_CLIENT_KEY_PATH, TEMPORAL_TLS_CLIENT_KEY_DATA", "", "its key; secret"),
    (
        "TEMPORAL_TLS_SERVER_CA_CERT_PATH, TEMPORAL_TLS_SERVER_CA_CERT_DATA",
        "the system's authorities",
        "who signed the server's certificate",
    ),
    ("TEMPORAL_TLS_SERVER_NAME", "the host", "the name in the server's certificate"),
    (
        "TEMPORAL_GRPC_META_*",
        "",
        "headers of every call: `TEMPORAL_GRPC_META_TEAM=a` sends `team: a`",
    ),
    ("TEMPORAL_CONFIG_FILE", "in the user's folder", "the configuration file, TOML"),
    ("TEMPORAL_PROFILE", "`default`", "which part of it"),
)
_TELEMETRY = """\
`OTEL_*` are OpenTelemetry's own: [traces](../tracing.md#switch-it-on) are off until asked for,
[metrics](../metrics.md#variables) are on. All services read them."""
_OTHERS = """\
`python -m ichor_edgestore migrate` takes `DATABASE_URL` unless `--dsn` is given. `ichor-worker
make-current` takes `TEMPORAL_*` and the two variables of the worker's version."""


class Variable(NamedTuple):
    """One variable as one service reads it."""

    kind: str
    default: str
    meaning: str


def configuration_page() -> str:
    """Return the page."""
    read = {service: variables(settings) for service, settings in SERVICES.items()}
    names = list(dict.fromkeys(name for found in read.values() for name in found))
    readers = {name: [one for one in SERVICES if name in read[one]] for name in names}
    shared = [name for name in names if len(readers[name]) > 1]
    return page(
        "Configuration",
        _INTRODUCTION,
        "## Shared",
        table(
            ("variable", "type", "default", "read by", "meaning"),
            (_shared(name, {one: read[one][name] for one in readers[name]}) for name in shared),
        ),
        *(
            part
            for service in SERVICES
            for part in _section(
                service,
                {name: read[service][name] for name in names if readers[name] == [service]},
            )
        ),
        _operators(),
        "## Temporal",
        _TEMPORAL,
        table(
            ("variable", "default", "meaning"),
            (
                (", ".join(map(code, name.split(", "))), *rest)
                for name, *rest in _TEMPORAL_VARIABLES
            ),
        ),
        "## Traces and metrics",
        _TELEMETRY,
        "## Other commands",
        _OTHERS,
    )


def variables(settings: type[BaseSettings]) -> dict[str, Variable]:
    """Return what a service reads, those of Temporal left out."""
    meanings = field_docstrings(settings)
    return {
        name.upper(): Variable(
            _type(field), _default(field), sentence(meanings.get(name, "")).rstrip(".")
        )
        for name, field in settings.model_fields.items()
        if name != "temporal"
    }


def _shared(name: str, found: Mapping[str, Variable]) -> tuple[str, ...]:
    readers = ", ".join(found) if len(found) < len(SERVICES) else "all"
    kind, default, meaning = (
        {service: variable[index] for service, variable in found.items()} for index in range(3)
    )
    said = {service: text for service, text in meaning.items() if text}
    # Where they differ, it is by what is allowed; every service says that itself.
    kinds = kind if len(set(kind.values())) == 1 else {one: _bare(kind[one]) for one in kind}
    return code(name), _same(kinds), _same(default), readers, _same(said)


def _bare(kind: str) -> str:
    return kind.partition(",")[0]


def _same(texts: Mapping[str, str]) -> str:
    """Return a text that holds for all; where they differ, who has which."""
    if len(set(texts.values())) < 2:
        return next(iter(texts.values()), "")
    return "; ".join(f"{service}: {text or 'none'}" for service, text in texts.items())


def _section(service: str, found: Mapping[str, Variable]) -> Iterator[str]:
    yield f"## {service}"
    yield table(
        ("variable", "type", "default", "meaning"),
        ((code(name), *variable) for name, variable in found.items()),
    )


def _operators() -> str:
    names = ", ".join(code(name) for name in variables(OperatorSettings))
    return f"`ichor-async-completer dead-letters` reads {names} only."


def _type(field: FieldInfo) -> str:
    limits = [text for text in map(_limit, field.metadata) if text]
    kind, inner = _kind(field.annotation)
    return ", ".join([kind, *inner, *limits])


def _kind(annotation: Any) -> tuple[str, list[str]]:
    """Return a type in words, and what its own annotations limit."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        kind, inner = _kind(arguments[0])
        return kind, [*inner, *(text for text in map(_limit, _metadata(arguments[1:])) if text)]
    if origin in (Union, UnionType):
        (only,) = (one for one in arguments if one is not NoneType)
        return _kind(only)
    if origin is Literal:
        return ", ".join(map(code, arguments)), []
    if arguments and DeclaredTable in arguments:
        return "JSON object of tables", []
    names = {str: "text", int: "whole number", float: "number", bool: "`true`, `false`"}
    names |= {SecretStr: "secret", tuple: "JSON list of text"}
    return names[origin or annotation], []


def _metadata(annotations: tuple[Any, ...]) -> Iterator[Any]:
    for one in annotations:
        if isinstance(one, FieldInfo):
            yield from one.metadata
        else:
            yield one


def _limit(constraint: Any) -> str:
    words = {"ge": "≥ {}", "gt": "> {}", "le": "≤ {}", "lt": "< {}", "pattern": "matches `{}`"}
    for name, text in words.items():
        value = getattr(constraint, name, None)
        if value is not None:
            return text.format(f"{value:,}" if isinstance(value, int) else value)
    return ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return code(re.sub(r"\.0$", "", text))
