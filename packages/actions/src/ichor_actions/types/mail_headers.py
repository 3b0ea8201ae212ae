"""Writes the header block of a mail from values that may come from anywhere.

Nothing of a value is ever read as mail syntax: `email.policy` would decode ``=?utf-8?q?…?=`` in it,
with whatever headers that holds. What a reader could decode is encoded once more, so that it shows
as the text that it is.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence

from ichor_actions.errors import RefusedError

Header = tuple[str, str]
"""Name and value, encoded and folded."""

MAX_LINE = 76
"""Longest line that is written without need, in characters; RFC 5322 ends at 998."""
_LIMIT = 998
_WORD_BYTES = 45
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LINE = re.compile(rb"([A-Za-z-]+): ?[\t -~]*")


def text_value(name: str, text: str) -> str:
    """Return a free text, such as the subject, as the value of a header."""
    words = text.split(" ")
    if not _plain(text) or not all(words):
        return encoded_words(text)
    room = MAX_LINE - len(name) - 2
    if len(text) <= room:
        return text
    if max(map(len, words)) > room:
        return encoded_words(text)
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + len(word) < room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\r\n ".join(lines)


def mailbox(display: str, address: str) -> str:
    """Return ``Name <address>``, or the address where there is no name."""
    if not display:
        return address
    if not _plain(display) or len(display) > MAX_LINE:
        name = encoded_words(display)
    elif _ATOMS.fullmatch(display):
        name = display
    else:
        name = '"' + re.sub(r'(["\\])', r"\\\1", display) + '"'
    between = "\r\n " if len(name) + len(address) > MAX_LINE else " "
    return f"{name}{between}<{address}>"


def mailboxes(values: Iterable[str]) -> str:
    """Return several mailboxes as one value, each on a line of its own."""
    return ",\r\n ".join(values)


def _plain(text: str) -> bool:
    """Say whether a text is the same before and after a reader decodes it."""
    return text.isascii() and text.isprintable() and "=?" not in text and text == text.strip()


def encoded_words(text: str) -> str:
    """Return the text as encoded words of RFC 2047, each a line of its own."""
    words: list[bytes] = [b""]
    for char in text:
        piece = char.encode()
        if len(words[-1]) + len(piece) > _WORD_BYTES:
            words.append(b"")
        words[-1] += piece
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in words)


def header_block(headers: Sequence[Header]) -> bytes:
    """Return the headers as they are sent.

    Raises:
        RefusedError: the written block is not made of these headers alone, or a line is too long.
    """
    block = "".join(f"{name}: {value}\r\n" for name, value in headers)
    if not block.isascii():
        raise RefusedError("the mail cannot be written: a header is not ASCII")
    check_block(block.encode(), [name for name, _ in headers])
    return block.encode()


def check_block(block: bytes, names: Sequence[str]) -> None:
    """Hold a written header block against the names of its headers.

    Raises:
        RefusedError: a line that is not theirs, another control character, or a line too long.
    """
    *lines, rest = block.split(b"\r\n")
    found: list[str] = []
    for line in lines:
        continued = bool(found) and line[:1] in (b" ", b"\t") and bool(line.strip())
        read = _LINE.fullmatch(b"X: " + line) if continued else _LINE.fullmatch(line)
        if read is None or len(line) > _LIMIT:
            raise RefusedError("the mail cannot be written: a line of its header is not valid")
        if not continued:
            found.append(read[1].decode())
    if rest or found != list(names):
        raise RefusedError("the mail cannot be written: its header holds lines of something else")
