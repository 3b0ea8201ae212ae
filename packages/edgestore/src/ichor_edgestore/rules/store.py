"""Rules in PostgreSQL, and their graphs."""

# ruff: noqa: S608 - queries are made of constants; values are bound

from uuid import uuid4

import asyncpg

from ichor_core import exact_json
from ichor_core.errors import ConflictError, NotFoundError
from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.ids import RuleId
from ichor_edgestore.database.listing import from_row, list_page
from ichor_edgestore.database.paging import DEFAULT_LIMIT, Page
from ichor_edgestore.rules import graph_rows
from ichor_edgestore.rules.graph_digest import check_graph, digest_graph
from ichor_edgestore.rules.records import Rule, RuleDraft, RuleFilter, StoredGraph

_COLUMNS = (
    "id, name, trigger_entity, trigger_event, description, trigger_conditions, is_active, version,"
    " graph_version, created_at, updated_at"
)
_SELECT = f"SELECT {_COLUMNS} FROM workflow.automation_rules"
SELECT_MATCHING = f"""{_SELECT}
    WHERE trigger_entity = $1 AND trigger_event = $2 AND is_active AND graph_version > 0
    ORDER BY id"""
"""The active rules that an event may match."""

_INSERT = f"""
    INSERT INTO workflow.automation_rules
        (id, name, trigger_entity, trigger_event, description, trigger_conditions, is_active)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (id) DO NOTHING
    RETURNING {_COLUMNS}"""
_UPDATE = f"""
    UPDATE workflow.automation_rules
    SET name = $3, trigger_entity = $4, trigger_event = $5, description = $6,
        trigger_conditions = $7, is_active = $8, version = version + 1, updated_at = now()
    WHERE id = $1 AND version = coalesce($2, version)
    RETURNING {_COLUMNS}"""
_SET_ACTIVE = f"""
    UPDATE workflow.automation_rules
    SET is_active = $2, version = version + (is_active <> $2)::int, updated_at = now()
    WHERE id = $1
    RETURNING {_COLUMNS}"""
_DELETE = "DELETE FROM workflow.automation_rules WHERE id = $1 AND version = coalesce($2, version)"
_LOCK_GRAPH_VERSION = """
    SELECT r.graph_version, v.digest
    FROM workflow.automation_rules r
    LEFT JOIN workflow.graph_versions v ON (v.rule_id, v.version) = (r.id, r.graph_version)
    WHERE r.id = $1
    FOR UPDATE OF r"""
_SELECT_GRAPH = """
    SELECT r.graph_version AS version, v.graph::text AS graph, v.digest
    FROM workflow.automation_rules r
    LEFT JOIN workflow.graph_versions v ON (v.rule_id, v.version) = (r.id, r.graph_version)
    WHERE r.id = $1"""
_SELECT_GRAPH_VERSION = """
    SELECT version, graph::text AS graph, digest
    FROM workflow.graph_versions
    WHERE rule_id = $1 AND version = $2"""


