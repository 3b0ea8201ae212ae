"""Reads responses, which may be too long, broken or hostile."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
from msgspec import Struct

from ichor_actions.errors import ActionError, RefusedError, TransientError
from ichor_core import exact_json
from ichor_core.errors import ExactJsonError

TRANSIENT_STATUSES = frozenset({408, 425, 429})
"""Statuses that are retried, in addition to 500 to 599."""
MAX_RETRY_AFTER = 3600.0
"""Seconds; a longer `Retry-After` counts as this."""
SHOWN_BYTES = 500
"""Bytes of the body that an error message shows."""
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
# Python's other codecs are not all linear in their input.
_CHARSETS = {"iso-8859-1": "latin-1", "latin1": "latin-1", "windows-1252": "cp1252"}


class WebhookResult(Struct, frozen=True):
    """The result of `call_webhook`."""

    status: int
    headers: dict[str, str]
    """Headers of general use, names in lower case."""
    body: Any = None
    """Parsed JSON, or text; null if empty."""


async def read_body(response: httpx2.Response, limit: int, call: str) -> bytes:
    """Return the whole body.

    Raises:
        RefusedError: it has more than `limit` bytes, or an unrequested encoding.
    """
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", ""):
        raise RefusedError(f"{call} answered with an unrequested content encoding")
    body, whole = await _read_up_to(response, limit)
    if not whole:
        raise RefusedError(f"{call} answered with a body of more than {limit} bytes")
    return body


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
    shown = "".join(char if char.isprintable() else " " for char in _text(start, response))
    detail = f": {shown.strip()}{'' if whole else '…'}" if shown.strip() else ""
    message = f"{call} answered {status} {response.reason_phrase}".rstrip() + detail
    if status in TRANSIENT_STATUSES or status >= 500:
        return TransientError(message, retry_after(response.headers, datetime.now(UTC)))
    return RefusedError(message)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` header asks for; None where there is none."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return min(float(text[:9]), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), MAX_RETRY_AFTER)


def result_of(response: httpx2.Response, body: bytes) -> WebhookResult:
    """Return the result of the action for a response."""
    headers = {
        name: _clean(response.headers[name]) for name in KEPT_HEADERS if name in response.headers
    }
    return WebhookResult(response.status_code, headers, _parse(body, response))


def _parse(body: bytes, response: httpx2.Response) -> Any:
    if not body:
        return None
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        try:
            return exact_json.decode(body)
        except ExactJsonError:
            # Many a system says JSON and answers `ok`; the call succeeded all the same.
            return _text(body, response)
    return _text(body, response)


def _text(body: bytes, response: httpx2.Response) -> str:
    charset = _CHARSETS.get((response.charset_encoding or "").lower(), "utf-8")
    return _clean(body.decode(charset, errors="replace"))


def _clean(text: str) -> str:
    return text.replace("\0", "\ufffd")
