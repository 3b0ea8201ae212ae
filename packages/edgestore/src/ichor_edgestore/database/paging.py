"""Pages of lists, newest first, by an opaque cursor."""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from ichor_core.errors import InvalidInputError
from ichor_core.ids import UUID_PATTERN

DEFAULT_LIMIT = 50
MAX_LIMIT = 500

_UUID = re.compile(UUID_PATTERN)


class Listed(Protocol):
    """An item of a list in pages."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def created_at(self) -> datetime: ...  # noqa: D102


L = TypeVar("L", bound=Listed)


class Position(Struct, frozen=True, order=True):
    """The place of an item in a list ordered by time, then id."""

    created_at: datetime
    id: str


class Page(Struct, Generic[L], frozen=True):
    """A part of a list."""

    items: list[L]
    next_cursor: str | None = None
    """Cursor of the next page; None on the last one."""


def encode_cursor(position: Position) -> str:
    """Write a position as text that may stand in a URL."""
    text = f"{position.created_at.isoformat()}/{position.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> Position:
    """Read what `encode_cursor` wrote.

    Raises:
        InvalidInputError: it is something else.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
        time, _, item_id = text.partition("/")
        created_at = datetime.fromisoformat(time)
        if created_at.tzinfo is None or not _UUID.match(item_id):
            raise ValueError("no position in a list")
        # A time that the driver cannot send would leave its connection unusable.
        return Position(created_at.astimezone(UTC), item_id)
    except (binascii.Error, ValueError, OverflowError) as error:
        raise InvalidInputError("invalid cursor; use next_cursor of a page", "cursor") from error


def check_limit(limit: int) -> int:
    """Return the limit of a page.

    Raises:
        InvalidInputError: below 1 or above `MAX_LIMIT`.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInputError(f"expected 1 to {MAX_LIMIT}, not {limit}", "limit")
    return limit


def make_page(found: Sequence[L], limit: int) -> "Page[L]":
    """Make a page of up to `limit` items from one more than that, if there are so many."""
    items = list(found[:limit])
    if len(found) <= limit:
        return Page(items)
    return Page(items, encode_cursor(Position(items[-1].created_at, items[-1].id)))


def page_of(items: Sequence[L], cursor: str | None, limit: int) -> "Page[L]":
    """Return a page, newest first, of items in any order."""
    check_limit(limit)
    ordered = sorted(items, key=_position, reverse=True)
    if cursor:
        start = decode_cursor(cursor)
        ordered = [item for item in ordered if _position(item) < start]
    return make_page(ordered[: limit + 1], limit)


def _position(item: Listed) -> Position:
    return Position(item.created_at, item.id)
