"""A cache with a bound on what it holds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Final

_MAX_ENTRIES: Final = 4_096


class ByteBoundedCache:
    """Least recently used values go first when there are too many, or they are too large together.

    Sizes are estimates of the caller, in bytes. It may be used by several threads.
    """

    def __init__(self, max_bytes: int, max_entries: int = _MAX_ENTRIES) -> None:
        self._max_bytes = max_bytes
        self._max_entries = max_entries
        self._entries: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self._lock = Lock()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> object | None:
        """The value of a key, which is then the most recently used one."""
        with self._lock:
            found = self._entries.get(key)
            if found is None:
                return None
            self._entries.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: object, size: int) -> None:
        """Keep a value, unless it alone is larger than an eighth of the cache."""
        if size > self._max_bytes // 8:
            return
        with self._lock:
            previous = self._entries.pop(key, None)
            if previous is not None:
                self.bytes -= previous[1]
            self._entries[key] = value, size
            self.bytes += size
            while self.bytes > self._max_bytes or len(self._entries) > self._max_entries:
                _, (_, freed) = self._entries.popitem(last=False)
                self.bytes -= freed
