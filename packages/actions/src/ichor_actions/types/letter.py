"""Builds mail messages from values that may come from anywhere."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from msgspec import Struct

from ichor_actions.errors import config_errors
from ichor_core.formats import check_header_text, read_mail_address


class Letter(Struct, frozen=True, kw_only=True):
    """A message before it is written out; `bcc` is part of the envelope only."""

    message_id: str
    sender: Address
    to: Sequence[Address]
    subject: str
    cc: Sequence[Address] = ()
    bcc: Sequence[Address] = ()
    reply_to: Address | None = None
    text: str | None = None
    html: str | None = None

    @property
    def recipients(self) -> list[str]:
        """Every address that gets it, once."""
        return list(dict.fromkeys(one.addr_spec for one in (*self.to, *self.cc, *self.bcc)))

    def write(self, date: datetime | None = None) -> EmailMessage:
        """Return the message with its headers and its text, HTML or both as alternatives."""
        message = EmailMessage(policy=SMTP)
        message["From"] = self.sender
        message["To"] = list(self.to)
        if self.cc:
            message["Cc"] = list(self.cc)
        if self.reply_to is not None:
            message["Reply-To"] = self.reply_to
        message["Subject"] = self.subject
        message["Date"] = format_datetime(date or datetime.now(UTC))
        message["Message-ID"] = self.message_id
        message["Auto-Submitted"] = "auto-generated"
        if self.text is not None:
            message.set_content(self.text)
        if self.html is not None:
            if self.text is None:
                message.set_content(self.html, subtype="html")
            else:
                message.add_alternative(self.html, subtype="html")
        return message


def message_id(key: str, domain: str) -> str:
    """Return the `Message-ID` that belongs to an idempotency key: the same for the same key."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def parse_address(text: str, path: str) -> Address:
    """Read ``address`` or ``Name <address>``.

    Raises:
        ConfigError: it is not one address in ASCII.
    """
    with config_errors():
        read = read_mail_address(text, path)
    return Address(display_name=read.display, username=read.local, domain=read.domain)


def check_header(text: str, path: str) -> str:
    """Return the text if it can stand in a header.

    Raises:
        ConfigError: it has a line break or another control character, with which data could add
            headers or recipients.
    """
    with config_errors():
        return check_header_text(text, path)
