"""The rows of a graph: `rule_actions`, `action_edges` and its version in `graph_versions`."""

from typing import Any

import asyncpg

from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.ids import RuleId
from ichor_edgestore.database.listing import from_row
from ichor_edgestore.database.pool import Connection, to_json

_SELECT_ACTIONS = """
    SELECT id, name, action_type, action_config, limits
    FROM workflow.rule_actions
    WHERE rule_id = $1
    ORDER BY sequence_order, id"""
_SELECT_EDGES = """
    SELECT id, source_action_id, target_action_id, edge_type, sort_order
    FROM workflow.action_edges
    WHERE rule_id = $1
    ORDER BY source_action_id NULLS FIRST, sort_order, id"""
_DELETE_EDGES = "DELETE FROM workflow.action_edges WHERE rule_id = $1"
_DELETE_ACTIONS = "DELETE FROM workflow.rule_actions WHERE rule_id = $1"
_INSERT_ACTIONS = """
    INSERT INTO workflow.rule_actions
        (rule_id, id, name, action_type, action_config, limits, sequence_order)
    SELECT $1, id::uuid, name, action_type, config::jsonb, limits::jsonb, position - 1
    FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
        WITH ORDINALITY AS row (id, name, action_type, config, limits, position)"""
_INSERT_EDGES = """
    INSERT INTO workflow.action_edges
        (rule_id, id, source_action_id, target_action_id, edge_type, sort_order)
    SELECT $1, id::uuid, source::uuid, target::uuid, edge_type, sort_order
    FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::int[])
        AS row (id, source, target, edge_type, sort_order)"""
_INSERT_VERSION = """
    INSERT INTO workflow.graph_versions (rule_id, version, graph, digest)
    VALUES ($1, $2, $3, $4)"""
_SET_VERSION = """
    UPDATE workflow.automation_rules SET graph_version = $2, updated_at = now() WHERE id = $1"""


async def select_actions(pool: asyncpg.Pool, rule_id: RuleId) -> list[ActionNode]:
    """Return the actions in the order in which they were saved."""
    return [from_row(row, ActionNode) for row in await pool.fetch(_SELECT_ACTIONS, rule_id)]


async def select_edges(pool: asyncpg.Pool, rule_id: RuleId) -> list[ActionEdge]:
    """Return the edges of each source in their order, start edges first."""
    return [from_row(row, ActionEdge) for row in await pool.fetch(_SELECT_EDGES, rule_id)]


async def replace(
    connection: Connection, rule_id: RuleId, graph: GraphDefinition, version: int, digest: str
) -> None:
    """Replace the rows of a graph and keep it as a version, inside the caller's transaction."""
    await connection.execute(_DELETE_EDGES, rule_id)
    await connection.execute(_DELETE_ACTIONS, rule_id)
    actions, edges = graph.actions, graph.edges
    await connection.execute(
        _INSERT_ACTIONS,
        rule_id,
        [action.id for action in actions],
        [action.name for action in actions],
        [action.action_type for action in actions],
        [to_json(action.config) for action in actions],
        [_json_or_null(action.limits) for action in actions],
    )
    await connection.execute(
        _INSERT_EDGES,
        rule_id,
        [edge.id for edge in edges],
        [edge.source_action_id for edge in edges],
        [edge.target_action_id for edge in edges],
        [edge.edge_type for edge in edges],
        [edge.sort_order for edge in edges],
    )
    await connection.execute(_INSERT_VERSION, rule_id, version, graph, digest)
    await connection.execute(_SET_VERSION, rule_id, version)


def _json_or_null(value: Any) -> str | None:
    return None if value is None else to_json(value)
