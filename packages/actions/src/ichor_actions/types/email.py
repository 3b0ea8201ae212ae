"""The action that sends mail."""

from typing import Annotated, Any

import aiosmtplib
from msgspec import Meta, Struct

from ichor_actions.attempt import ActionAttempt
from ichor_actions.definition.constraints import any_of, given
from ichor_actions.definition.spec import ActionSpec
from ichor_actions.errors import ActionError, RefusedError, TransientError
from ichor_actions.resources import MailSettings, Resources, needed
from ichor_actions.types.letter import Letter, check_header, message_id, parse_address
from ichor_core.formats import HEADER_TEXT, MAIL_ADDRESS

MailAddress = Annotated[str, Meta(extra_json_schema={"format": MAIL_ADDRESS})]
Addresses = MailAddress | Annotated[list[MailAddress], Meta(max_length=100)]
"""One address or several, each `address` or `Name <address>`."""


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


class RefusedRecipient(Struct, frozen=True):
    """An address that the mail server refused."""

    address: str
    code: int
    message: str


class SendEmailResult(Struct, frozen=True):
    """The result of `send_email`."""

    message_id: str
    accepted: list[str]
    refused: list[RefusedRecipient]


class SendEmail:
    """Sends a mail through the mail server; every attempt carries the same `Message-ID`."""

    spec = ActionSpec(
        type="send_email",
        title="Send email",
        description="Sends a mail through the configured mail server.",
        kind="sync",
        config=SendEmailConfig,
        result=SendEmailResult,
        constraints=(
            any_of(_SOME_TEXT, given("text"), given("html")),
            {"properties": {"to": {"minLength": 1, "minItems": 1, "errorMessage": _SOMEBODY}}},
        ),
    )

    def __init__(self, resources: Resources) -> None:
        self._settings = resources.mail

    async def execute(self, config: SendEmailConfig, attempt: ActionAttempt) -> SendEmailResult:
        """Send the mail; it succeeds if the server takes it for at least one recipient.

        Raises:
            ConfigError: an invalid address, a line break in a header.
            RefusedError: the server answers 5xx, or does not support the configured settings.
            TransientError: the server answers 4xx, or cannot be reached.
        """
        settings = needed(self._settings, "mail")
        letter = _letter(config, attempt, settings)
        mail = letter.write()
        try:
            async with _client(settings) as client:
                failures, _ = await client.sendmail(
                    letter.sender.addr_spec, letter.recipients, mail
                )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _error(error, settings) from error
        return SendEmailResult(
            letter.message_id,
            [address for address in letter.recipients if address not in failures],
            [RefusedRecipient(name, why.code, why.message) for name, why in failures.items()],
        )


def _client(settings: MailSettings) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port,
        username=settings.username,
        password=settings.password,
        timeout=settings.timeout,
        use_tls=settings.tls == "tls",
        start_tls=settings.tls == "starttls",
    )


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


def _error(error: Exception, settings: MailSettings) -> ActionError:
    server = f"the mail server {settings.host}"
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        codes = [one.code for one in error.recipients]
        reasons = "; ".join(
            f"{one.recipient}: {one.code} {one.message}" for one in error.recipients
        )
        message = f"{server} refused every recipient: {reasons}"
        # A mail that some day reaches one of them is worth another attempt.
        return RefusedError(message) if min(codes) >= 500 else TransientError(message)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        message = f"{server} answered {error.code} {error.message}"
        return RefusedError(message) if error.code >= 500 else TransientError(message)
    if isinstance(error, OSError):  # connections and timeouts
        return TransientError(f"{server} cannot be reached: {error}")
    return RefusedError(f"{server} does not support the configured settings: {error}")
