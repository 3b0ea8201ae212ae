import asyncio
from decimal import Decimal
from itertools import pairwise
from uuid import UUID, uuid4

import msgspec
import pytest

from ichor_core.errors import ConflictError, InvalidInputError, NotFoundError
from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.limits import Limits
from ichor_core.validation import InvalidGraphError
from ichor_edgestore.rules.records import RuleDraft, RuleFilter

DRAFT = RuleDraft(name="big orders", trigger_entity="orders", trigger_event="on_create")
NOBODY = str(UUID(int=0))


def chain(length: int, **config: object) -> GraphDefinition:
    """Actions in a row, with new ids."""
    ids = [str(uuid4()) for _ in range(length)]
    actions = [ActionNode(id, f"step {n}", "set_values", config) for n, id in enumerate(ids)]
    edges = [ActionEdge(ids[0], "start")]
    edges += [ActionEdge(target, "sequence", source) for source, target in pairwise(ids)]
    return GraphDefinition(actions, edges)


async def test_a_rule_is_kept_as_written(stores) -> None:
    condition = {"all": [{"field": "total", "operator": "greater_than", "value": 2**70}]}
    draft = RuleDraft(
        name="é",
        trigger_entity="orders",
        trigger_event="on_update",
        description="why",
        trigger_conditions=condition,
        is_active=False,
    )
    rule = await stores.rules.create_rule(draft)
    assert rule == await stores.rules.get_rule(rule.id)
    assert msgspec.structs.asdict(rule) | msgspec.structs.asdict(draft) == msgspec.structs.asdict(
        rule
    )
    assert (rule.version, rule.graph_version) == (1, 0)
    assert str(UUID(rule.id)) == rule.id
    assert rule.created_at.utcoffset() is not None


async def test_a_rule_can_be_given_its_id(stores) -> None:
    rule = await stores.rules.create_rule(DRAFT, str(UUID(int=7)))
    assert rule.id == str(UUID(int=7))
    with pytest.raises(ConflictError, match="already"):
        await stores.rules.create_rule(DRAFT, rule.id)


@pytest.mark.parametrize(
    "draft",
    [
        RuleDraft(name="a\0b", trigger_entity="orders", trigger_event="on_create"),
        RuleDraft(name="a", trigger_entity="or\ud800ders", trigger_event="on_create"),
        RuleDraft(
            name="a",
            trigger_entity="orders",
            trigger_event="on_create",
            trigger_conditions={"field": "a"},
        ),
        RuleDraft(
            name="a",
            trigger_entity="orders",
            trigger_event="on_create",
            trigger_conditions=[float("nan")],
        ),
        RuleDraft(
            name="a",
            trigger_entity="orders",
            trigger_event="on_create",
            trigger_conditions={"field": "a", "operator": "equals", "value": "\0"},
        ),
    ],
)
async def test_what_cannot_be_stored_or_matched_is_refused(stores, draft) -> None:
    with pytest.raises(InvalidInputError):
        await stores.rules.create_rule(draft)
    rule = await stores.rules.create_rule(DRAFT)
    with pytest.raises(InvalidInputError):
        await stores.rules.change_rule(rule.id, draft)
    assert (await stores.rules.list_rules()).items == [rule]


async def test_a_change_needs_the_version_that_is_there(stores) -> None:
    rule = await stores.rules.create_rule(DRAFT)
    draft = RuleDraft(
        name="other", trigger_entity="customers", trigger_event="on_delete", is_active=False
    )
    changed = await stores.rules.change_rule(rule.id, draft, expected_version=1)
    assert (changed.name, changed.version, changed.is_active) == ("other", 2, False)
    assert changed.created_at == rule.created_at
    assert changed.updated_at > rule.updated_at
    with pytest.raises(ConflictError, match="version 2, not 1"):
        await stores.rules.change_rule(rule.id, DRAFT, expected_version=1)
    assert await stores.rules.get_rule(rule.id) == changed
    assert (await stores.rules.change_rule(rule.id, DRAFT)).version == 3


async def test_a_rule_is_switched_off_and_on(stores) -> None:
    rule = await stores.rules.create_rule(DRAFT)
    off = await stores.rules.set_active(rule.id, False)
    assert (off.is_active, off.version) == (False, 2)
    assert (await stores.rules.set_active(rule.id, False)).version == 2
    assert (await stores.rules.set_active(rule.id, True)).is_active


