"""Hands a mail to the mail server, again for recipients that it takes only later."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

import aiosmtplib
from aiosmtplib import SMTPResponse
from msgspec import Struct

from ichor_actions.errors import ActionError, RefusedError, TransientError
from ichor_actions.resources import MailSettings, tls_context

Sleep = Callable[[float], Awaitable[object]]

TOO_MANY_RECIPIENTS = 452
"""Of a transaction; the others are to be sent in another one. Also: not enough storage."""
_LATER = range(400, 500)
_FIRST_RETRY = 60.0
_LAST_RETRY = 300.0


class RefusedRecipient(Struct, frozen=True):
    """An address that the mail server refused."""

    address: str
    code: int
    """Of the last answer: 400 to 499, where the server would have taken it later."""
    message: str
    attempts: int = 1
    """Number of times that the server was asked to take it."""


class Delivered(Struct, frozen=True):
    """Outcome of each recipient."""

    accepted: list[str]
    refused: list[RefusedRecipient]


async def deliver(  # noqa: PLR0913 - all but two are one mail
    sender: str,
    recipients: Sequence[str],
    mail: bytes,
    settings: MailSettings,
    *,
    number: int = 1,
    sleep: Sleep = asyncio.sleep,
) -> Delivered:
    """Send a mail; recipients refused for now are asked for again, and nobody gets it twice.

    That happens here only where somebody has got the mail: otherwise a retry of the whole action
    does as well, and holds nothing up.

    Args:
        sender: address of the envelope.
        recipients: addresses, each once.
        mail: as it is sent.
        settings: of the server, and the waits between attempts.
        number: of the action's attempt, by which the wait before the next one grows.
        sleep: waits.

    Raises:
        RefusedError: the server refuses every recipient, the mail, or the settings.
        TransientError: it takes nobody for now, or cannot be reached.
    """
    refused: dict[str, RefusedRecipient] = {}
    pending, waits, attempts = list(recipients), iter(settings.retry_waits), 0
    while True:
        attempts += 1
        try:
            answers = await _transaction(sender, pending, mail, settings)
        except (aiosmtplib.SMTPException, OSError) as error:
            if attempts == 1:
                raise _error(error, settings) from error
            # Somebody has got it: those who have not keep the answer that they had.
            answers = {
                name: SMTPResponse(refused[name].code, refused[name].message) for name in pending
            }
        for name in pending:
            refused.pop(name, None)
        refused |= {
            name: RefusedRecipient(name, answer.code, answer.message, attempts)
            for name, answer in answers.items()
        }
        if len(refused) == len(recipients):
            raise _all_refused(refused.values(), settings, number)
        asked, pending = len(pending), [name for name in answers if answers[name].code in _LATER]
        if not pending:
            break
        if len(answers) < asked and _are_too_many(answers, pending):
            continue
        wait = next(waits, None)
        if wait is None:
            break
        await sleep(wait)
    accepted = [name for name in recipients if name not in refused]
    return Delivered(accepted, [refused[name] for name in recipients if name in refused])


async def _transaction(
    sender: str, recipients: Sequence[str], mail: bytes, settings: MailSettings
) -> Mapping[str, SMTPResponse]:
    """Return the answers for the recipients that are refused."""
    client = aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port,
        username=settings.username,
        password=settings.password,
        timeout=settings.timeout,
        use_tls=settings.tls == "tls",
        start_tls=settings.tls == "starttls",
        tls_context=None if settings.tls == "none" else tls_context(settings.ca_certificates),
    )
    try:
        async with client:
            answers, _ = await client.sendmail(sender, recipients, mail)
    except aiosmtplib.SMTPRecipientsRefused as error:
        return {one.recipient: SMTPResponse(one.code, one.message) for one in error.recipients}
    return answers


def _are_too_many(answers: Mapping[str, SMTPResponse], pending: Iterable[str]) -> bool:
    return all(answers[name].code == TOO_MANY_RECIPIENTS for name in pending)


def _all_refused(
    refused: Iterable[RefusedRecipient], settings: MailSettings, number: int
) -> ActionError:
    reasons = "; ".join(f"{one.address}: {one.code} {one.message}" for one in refused)
    message = f"the mail server {settings.host} refused every recipient: {reasons}"
    # A mail that some day reaches one of them is worth another attempt.
    if all(one.code not in _LATER for one in refused):
        return RefusedError(message)
    # Greylisting takes nobody before some minutes have passed.
    return TransientError(message, min(_FIRST_RETRY * 5 ** (number - 1), _LAST_RETRY))


def _error(error: Exception, settings: MailSettings) -> ActionError:
    server = f"the mail server {settings.host}"
    if isinstance(error, aiosmtplib.SMTPResponseException):
        message = f"{server} answered {error.code} {error.message}"
        return RefusedError(message) if error.code >= 500 else TransientError(message)
    if isinstance(error, OSError):  # connections and timeouts
        return TransientError(f"{server} cannot be reached: {error}")
    return RefusedError(f"{server} does not support the configured settings: {error}")
