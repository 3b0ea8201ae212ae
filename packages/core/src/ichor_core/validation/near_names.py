"""Names that are written nearly like another one, found without comparing it with each."""

from collections.abc import Iterable, Iterator

from ichor_core.explain import MAX_COMPARED

LEAST_LENGTH = 3
"""Shorter names are near to too many."""
_SEPARATORS = str.maketrans("", "", " _-")


class NearNames:
    """An index of names by what is left when one character is missing.

    A name is near to another if they are equal except for case, spaces, `_` and `-`, and for one
    character that is missing, added or wrong, or two that changed places. A look-up takes as many
    steps as the name has characters.

    Args:
        names: the known names; where several are near, the first is found.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._by_key: dict[str, str] = {}
        for name in names:
            for key in _keys(name):
                self._by_key.setdefault(key, name)

    def find(self, name: str) -> str | None:
        """Return a name that is near to this one, or None."""
        return next((self._by_key[key] for key in _keys(name) if key in self._by_key), None)


def _keys(name: str) -> Iterator[str]:
    if len(name) > MAX_COMPARED:
        return
    plain = name.casefold().translate(_SEPARATORS)
    yield plain
    if len(plain) >= LEAST_LENGTH:
        yield from (plain[:place] + plain[place + 1 :] for place in range(len(plain)))