async def test_a_rule_that_is_not_there_is_not_found(stores) -> None:
    calls = [
        stores.rules.get_rule(NOBODY),
        stores.rules.change_rule(NOBODY, DRAFT, 1),
        stores.rules.set_active(NOBODY, True),
        stores.rules.delete_rule(NOBODY),
        stores.rules.read_graph(NOBODY),
        stores.rules.read_graph_version(NOBODY, 1),
        stores.rules.save_graph(NOBODY, chain(1)),
    ]
    for call in calls:
        with pytest.raises(NotFoundError, match="there is no"):
            await call
    assert await stores.rules.query_actions_by_rule(NOBODY) == []
    assert await stores.rules.query_edges_by_rule(NOBODY) == []


async def test_rules_are_listed_in_pages_and_filtered(stores) -> None:
    drafts = [
        RuleDraft(
            name=f"Rule {n}",
            trigger_entity=("orders", "customers")[n % 2],
            trigger_event="on_create",
            is_active=n < 4,
        )
        for n in range(5)
    ]
    rules = [await stores.rules.create_rule(draft) for draft in drafts]
    first = await stores.rules.list_rules(limit=3)
    rest = await stores.rules.list_rules(cursor=first.next_cursor, limit=3)
    assert sorted(first.items + rest.items, key=lambda rule: rule.name) == rules
    assert len(first.items) == 3
    assert rest.next_cursor is None

    async def names(**fields: object) -> list[str]:
        page = await stores.rules.list_rules(RuleFilter(**fields))
        return sorted(rule.name for rule in page.items)

    assert await names(trigger_entity="customers") == ["Rule 1", "Rule 3"]
    assert await names(trigger_event="on_delete") == []
    assert await names(is_active=False) == ["Rule 4"]
    assert await names(name="rULE 3") == ["Rule 3"]
    assert await names(name="%") == []
    assert await names(trigger_entity="orders", is_active=True) == ["Rule 0", "Rule 2"]
    with pytest.raises(InvalidInputError):
        await stores.rules.list_rules(cursor="x")
    with pytest.raises(InvalidInputError):
        await stores.rules.list_rules(limit=0)


async def test_a_graph_is_kept_as_drawn(stores) -> None:
    ids = [str(UUID(int=n)) for n in (3, 1, 2)]
    exact = {"n": [2**70, Decimal("0.1234567890123456789"), 1.5, None], "text": "{{a.b}} 日本"}
    graph = GraphDefinition(
        [
            ActionNode(ids[0], "check", "evaluate_condition", exact, Limits(start_to_close=1.5)),
            ActionNode(ids[1], "yes", "set_values"),
            ActionNode(ids[2], "no", "set_values", limits=Limits(max_attempts=1)),
        ],
        [
            ActionEdge(ids[2], "false_branch", ids[0], 1),
            ActionEdge(ids[0], "start"),
            ActionEdge(ids[1], "true_branch", ids[0], id=str(UUID(int=9))),
        ],
    )
    rule = await stores.rules.create_rule(DRAFT)
    empty = await stores.rules.read_graph(rule.id)
    assert (empty.version, empty.graph) == (0, GraphDefinition())
    saved = await stores.rules.save_graph(rule.id, graph, expected_version=0)
    assert (saved.rule_id, saved.version, saved.graph) == (rule.id, 1, graph)
    assert await stores.rules.read_graph(rule.id) == saved
    assert await stores.rules.read_graph_version(rule.id, 1) == saved
    assert await stores.rules.query_actions_by_rule(rule.id) == graph.actions
    edges = [graph.edges[1], graph.edges[2], graph.edges[0]]
    assert await stores.rules.query_edges_by_rule(rule.id) == edges
    assert (await stores.rules.get_rule(rule.id)).graph_version == 1


async def test_a_version_never_changes(stores) -> None:
    rule = await stores.rules.create_rule(DRAFT)
    first, second = chain(2), chain(3)
    await stores.rules.save_graph(rule.id, first)
    again = await stores.rules.save_graph(
        rule.id, GraphDefinition(first.actions[::-1], first.edges[::-1]), expected_version=1
    )
    assert again.version == 1
    assert (await stores.rules.save_graph(rule.id, second)).version == 2
    assert (await stores.rules.read_graph_version(rule.id, 1)).graph == first
    assert (await stores.rules.read_graph(rule.id)).graph == second
    assert await stores.rules.query_actions_by_rule(rule.id) == second.actions
    with pytest.raises(ConflictError, match="version 2, not 1"):
        await stores.rules.save_graph(rule.id, first, expected_version=1)
    with pytest.raises(NotFoundError):
        await stores.rules.read_graph_version(rule.id, 3)
    await stores.rules.delete_rule(rule.id)
    assert (await stores.rules.read_graph_version(rule.id, 2)).graph == second
    assert await stores.rules.query_actions_by_rule(rule.id) == []


