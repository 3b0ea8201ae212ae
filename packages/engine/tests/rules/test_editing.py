"""Rules and graphs are checked before they are stored; without a database."""

from uuid import uuid4

import pytest

from ichor_core.action_type import ActionType
from ichor_core.errors import ConditionError, ConflictError, NotFoundError
from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.validation import InvalidGraphError
from ichor_edgestore import memory
from ichor_edgestore.rules import RuleDraft
from ichor_engine import (
    GraphTooLargeError,
    RuleEditor,
    RuleGraphs,
    RuleWithoutGraphError,
    VersionConflictError,
)

DRAFT = RuleDraft(name="r", trigger_entity="order", trigger_event="on_create", is_active=False)
GREET = ActionType(type="greet", title="Greet", kind="local")


def graph(action_type: str = "greet", **config: str) -> GraphDefinition:
    node = ActionNode(str(uuid4()), "a", action_type, config)
    return GraphDefinition([node], [ActionEdge(node.id, "start")])


@pytest.fixture
def rules():
    return memory.MemoryRuleStore(memory.MemoryState())


@pytest.fixture
def editor(rules):
    return RuleEditor(rules)


@pytest.fixture
async def graphs(rules):
    types = memory.MemoryActionTypeStore(memory.MemoryState())
    await types.publish_action_types([GREET])
    return RuleGraphs(rules, types)


async def test_an_active_rule_has_a_graph(editor, graphs):
    rule = await editor.create(DRAFT)
    with pytest.raises(RuleWithoutGraphError):
        await editor.activate(rule.id)
    with pytest.raises(RuleWithoutGraphError):
        await editor.change(rule.id, {"is_active": True})
    with pytest.raises(NotFoundError):
        await graphs.read(rule.id)
    await graphs.save(rule.id, graph())
    assert (await editor.activate(rule.id)).is_active


async def test_conditions_are_checked(editor):
    rule = await editor.create(DRAFT)
    with pytest.raises(ConditionError):
        await editor.change(rule.id, {"trigger_conditions": {"field": "a", "operator": "is"}})


async def test_a_change_is_meant_for_a_version(editor, graphs):
    rule = await editor.create(DRAFT)
    changed = await editor.change(rule.id, {"name": "s"}, rule.version)
    assert (changed.name, changed.trigger_entity) == ("s", "order")
    for change in (
        editor.change(rule.id, {"name": "t"}, rule.version),
        editor.delete(rule.id, rule.version),
        graphs.save(rule.id, graph(), 7),
    ):
        with pytest.raises(VersionConflictError):
            await change
    await editor.delete(rule.id, changed.version)


async def test_a_change_is_tried_again_while_others_change_the_rule(editor, rules, monkeypatch):
    rule = await editor.create(DRAFT)
    change, others = rules.change_rule, 2

    async def change_rule(*arguments):
        nonlocal others
        if others:
            others -= 1
            raise ConflictError("changed")
        return await change(*arguments)

    monkeypatch.setattr(rules, "change_rule", change_rule)
    assert (await editor.change(rule.id, {"name": "s"})).name == "s"
    others = 99
    with pytest.raises(ConflictError, match="keeps changing concurrently"):
        await editor.change(rule.id, {"name": "t"})


async def test_a_graph_is_validated_and_small_enough(editor, graphs):
    rule = await editor.create(DRAFT)
    with pytest.raises(InvalidGraphError):
        await graphs.save(rule.id, graph("unknown"))
    with pytest.raises(GraphTooLargeError) as caught:
        await graphs.save(rule.id, graph(text="x" * 1_200_000))
    assert caught.value.size > caught.value.limit
    stored, issues = await graphs.save(rule.id, graph())
    assert (stored.version, issues) == (1, [])
