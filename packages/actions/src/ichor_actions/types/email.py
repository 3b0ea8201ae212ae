"""The action that sends mail."""

import asyncio
from typing import Annotated, Any

from msgspec import Meta, Struct

from ichor_actions.attempt import ActionAttempt
from ichor_actions.definition.constraints import any_of, given
from ichor_actions.definition.spec import ActionSpec
from ichor_actions.resources import MailSettings, Resources, needed
from ichor_actions.types.delivery import RefusedRecipient, Sleep, deliver
from ichor_actions.types.letter import Letter, check_header, message_id, parse_address
from ichor_core.formats import HEADER_TEXT, MAIL_ADDRESS
from ichor_core.limits import Limits

MailAddress = Annotated[str, Meta(extra_json_schema={"format": MAIL_ADDRESS})]
Addresses = MailAddress | Annotated[list[MailAddress], Meta(max_length=100)]
"""One address or several, each `address` or `Name <address>`."""


START_TO_CLOSE = 900
"""Seconds for one attempt, in which those refused for now are asked for again."""
_SOME_TEXT = "give text, html or both"
_SOMEBODY = "give at least one address in to"


class SendEmailConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The config of `send_email`; at least one of `text` and `html` is there."""

    to: Addresses
    subject: Annotated[str, Meta(max_length=900, extra_json_schema={"format": HEADER_TEXT})]
    text: str | None = None
    html: str | None = None
    cc: Addresses | None = None
    bcc: Addresses | None = None
    reply_to: MailAddress | None = None

    def __post_init__(self) -> None:
        if self.text is None and self.html is None:
            raise ValueError(_SOME_TEXT)
        if not self.to:
            raise ValueError(_SOMEBODY)


class SendEmailResult(Struct, frozen=True):
    """The result of `send_email`."""

    message_id: str
    accepted: list[str]
    """Addresses for which the mail server took the mail."""
    refused: list[RefusedRecipient]
    """Addresses for which it did not; those that it refused for now were asked for again."""


class SendEmail:
    """Sends a mail through the mail server; every attempt carries the same `Message-ID`.

    Args:
        resources: `mail` has the server and the sender.
        sleep: waits before recipients that were refused for now are asked for again.
    """

    spec = ActionSpec(
        type="send_email",
        title="Send email",
        description="Sends a mail through the configured mail server.",
        kind="sync",
        limits=Limits(start_to_close=START_TO_CLOSE),
        config=SendEmailConfig,
        result=SendEmailResult,
        constraints=(
            any_of(_SOME_TEXT, given("text"), given("html")),
            {"properties": {"to": {"minLength": 1, "minItems": 1, "errorMessage": _SOMEBODY}}},
        ),
    )

    def __init__(self, resources: Resources, *, sleep: Sleep = asyncio.sleep) -> None:
        self._settings = resources.mail
        self._sleep = sleep

    async def execute(self, config: SendEmailConfig, attempt: ActionAttempt) -> SendEmailResult:
        """Send the mail; it succeeds if the server takes it for at least one recipient.

        Raises:
            ConfigError: an invalid address, a line break in a header.
            RefusedError: the server answers 5xx, or does not support the configured settings.
            TransientError: the server answers 4xx for everybody, or cannot be reached.
        """
        settings = needed(self._settings, "mail")
        letter = _letter(config, attempt, settings)
        mail = letter.write()
        delivered = await deliver(
            letter.sender.addr_spec,
            letter.recipients,
            mail,
            settings,
            number=attempt.number,
            sleep=self._sleep,
        )
        return SendEmailResult(letter.message_id, delivered.accepted, delivered.refused)


def _letter(config: SendEmailConfig, attempt: ActionAttempt, settings: MailSettings) -> Letter:
    sender = parse_address(settings.sender, "mail.sender")
    return Letter(
        message_id=message_id(attempt.idempotency_key, sender.domain),
        sender=sender,
        to=_addresses(config.to, "$.to"),
        cc=_addresses(config.cc, "$.cc"),
        bcc=_addresses(config.bcc, "$.bcc"),
        reply_to=parse_address(config.reply_to, "$.reply_to") if config.reply_to else None,
        subject=check_header(config.subject, "$.subject"),
        text=config.text,
        html=config.html,
    )


def _addresses(value: Addresses | None, path: str) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, str):
        return [parse_address(value, path)]
    return [parse_address(item, f"{path}[{n}]") for n, item in enumerate(value)]
