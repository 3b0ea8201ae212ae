"""The database takes the edge types of the core's table, and no others."""

from uuid import uuid4

import asyncpg
import pytest

from ichor_core.graph import EDGE_TYPES

pytestmark = pytest.mark.servers

_CHECKS = """
    SELECT pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = 'workflow.action_edges'::regclass AND contype = 'c'"""


@pytest.fixture
async def rule(pool):
    """A rule with two actions: the first can be a source, the second a target."""
    rule_id, source, target = uuid4(), uuid4(), uuid4()
    await pool.execute(
        """
        INSERT INTO workflow.automation_rules (id, name, trigger_entity, trigger_event)
        VALUES ($1, 'edges', 'orders', 'on_create')""",
        rule_id,
    )
    for action_id, name in ((source, "source"), (target, "target")):
        await pool.execute(
            """
            INSERT INTO workflow.rule_actions (rule_id, id, name, action_type)
            VALUES ($1, $2, $3, 'set_values')""",
            rule_id,
            action_id,
            name,
        )
    return rule_id, source, target


async def insert(pool, rule, edge_type, *, has_source):
    rule_id, source, target = rule
    await pool.execute(
        """
        INSERT INTO workflow.action_edges
            (rule_id, id, source_action_id, target_action_id, edge_type)
        VALUES ($1, gen_random_uuid(), $2, $3, $4)""",
        rule_id,
        source if has_source else None,
        target,
        edge_type,
    )


async def test_the_constraint_lists_the_types_of_the_table(pool):
    definitions = [row[0] for row in await pool.fetch(_CHECKS)]
    [types] = [text for text in definitions if "ARRAY[" in text]
    listed = {item.split("'")[1] for item in types.split("ARRAY[")[1].split("]")[0].split(",")}
    assert listed == set(EDGE_TYPES)


@pytest.mark.parametrize("edge_type", EDGE_TYPES)
async def test_a_type_needs_a_source_unless_it_starts(pool, rule, edge_type):
    starts = EDGE_TYPES[edge_type].is_start
    await insert(pool, rule, edge_type, has_source=not starts)
    with pytest.raises(asyncpg.CheckViolationError):
        await insert(pool, rule, edge_type, has_source=starts)


async def test_another_type_is_refused(pool, rule):
    with pytest.raises(asyncpg.CheckViolationError):
        await insert(pool, rule, "sideways", has_source=True)
