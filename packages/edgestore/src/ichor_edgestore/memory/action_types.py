"""Published descriptions of action types, in memory."""

from collections.abc import Sequence

from ichor_core.action_type import ActionType
from ichor_edgestore.memory.state import MemoryState, copied


class MemoryActionTypeStore:
    """`ichor_edgestore.action_types.ActionTypeStore` in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def publish_action_types(self, types: Sequence[ActionType]) -> None:
        """Add or replace descriptions by their type; of two with one type the last counts."""
        self._state.action_types |= {
            described.type: copied(described, ActionType) for described in types
        }

    async def list_action_types(self) -> list[ActionType]:
        """Return all descriptions, ordered by type."""
        return [described for _, described in sorted(self._state.action_types.items())]

    async def get_action_types(self) -> dict[str, ActionType]:
        """Return all descriptions by type, as `validate` takes them."""
        return dict(sorted(self._state.action_types.items()))
