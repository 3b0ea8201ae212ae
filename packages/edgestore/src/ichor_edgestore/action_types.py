"""Published descriptions of action types, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from ichor_core import exact_json
from ichor_core.action_type import ActionType
from ichor_core.errors import ConflictError, NotFoundError
from ichor_edgestore.database.pool import to_json

MAX_RULES_NAMED = 10

_PUBLISH = """
    INSERT INTO workflow.action_types (type, spec)
    SELECT type, spec::jsonb FROM unnest($1::text[], $2::text[]) AS row (type, spec)
    ORDER BY type  -- several workers start at once: the same order of locks everywhere
    ON CONFLICT (type) DO UPDATE SET spec = excluded.spec, updated_at = now()"""
_SELECT = "SELECT spec::text, updated_at FROM workflow.action_types ORDER BY type"
_LOCK = "SELECT FROM workflow.action_types WHERE type = $1 FOR UPDATE"
_SELECT_USERS = """
    SELECT name FROM workflow.automation_rules AS rule
    WHERE is_active AND EXISTS (
        SELECT FROM workflow.rule_actions WHERE rule_id = rule.id AND action_type = $1
    )
    ORDER BY name, id"""
_DELETE = "DELETE FROM workflow.action_types WHERE type = $1"


class PublishedActionType(ActionType, frozen=True, kw_only=True):
    """The description of an action type, and when it was published."""

    updated_at: datetime
    """Last publication; every worker publishes its types when it starts."""


class PostgresActionTypeStore:
    """Keeps the descriptions that workers publish of their action types."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def publish_action_types(self, types: Sequence[ActionType]) -> None:
        """Add or replace descriptions by their type; of two with the same type, the last wins."""
        last = {described.type: described for described in types}
        specs = [to_json(described) for described in last.values()]
        await self._pool.execute(_PUBLISH, list(last), specs)

    async def list_published(self) -> list[PublishedActionType]:
        """Return all descriptions with their times, ordered by type."""
        rows = await self._pool.fetch(_SELECT)
        return [
            published(exact_json.decode(row["spec"], ActionType), row["updated_at"]) for row in rows
        ]

    async def list_action_types(self) -> list[ActionType]:
        """Return all descriptions, ordered by type."""
        rows = await self._pool.fetch(_SELECT)
        return [exact_json.decode(row["spec"], ActionType) for row in rows]

    async def get_action_types(self) -> dict[str, ActionType]:
        """Return all descriptions by type, as `validate` takes them."""
        return {described.type: described for described in await self.list_action_types()}

    async def delete_action_type(self, action_type: str) -> None:
        """Delete a description; a worker that has the type publishes it again when it starts.

        Raises:
            NotFoundError: it is not published.
            ConflictError: graphs of active rules use it; the message names them.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchrow(_LOCK, action_type) is None:
                raise no_action_type(action_type)
            users = [row["name"] for row in await connection.fetch(_SELECT_USERS, action_type)]
            if users:
                raise used_action_type(action_type, users)
            await connection.execute(_DELETE, action_type)


def published(described: ActionType, updated_at: datetime) -> PublishedActionType:
    """Return a description with the time at which it was published."""
    return PublishedActionType(**msgspec.structs.asdict(described), updated_at=updated_at)


def no_action_type(action_type: str) -> NotFoundError:
    """Return the error of an action type that is not there."""
    return NotFoundError(f"no worker has published an action type {action_type!r}")


def used_action_type(action_type: str, rules: Sequence[str]) -> ConflictError:
    """Return the error of an action type that active rules use.

    Args:
        action_type: the type.
        rules: their names, ordered.
    """
    named = ", ".join(repr(name) for name in rules[:MAX_RULES_NAMED])
    more = f" and {len(rules) - MAX_RULES_NAMED} more" if len(rules) > MAX_RULES_NAMED else ""
    return ConflictError(
        f"the action type {action_type!r} is used by active rules: {named}{more}; "
        "remove it from their graphs, or deactivate them"
    )
