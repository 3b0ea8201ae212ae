import base64
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import Struct

from ichor_core.errors import InvalidInputError
from ichor_edgestore.database.paging import (
    MAX_LIMIT,
    Position,
    check_limit,
    decode_cursor,
    encode_cursor,
    page_of,
)

TIME = datetime(2026, 2, 28, 12, 0, 0, 123456, tzinfo=UTC)
ID = "00000000-0000-4000-8000-00000000000"


class Item(Struct, frozen=True):
    id: str
    created_at: datetime


def test_a_cursor_keeps_its_position() -> None:
    position = Position(TIME, f"{ID}1")
    cursor = encode_cursor(position)
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert decode_cursor(cursor) == position


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "2026-02-28T12:00:00+00:00",
        "2026-02-28T12:00:00/" + ID + "1",
        f"now/{ID}1",
        f"{TIME.isoformat()}/x' OR true",
        f"0001-01-01T00:00:00+01:00/{ID}1",
        f"9999-12-31T23:59:59-01:00/{ID}1",
    ],
)
def test_another_text_is_no_cursor(text: str) -> None:
    with pytest.raises(InvalidInputError, match="invalid cursor"):
        decode_cursor(base64.urlsafe_b64encode(text.encode()).decode())


@pytest.mark.parametrize("cursor", ["=", "a", "%%%%", "\0", "é", "A" * 9])
def test_what_is_not_even_base64_is_no_cursor(cursor: str) -> None:
    with pytest.raises(InvalidInputError, match="invalid cursor"):
        decode_cursor(cursor)


@pytest.mark.parametrize("limit", [0, -1, MAX_LIMIT + 1])
def test_a_limit_has_bounds(limit: int) -> None:
    with pytest.raises(InvalidInputError, match="limit: expected 1 to"):
        check_limit(limit)


def test_pages_hold_each_item_once_and_the_newest_first() -> None:
    items = [Item(f"{ID}{n}", TIME + timedelta(seconds=n // 2)) for n in range(7)]
    found: list[Item] = []
    cursor, pages = None, 0
    while True:
        page = page_of(items, cursor, 3)
        found += page.items
        pages += 1
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert found == items[::-1]
    assert pages == 3
