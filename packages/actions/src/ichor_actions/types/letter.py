"""Builds mail messages from values that may come from anywhere."""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import idna
from msgspec import Struct

from ichor_actions.errors import ConfigError, config_errors
from ichor_actions.types.mail_headers import Header, header_block, mailbox, mailboxes, text_value
from ichor_core.errors import InvalidInputError
from ichor_core.formats import check_header_text, read_mail_address

_OTHER_ADDRESS = re.compile(r"(<[^<>@]*@[^<>@]*>|^[^\s\"@]+@[^\s\"@]+?)\s*[,;]")
_BODY = SMTP.clone(cte_type="7bit")


class Mailbox(Struct, frozen=True):
    """A mail address and the name of its owner, which may be empty."""

    display: str
    local: str
    domain: str

    @property
    def addr_spec(self) -> str:
        """The address alone, in ASCII."""
        return f"{self.local}@{self.domain}"

    @property
    def written(self) -> str:
        """The value of a header that names it."""
        return mailbox(self.display, self.addr_spec)


class Letter(Struct, frozen=True, kw_only=True):
    """A message before it is written out; `bcc` is part of the envelope only."""

    message_id: str
    sender: Mailbox
    to: Sequence[Mailbox]
    subject: str
    cc: Sequence[Mailbox] = ()
    bcc: Sequence[Mailbox] = ()
    reply_to: Mailbox | None = None
    text: str | None = None
    html: str | None = None

    @property
    def recipients(self) -> list[str]:
        """Every address that gets it, once."""
        return list(dict.fromkeys(one.addr_spec for one in (*self.to, *self.cc, *self.bcc)))

    def write(self, date: datetime | None = None) -> bytes:
        """Return the message as it is sent, in ASCII; text and HTML are alternatives.

        Raises:
            RefusedError: the written header holds what is not of this letter.
        """
        return header_block(self._headers(date or datetime.now(UTC))) + self._body().as_bytes()

    def _headers(self, date: datetime) -> list[Header]:
        headers = [
            ("From", self.sender.written),
            ("To", mailboxes(one.written for one in self.to)),
            ("Cc", mailboxes(one.written for one in self.cc)),
            ("Reply-To", self.reply_to.written if self.reply_to is not None else ""),
            ("Subject", text_value("Subject", self.subject)),
            ("Date", format_datetime(date)),
            ("Message-ID", self.message_id),
            ("Auto-Submitted", "auto-generated"),
        ]
        return [(name, value) for name, value in headers if value or name == "Subject"]

    def _body(self) -> EmailMessage:
        # Only content is given to `email`, whose headers are read as mail syntax.
        body = EmailMessage(policy=_BODY)
        if self.text is not None:
            body.set_content(self.text)
        if self.html is not None:
            if self.text is None:
                body.set_content(self.html, subtype="html")
            else:
                body.add_alternative(self.html, subtype="html")
        return body


def message_id(key: str, domain: str) -> str:
    """Return the `Message-ID` that belongs to an idempotency key: the same for the same key."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def parse_address(text: str, path: str) -> Mailbox:
    """Read ``address`` or ``Name <address>``; a domain in other letters gets its ASCII form.

    Raises:
        ConfigError: it is not one address, or has other letters before the `@`.
    """
    check_header(text, path)
    try:
        read = read_mail_address(_with_ascii_domain(text), path)
    except InvalidInputError as error:
        raise ConfigError(f"{text[:80]!r} is not a mail address{_reason(text)}", path) from error
    # Some readers decode even an address; and the name may hold the other addresses of a list.
    if "=?" in f"{read.local}@{read.domain}" or _OTHER_ADDRESS.search(read.display):
        raise ConfigError(f"{text[:80]!r} is not a mail address{_reason(text)}", path)
    return Mailbox(read.display, read.local, read.domain)


def _with_ascii_domain(text: str) -> str:
    before, at, after = text.strip().rpartition("@")
    domain = after.removesuffix(">")
    if domain.isascii():
        return text
    try:
        return f"{before}{at}{idna.encode(domain, uts46=True).decode()}{after[len(domain) :]}"
    except idna.IDNAError:
        return text


def _reason(text: str) -> str:
    if text.count("@") > 1 and any(separator in text for separator in ",;"):
        return ": several addresses are a list, with a text for each"
    if not text.rpartition("@")[0].rpartition("<")[2].isascii():
        return ": only ASCII is possible before the @"
    return ""


def check_header(text: str, path: str) -> str:
    """Return the text if it can stand in a header.

    Raises:
        ConfigError: it has a line break or another control character, with which data could add
            headers or recipients.
    """
    with config_errors():
        return check_header_text(text, path)