async def test_the_same_graph_may_belong_to_two_rules(stores) -> None:
    one, other = [await stores.rules.create_rule(DRAFT) for _ in range(2)]
    graph = chain(2)
    for rule in (one, other):
        await stores.rules.save_graph(rule.id, graph)
    await stores.rules.delete_rule(one.id)
    assert (await stores.rules.read_graph(other.id)).graph == graph


async def test_a_graph_with_errors_is_refused_whole(stores) -> None:
    rule = await stores.rules.create_rule(DRAFT)
    kept = await stores.rules.save_graph(rule.id, chain(1))
    broken = chain(2)
    broken = GraphDefinition(broken.actions, broken.edges[1:])
    with pytest.raises(InvalidGraphError) as caught:
        await stores.rules.save_graph(rule.id, broken)
    assert {issue.code for issue in caught.value.issues} >= {"no_start"}
    for bad in (GraphDefinition(), chain(1, text="\0")):
        with pytest.raises(InvalidInputError):
            await stores.rules.save_graph(rule.id, bad)
    assert await stores.rules.read_graph(rule.id) == kept


async def test_deleting_needs_the_version_that_is_there(stores) -> None:
    rule = await stores.rules.create_rule(DRAFT)
    await stores.rules.save_graph(rule.id, chain(2))
    with pytest.raises(ConflictError):
        await stores.rules.delete_rule(rule.id, expected_version=2)
    await stores.rules.delete_rule(rule.id, expected_version=1)
    with pytest.raises(NotFoundError):
        await stores.rules.get_rule(rule.id)


async def test_of_savers_with_the_same_version_one_wins(stores) -> None:
    rule = await stores.rules.create_rule(DRAFT)
    graphs = [chain(3) for _ in range(20)]
    results = await asyncio.gather(
        *(stores.rules.save_graph(rule.id, graph, expected_version=0) for graph in graphs),
        return_exceptions=True,
    )
    won = [result for result in results if not isinstance(result, ConflictError)]
    assert len(won) == 1
    assert await stores.rules.read_graph(rule.id) == won[0]
    assert await stores.rules.query_actions_by_rule(rule.id) == won[0].graph.actions


async def test_a_graph_of_a_thousand_actions(stores) -> None:
    rule = await stores.rules.create_rule(DRAFT)
    graph = chain(1000, text="x" * 100)
    await stores.rules.save_graph(rule.id, graph)
    assert (await stores.rules.read_graph(rule.id)).graph == graph
    assert await stores.rules.query_actions_by_rule(rule.id) == graph.actions


@pytest.mark.servers
async def test_a_save_that_fails_half_way_changes_nothing(database_stores, pool) -> None:
    rule = await database_stores.rules.create_rule(DRAFT)
    kept = await database_stores.rules.save_graph(rule.id, chain(2))
    await pool.execute(
        "ALTER TABLE workflow.graph_versions ADD CONSTRAINT no_second CHECK (version < 2)"
    )
    with pytest.raises(Exception, match="no_second"):
        await database_stores.rules.save_graph(rule.id, chain(3))
    assert await database_stores.rules.query_actions_by_rule(rule.id) == kept.graph.actions
    assert (await database_stores.rules.get_rule(rule.id)).graph_version == 1


@pytest.mark.servers
async def test_rows_that_others_wrote_are_read(database_stores, pool) -> None:
    """The tables are public: their defaults are enough for a plain INSERT."""
    await pool.execute("""
        INSERT INTO workflow.automation_rules (id, name, trigger_entity, trigger_event)
        VALUES ('00000000-0000-0000-0000-000000000001', 'by hand', 'orders', 'on_create');
        INSERT INTO workflow.action_edges (rule_id, id, target_action_id, edge_type)
        VALUES ('00000000-0000-0000-0000-000000000001', gen_random_uuid(),
                '00000000-0000-0000-0000-000000000002', 'start');
        INSERT INTO workflow.rule_actions (rule_id, id, name, action_type)
        VALUES ('00000000-0000-0000-0000-000000000001',
                '00000000-0000-0000-0000-000000000002', 'step', 'set_values');
    """)
    rule = (await database_stores.rules.list_rules()).items[0]
    actions = await database_stores.rules.query_actions_by_rule(rule.id)
    assert actions == [ActionNode(str(UUID(int=2)), "step", "set_values")]
    assert len(await database_stores.rules.query_edges_by_rule(rule.id)) == 1
