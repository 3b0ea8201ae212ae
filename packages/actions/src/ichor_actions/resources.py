"""What actions need of the outside; the worker provides it when it starts."""

from collections.abc import Mapping
from typing import Literal, TypeVar

from msgspec import Struct

from ichor_actions.errors import RefusedError
from ichor_core.contract import EffectStore

TlsMode = Literal["none", "starttls", "tls"]
"""Never encrypted; upgraded after connecting, or not sent at all; encrypted from the start."""

_VARIABLES = {"mail": "SMTP_HOST and SMTP_SENDER"}
"""Of `ichor-worker`, which always gives the rest: by name of the resource."""

T = TypeVar("T")


class HttpSettings(Struct, frozen=True, kw_only=True):
    """How actions call other systems over HTTP."""

    allowed_targets: tuple[str, ...] = ()
    """Hosts and networks (`10.1.0.0/16`) that may be called though they are not public."""
    forbidden_targets: tuple[str, ...] = ()
    """Hosts and networks that may never be called."""
    timeout: float = 30.0
    """Seconds for a whole call where the config says nothing."""
    max_response_bytes: int = 1024 * 1024


class MailSettings(Struct, frozen=True, kw_only=True):
    """The mail server, and in whose name mail is sent."""

    host: str
    sender: str
    """`address` or `Name <address>`."""
    port: int | None = None
    """By default 25, 587 or 465, according to `tls`."""
    username: str | None = None
    password: str | None = None
    tls: TlsMode = "starttls"
    timeout: float = 60.0
    """Seconds for each step of the conversation with the server."""

    def __repr__(self) -> str:
        # The password must not reach a log.
        return f"MailSettings(host={self.host!r}, port={self.port}, sender={self.sender!r})"


class WritableTable(Struct, frozen=True):
    """What actions may do with a table."""

    columns: tuple[str, ...]
    """Those that may be written."""
    readable: tuple[str, ...]
    """Those that a condition may compare."""


class Resources(Struct, frozen=True, kw_only=True):
    """What is configured; an action that needs what is None is refused when it runs."""

    effects: EffectStore | None = None
    tables: Mapping[str, WritableTable] | None = None
    """By name, what `effects` may write, by which graphs are checked; None: that is not known."""
    http: HttpSettings | None = None
    mail: MailSettings | None = None


def needed(resource: T | None, setting: str) -> T:
    """Return the resource if it is configured.

    Raises:
        RefusedError: it is not; the message names the setting.
    """
    if resource is None:
        variables = _VARIABLES.get(setting)
        cure = f" (ichor-worker: {variables})" if variables else ""
        raise RefusedError(f"the setting {setting} of this worker is missing{cure}")
    return resource
