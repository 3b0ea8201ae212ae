"""Published descriptions of action types, in memory."""

from collections.abc import Sequence

from ichor_core.action_type import ActionType
from ichor_core.graph import GraphDefinition
from ichor_edgestore.action_types import (
    PublishedActionType,
    no_action_type,
    published,
    used_action_type,
)
from ichor_edgestore.memory.state import MemoryState, copied, now


class MemoryActionTypeStore:
    """`ichor_edgestore.action_types.PostgresActionTypeStore` in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def publish_action_types(self, types: Sequence[ActionType]) -> None:
        """Add or replace descriptions by their type; of two with one type the last counts."""
        for described in types:
            self._state.action_types[described.type] = copied(described, ActionType)
            self._state.published_at[described.type] = now()

    async def list_published(self) -> list[PublishedActionType]:
        """Return all descriptions with their times, ordered by type."""
        return [
            published(described, self._state.published_at[described.type])
            for described in await self.list_action_types()
        ]

    async def list_action_types(self) -> list[ActionType]:
        """Return all descriptions, ordered by type."""
        return [described for _, described in sorted(self._state.action_types.items())]

    async def get_action_types(self) -> dict[str, ActionType]:
        """Return all descriptions by type, as `validate` takes them."""
        return dict(sorted(self._state.action_types.items()))

    async def delete_action_type(self, action_type: str) -> None:
        """Forget a description; a worker that has the type publishes it when it starts again."""
        if action_type not in self._state.action_types:
            raise no_action_type(action_type)
        users = sorted(
            (rule.name, rule.id)
            for rule in self._state.rules.values()
            if rule.is_active
            and action_type in _types_of(self._state.graphs.get(rule.id, GraphDefinition()))
        )
        if users:
            raise used_action_type(action_type, [name for name, _ in users])
        del self._state.action_types[action_type]
        del self._state.published_at[action_type]


def _types_of(graph: GraphDefinition) -> set[str]:
    return {action.action_type for action in graph.actions}
