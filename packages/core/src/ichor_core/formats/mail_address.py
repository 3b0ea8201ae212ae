"""Mail addresses, and texts for mail headers."""

import unicodedata

from msgspec import Struct

from ichor_core.errors import InvalidInputError

MAX_ADDRESS = 254
_SPECIAL = frozenset('()<>[]:;@\\,"')


class MailAddress(Struct, frozen=True):
    """The parts of ``Display Name <local@domain>``."""

    display: str
    local: str
    domain: str


def read_mail_address(text: str, path: str = "$") -> MailAddress:
    """Read ``address`` or ``Name <address>``.

    Raises:
        InvalidInputError: not a single address in ASCII.
    """
    check_header_text(text, path)
    name, bracket, rest = text.strip().rpartition("<")
    spec = rest.removesuffix(">") if bracket and rest.endswith(">") else text.strip()
    local, _, domain = spec.rpartition("@")
    parts = (local, domain)
    if (
        len(spec) > MAX_ADDRESS
        or not all(parts)
        or not spec.isascii()
        or any(char.isspace() or char in _SPECIAL for part in parts for char in part)
        or any(part.startswith(".") or part.endswith(".") or ".." in part for part in parts)
    ):
        raise InvalidInputError(f"{text[:80]!r} is not a mail address", path)
    display = name.strip().removeprefix('"').removesuffix('"') if bracket else ""
    return MailAddress(display, local, domain)


def check_header_text(text: str, path: str = "$") -> str:
    """Return the text if it fits into a mail header.

    Raises:
        InvalidInputError: it has a line break or another control character, with which data could
            add headers or recipients of its own.
    """
    if any(unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs") for char in text):
        raise InvalidInputError(
            "a mail header must not contain line breaks or control characters", path
        )
    return text
