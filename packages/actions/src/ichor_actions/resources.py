"""Resources that actions use: stores and settings, which the worker provides when it starts."""

import ssl
from collections.abc import Mapping
from typing import Literal, TypeVar

from msgspec import Struct

from ichor_actions.errors import RefusedError
from ichor_core.contract import EffectStore

TlsMode = Literal["none", "starttls", "tls"]
"""Never encrypted; upgraded after connecting, or not sent at all; encrypted from the start."""

_VARIABLES = {"mail": "SMTP_HOST and SMTP_SENDER"}
"""Settings of the worker by resource; the worker always provides the others."""

T = TypeVar("T")


class WebhookSettings(Struct, frozen=True, kw_only=True):
    """Limits and permitted targets of HTTP calls."""

    allowed_targets: tuple[str, ...] = ()
    """Hosts and networks (`10.1.0.0/16`) that may be called although they are not public."""
    forbidden_targets: tuple[str, ...] = ()
    """Hosts and networks that may never be called."""
    timeout: float = 30.0
    """Seconds for a whole call; the config of an action may set another."""
    max_response_bytes: int = 1024 * 1024
    """Bytes of the longest body that is kept, unpacked."""
    ca_certificates: str | None = None
    """PEM of authorities that are trusted in addition to those of the system."""
    https_proxy: str | None = None
    """URL of the proxy for calls of https URLs; it resolves their names itself."""
    http_proxy: str | None = None
    no_proxy: tuple[str, ...] = ()
    """Domains, each with all below it, and networks that are called without proxy; `*`: all."""

    def __repr__(self) -> str:
        # The password of a proxy must not reach a log.
        return (
            f"WebhookSettings(allowed_targets={self.allowed_targets}, "
            f"forbidden_targets={self.forbidden_targets})"
        )


def tls_context(ca_certificates: str | None) -> ssl.SSLContext:
    """Return a context that trusts the authorities of the system, and these in addition.

    Raises:
        ValueError: they are not certificates in PEM.
    """
    context = ssl.create_default_context()
    if ca_certificates is not None:
        try:
            context.load_verify_locations(cadata=ca_certificates)
        except (ssl.SSLError, ValueError) as error:
            raise ValueError("expected certificates in PEM") from error
    return context


class MailSettings(Struct, frozen=True, kw_only=True):
    """The mail server and the From address."""

    host: str
    sender: str
    """`address` or `Name <address>`."""
    port: int | None = None
    """Default: 25, 587 or 465, by `tls`."""
    username: str | None = None
    password: str | None = None
    tls: TlsMode = "starttls"
    ca_certificates: str | None = None
    """PEM of authorities that are trusted in addition to those of the system."""
    timeout: float = 60.0
    """Seconds for each step of the conversation with the server."""
    retry_waits: tuple[float, ...] = (30, 90, 300)
    """Seconds before those whom the server refused for now, though it took others, are asked for
    again: greylisting takes nobody before some minutes have passed."""

    def __repr__(self) -> str:
        # The password must not reach a log.
        return f"MailSettings(host={self.host!r}, port={self.port}, sender={self.sender!r})"


class WritableTable(Struct, frozen=True):
    """The columns of a table that actions may use."""

    columns: tuple[str, ...]
    """Columns that may be written."""
    readable: tuple[str, ...]
    """Columns that a condition may compare."""


class Resources(Struct, frozen=True, kw_only=True):
    """The configured resources; an action whose resource is None fails when it runs."""

    effects: EffectStore | None = None
    tables: Mapping[str, WritableTable] | None = None
    """Tables that `effects` may write, by name; graphs are checked against them. None: unknown."""
    http: WebhookSettings | None = None
    mail: MailSettings | None = None


def needed(resource: T | None, name: str) -> T:
    """Return the resource if it is configured.

    Raises:
        RefusedError: it is not; the message names the settings.
    """
    if resource is None:
        variables = _VARIABLES.get(name)
        remedy = f": set {variables} on the worker" if variables else ""
        raise RefusedError(f"{name} is not configured{remedy}")
    return resource
