"""Names that nearly fit."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Final

_MAX_CANDIDATES: Final = 300
_MAX_LENGTH: Final = 60


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """The name most like another one, of the first few hundred; None if none is alike."""
    if len(name) > _MAX_LENGTH:
        return None
    short = [one for one in islice(candidates, _MAX_CANDIDATES) if len(one) <= _MAX_LENGTH]
    folded = {one.casefold(): one for one in reversed(short)}
    found = get_close_matches(name.casefold(), folded, 1, 0.75)
    return folded[found[0]] if found else None
