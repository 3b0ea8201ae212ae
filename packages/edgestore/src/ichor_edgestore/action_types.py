"""Published descriptions of action types, in PostgreSQL."""

from collections.abc import Sequence

import asyncpg

from ichor_core import exact_json
from ichor_core.action_type import ActionType
from ichor_edgestore.pool import to_json

_PUBLISH = """
    INSERT INTO workflow.action_types AS old (type, spec)
    SELECT type, spec::jsonb FROM unnest($1::text[], $2::text[]) AS row (type, spec)
    ORDER BY type  -- several workers start at once: the same order of locks everywhere
    ON CONFLICT (type) DO UPDATE SET spec = excluded.spec, updated_at = now()
    WHERE old.spec <> excluded.spec"""
_SELECT = "SELECT spec::text FROM workflow.action_types ORDER BY type"


class ActionTypeStore:
    """Keeps what the workers say of the action types that they can run."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def publish_action_types(self, types: Sequence[ActionType]) -> None:
        """Add or replace descriptions by their type; of two with one type the last counts."""
        last = {described.type: described for described in types}
        specs = [to_json(described) for described in last.values()]
        await self._pool.execute(_PUBLISH, list(last), specs)

    async def list_action_types(self) -> list[ActionType]:
        """Return all descriptions, ordered by type."""
        rows = await self._pool.fetch(_SELECT)
        return [exact_json.decode(row["spec"], ActionType) for row in rows]

    async def get_action_types(self) -> dict[str, ActionType]:
        """Return all descriptions by type, as `validate` takes them."""
        return {described.type: described for described in await self.list_action_types()}