class PostgresRuleStore:
    """Keeps rules, their graphs, and every version of these that an execution may need."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def create_rule(self, draft: RuleDraft, rule_id: RuleId | None = None) -> Rule:
        """Store a new rule, without a graph.

        Args:
            draft: the rule.
            rule_id: None: a new one.

        Raises:
            InvalidInputError: a condition that does not parse, or text that cannot be stored.
            ConflictError: there is a rule with this id.
        """
        draft.check()
        rule_id = rule_id or RuleId(str(uuid4()))
        row = await self._pool.fetchrow(_INSERT, rule_id, *_values(draft))
        if row is None:
            raise ConflictError(f"there is a rule {rule_id} already")
        return from_row(row, Rule)

    async def get_rule(self, rule_id: RuleId) -> Rule:
        """Return a rule.

        Raises:
            NotFoundError: there is none.
        """
        row = await self._pool.fetchrow(f"{_SELECT} WHERE id = $1", rule_id)
        if row is None:
            raise no_rule(rule_id)
        return from_row(row, Rule)

    async def list_rules(
        self,
        filter: RuleFilter | None = None,
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Rule]:
        """Return a page of rules, the newest first.

        Raises:
            InvalidInputError: cursor or limit.
        """
        filter = filter or RuleFilter()
        filters = [
            ("trigger_entity = {}", filter.trigger_entity),
            ("trigger_event = {}", filter.trigger_event),
            ("is_active = {}", filter.is_active),
            ("strpos(lower(name), lower({})) > 0", filter.name),
        ]
        return await list_page(
            self._pool, _SELECT, Rule, filters=filters, cursor=cursor, limit=limit
        )

    async def change_rule(
        self, rule_id: RuleId, draft: RuleDraft, expected_version: int | None = None
    ) -> Rule:
        """Replace the fields of a rule that users write; its graph stays.

        Args:
            rule_id: the rule.
            draft: the new fields.
            expected_version: the version that was read; None: whatever it is.

        Raises:
            InvalidInputError: a condition that does not parse, or text that cannot be stored.
            NotFoundError: there is no such rule.
            ConflictError: it has another version.
        """
        draft.check()
        row = await self._pool.fetchrow(_UPDATE, rule_id, expected_version, *_values(draft))
        if row is None:
            raise changed_rule(await self.get_rule(rule_id), expected_version)
        return from_row(row, Rule)

    async def set_active(self, rule_id: RuleId, is_active: bool) -> Rule:
        """Switch a rule on or off.

        Raises:
            NotFoundError: there is no such rule.
        """
        row = await self._pool.fetchrow(_SET_ACTIVE, rule_id, is_active)
        if row is None:
            raise no_rule(rule_id)
        return from_row(row, Rule)

    async def delete_rule(self, rule_id: RuleId, expected_version: int | None = None) -> None:
        """Delete a rule with its graph; its executions and their graph versions stay.

        Raises:
            NotFoundError: there is no such rule.
            ConflictError: it has another version.
        """
        if await self._pool.execute(_DELETE, rule_id, expected_version) == "DELETE 0":
            raise changed_rule(await self.get_rule(rule_id), expected_version)

    async def query_actions_by_rule(self, rule_id: RuleId) -> list[ActionNode]:
        """Return the rule's actions; an empty list where there is no such rule."""
        return await graph_rows.select_actions(self._pool, rule_id)

    async def query_edges_by_rule(self, rule_id: RuleId) -> list[ActionEdge]:
        """Return the rule's edges; an empty list where there is no such rule."""
        return await graph_rows.select_edges(self._pool, rule_id)

    async def read_graph(self, rule_id: RuleId) -> StoredGraph:
        """Return the newest version of a rule's graph; version 0 is an empty graph.

        Raises:
            NotFoundError: there is no such rule.
        """
        row = await self._pool.fetchrow(_SELECT_GRAPH, rule_id)
        if row is None:
            raise no_rule(rule_id)
        return _stored_graph(rule_id, row)

    async def read_graph_version(self, rule_id: RuleId, version: int) -> StoredGraph:
        """Return a version of a rule's graph; also of a rule that was deleted.

        Raises:
            NotFoundError: it was never saved.
        """
        row = await self._pool.fetchrow(_SELECT_GRAPH_VERSION, rule_id, version)
        if row is None:
            raise no_graph_version(rule_id, version)
        return _stored_graph(rule_id, row)

    async def save_graph(
        self, rule_id: RuleId, graph: GraphDefinition, expected_version: int | None = None
    ) -> StoredGraph:
        """Replace a rule's graph; the graph that it has already keeps its version.

        Args:
            rule_id: the rule.
            graph: checked without knowledge of action types.
            expected_version: the graph version that was read; None: whatever it is.

        Raises:
            InvalidGraphError: the graph has errors.
            NotFoundError: there is no such rule.
            ConflictError: its graph has another version.
        """
        digest = check_graph(graph)
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_LOCK_GRAPH_VERSION, rule_id)
            if row is None:
                raise no_rule(rule_id)
            version: int = row["graph_version"]
            if expected_version not in (None, version):
                raise changed_graph(rule_id, version, expected_version)
            if row["digest"] != digest:
                version += 1
                await graph_rows.replace(connection, rule_id, graph, version, digest)
        return StoredGraph(rule_id, version, graph, digest)


def no_rule(rule_id: RuleId) -> NotFoundError:
    """Return the error of a rule that is not there."""
    return NotFoundError(f"there is no rule {rule_id}")


def no_graph_version(rule_id: RuleId, version: int) -> NotFoundError:
    """Return the error of a graph version that is not there."""
    return NotFoundError(f"there is no version {version} of the graph of rule {rule_id}")


def changed_rule(rule: Rule, expected_version: int | None) -> ConflictError:
    """Return the error of a rule that somebody else has changed."""
    return ConflictError(
        f"rule {rule.id} has version {rule.version}, not {expected_version}: read it again"
    )


def changed_graph(rule_id: RuleId, version: int, expected_version: int | None) -> ConflictError:
    """Return the error of a graph that somebody else has changed."""
    return ConflictError(
        f"the graph of rule {rule_id} has version {version}, not {expected_version}: read it again"
    )


def _values(draft: RuleDraft) -> tuple[object, ...]:
    return (
        draft.name,
        draft.trigger_entity,
        draft.trigger_event,
        draft.description,
        draft.trigger_conditions,
        draft.is_active,
    )


def _stored_graph(rule_id: RuleId, row: asyncpg.Record) -> StoredGraph:
    if row["graph"] is None:
        empty = GraphDefinition()
        return StoredGraph(rule_id, 0, empty, digest_graph(empty))
    graph = exact_json.decode(row["graph"], GraphDefinition)
    return StoredGraph(rule_id, row["version"], graph, row["digest"])
