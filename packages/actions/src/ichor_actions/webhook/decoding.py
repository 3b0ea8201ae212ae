"""Bodies of responses as bytes, text and JSON, by what the other system says of them."""

import codecs
import zlib
from typing import Any, Literal

from ichor_core import exact_json
from ichor_core.errors import ExactJsonError

BodyKind = Literal["auto", "json", "text"]
"""JSON where the content type says so; JSON whatever it says; text whatever it says."""

_JSON_TYPES = frozenset({"application/json", "text/json", "application/x-json", "text/x-json"})
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Python's other codecs are not all linear in their input.
_CHARSETS = {
    "iso-8859-1": "cp1252",  # as browsers read it
    "latin1": "cp1252",
    "windows-1252": "cp1252",
    "iso-8859-2": "iso-8859-2",
    "iso-8859-15": "iso-8859-15",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "utf-16": "utf-16-le",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-32": "utf-32-le",
    "utf-32le": "utf-32-le",
    "utf-32be": "utf-32-be",
}
_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def unpack(body: bytes, encoding: str, limit: int, *, cut: bool = False) -> bytes | None:
    """Return at most `limit` bytes of what a content encoding packs; None if it cannot be read.

    Args:
        body: packed.
        encoding: the header `Content-Encoding`.
        limit: of bytes.
        cut: whether the body may be the start of a longer one.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return body[:limit]
    if name not in _WINDOW_BITS:
        return None
    try:
        unpacker = zlib.decompressobj(_WINDOW_BITS[name])
        content = unpacker.decompress(body, limit)
    except zlib.error:
        return None
    return content if cut or unpacker.eof or len(content) == limit else None


def text_of(body: bytes, charset: str | None) -> str:
    """Return text; what is not of its charset, and NUL, becomes U+FFFD."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return _clean(body[len(mark) :].decode(codec, errors="replace"))
    return _clean(body.decode(_codec(body, charset), errors="replace"))


def _codec(body: bytes, charset: str | None) -> str:
    found = _CHARSETS.get((charset or "").strip().lower())
    if charset is None and len(body) >= 4 and body[:2].count(0) == 1:
        # JSON begins with ASCII, which shows where UTF-16 is not named.
        return "utf-16-be" if body[0] == 0 else "utf-16-le"
    return found or "utf-8"


def value_of(body: bytes, content_type: str, charset: str | None, kind: BodyKind) -> Any:
    """Return parsed JSON where that is said or asked for, or text; None if it is empty."""
    if not body:
        return None
    text = text_of(body, charset)
    name = content_type.partition(";")[0].strip().lower()
    is_json = name in _JSON_TYPES or name.endswith("+json")
    if kind == "text" or (kind == "auto" and not is_json):
        return text
    try:
        return exact_json.decode(text)
    except ExactJsonError:
        # Many a system says JSON and answers `ok`; the call succeeded all the same.
        return text


def _clean(text: str) -> str:
    return text.replace("\0", "\ufffd")
