"""Reads responses, which may be too long, broken or hostile."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
from msgspec import Struct

from ichor_actions.errors import ActionError, RefusedError, TransientError
from ichor_actions.webhook.decoding import BodyKind, text_of, unpack, value_of

TRANSIENT_STATUSES = frozenset({408, 425, 429})
"""Statuses that are retried, in addition to 500 to 599."""
MAX_RETRY_AFTER = 3600.0
"""Seconds; a longer `Retry-After` counts as this."""
SHOWN_BYTES = 500
"""Bytes of the body that an error message shows."""
SHOWN_TARGET = 300
"""Characters of the target of a redirect that an error message shows."""
KEPT_HEADERS = (
    "content-type",
    "date",
    "etag",
    "last-modified",
    "link",
    "location",
    "retry-after",
    "x-request-id",
)
_REDIRECTS = range(300, 400)


class WebhookResult(Struct, frozen=True):
    """The result of `call_webhook`."""

    status: int
    headers: dict[str, str]
    """Headers of general use, names in lower case."""
    body: Any = None
    """Parsed JSON, or text; null if empty or omitted."""
    body_omitted: bool = False
    """Whether there was a body that could not be kept: longer than `WEBHOOK_MAX_RESPONSE_BYTES` of
    the worker, or packed in a way that was not asked for and is not gzip or deflate."""


async def read_body(response: httpx2.Response, limit: int) -> bytes | None:
    """Return the whole body, unpacked; None if it has more than `limit` bytes or is not readable.

    The other system has done what it was asked for: a body that cannot be kept is no failure.
    """
    body, whole = await _read_up_to(response, limit)
    if not whole:
        return None
    content = unpack(body, _encoding(response), limit + 1)
    return None if content is None or len(content) > limit else content


def _encoding(response: httpx2.Response) -> str:
    return response.headers.get("content-encoding", "")


async def _read_up_to(response: httpx2.Response, limit: int) -> tuple[bytes, bool]:
    """Return at most `limit` bytes of the body, and whether that is all of it."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_raw():
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            return b"".join(chunks)[:limit], False
    return b"".join(chunks), True


async def error_of(response: httpx2.Response, call: str) -> ActionError:
    """Return the error for a status that is not expected; it shows the start of the body."""
    status = response.status_code
    start, whole = await _read_up_to(response, SHOWN_BYTES)
    content = unpack(start, _encoding(response), SHOWN_BYTES, cut=True) or b""
    shown = _printable(text_of(content, response.charset_encoding))
    detail = f": {shown}{'' if whole else '…'}" if shown else ""
    message = f"{call} answered {status} {response.reason_phrase}".rstrip()
    if status in TRANSIENT_STATUSES or status >= 500:
        return TransientError(message + detail, retry_after(response.headers, datetime.now(UTC)))
    return RefusedError(message + _redirection(response) + detail)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text).strip()


def _redirection(response: httpx2.Response) -> str:
    """Return where a redirect leads to; of the called URL, only what is beside its path."""
    location = response.headers.get("location", "")
    if response.status_code not in _REDIRECTS or not location:
        return ""
    try:
        target = urlsplit(location)
        host = target.netloc.rpartition("@")[2]
    except ValueError:
        return ", a redirect to what is not a URL"
    called = response.request.url.path.rstrip("/")
    path = target.path.replace(called, "…") if called else target.path
    shown = f"{target.scheme}://{host}{path}" if host else path
    return f", a redirect to {_printable(shown)[:SHOWN_TARGET]}, which is not followed"


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` header asks for; None where it says none."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        # A number of more digits is no longer than the most that is waited.
        return min(float(text.lstrip("0")[:9] or "0"), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text[:100])
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - now).total_seconds()
    except (ValueError, OverflowError, TypeError, IndexError):  # whatever it is
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER)


def result_of(response: httpx2.Response, body: bytes | None, kind: BodyKind) -> WebhookResult:
    """Return the result of the action for a response; None stands for a body that is not kept."""
    headers = {
        name: response.headers[name].replace("\0", "\ufffd")
        for name in KEPT_HEADERS
        if name in response.headers
    }
    if body is None:
        return WebhookResult(response.status_code, headers, None, body_omitted=True)
    content_type = response.headers.get("content-type", "")
    value = value_of(body, content_type, response.charset_encoding, kind)
    return WebhookResult(response.status_code, headers, value)
