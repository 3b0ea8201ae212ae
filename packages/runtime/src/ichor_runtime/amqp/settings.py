"""Environment variables of RabbitMQ and of reply tokens."""

import base64
import binascii
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from ichor_runtime.settings import SettingsBlock

KEY_BYTES = 32


def _check_amqp_url(url: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(url.get_secret_value())
        usable = parts.scheme in ("amqp", "amqps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("expected amqp://user:password@host:port/vhost")
    return url


def _check_keys(keys: SecretStr) -> SecretStr:
    read_keys(keys)
    return keys


AmqpUrl = Annotated[SecretStr, AfterValidator(_check_amqp_url)]
AmqpPrefix = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]
ReplyTokenKeys = Annotated[SecretStr, AfterValidator(_check_keys)]


class AmqpSettings(SettingsBlock):
    """Address of RabbitMQ, and names of exchanges and queues."""

    amqp_url: AmqpUrl
    """RabbitMQ: `amqp://user:password@host:port/vhost`, or `amqps://`."""
    amqp_prefix: AmqpPrefix = "ichor"
    """Prefix of exchange and queue names; must be the same in all services."""


class ReplyTokenSettings(SettingsBlock):
    """Keys of reply tokens."""

    reply_token_keys: ReplyTokenKeys
    """Keys of reply tokens, each the base64 of 32 bytes, separated by commas: the first seals, all
    open."""


def read_keys(keys: SecretStr) -> tuple[bytes, ...]:
    """Return the keys that `REPLY_TOKEN_KEYS` holds.

    Raises:
        ValueError: no key, or one that is not base64 of 32 bytes; it is not shown.
    """
    found: list[bytes] = []
    for number, text in enumerate(keys.get_secret_value().split(","), 1):
        padded = text.strip() + "=" * (-len(text.strip()) % 4)
        try:
            key = base64.b64decode(padded.replace("-", "+").replace("_", "/"), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise ValueError(f"key {number} is not base64 of {KEY_BYTES} bytes")
        found.append(key)
    return tuple(found)
