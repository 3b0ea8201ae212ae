"""Values too large for a workflow's history, in memory."""

from ichor_edgestore.executions.large_values import check_digest, no_value
from ichor_edgestore.memory.state import MemoryState


class MemoryValueStore:
    """`ichor_edgestore.executions.large_values.PostgresValueStore` in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def put(self, digest: str, data: bytes) -> None:
        """Store a value under its SHA-256 in hex; storing it again changes nothing."""
        self._state.values.setdefault(check_digest(digest), data)

    async def get(self, digest: str) -> bytes:
        """Return a value."""
        data = self._state.values.get(digest)
        if data is None:
            raise no_value(digest)
        return data
