"""Accepted events wake the relay; their own fields are data; without a database."""

import asyncio

import pytest

from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_edgestore import memory
from ichor_edgestore.rules import RuleDraft
from ichor_engine import EventIntake, ReportedEvent

ACTION = ActionNode("6f0c1f0e-0d4b-4a51-9d0e-4f7d8f0b2a11", "a", "t")


@pytest.fixture
async def state():
    """A rule for order o-1 of more than ten."""
    state = memory.MemoryState()
    rules = memory.MemoryRuleStore(state)
    rule = await rules.create_rule(
        RuleDraft(
            name="r",
            trigger_entity="order",
            trigger_event="on_create",
            trigger_conditions=[
                {"field": "entity_id", "operator": "equals", "value": "o-1"},
                {"field": "total", "operator": "greater_than", "value": 10},
            ],
        )
    )
    await rules.save_graph(rule.id, GraphDefinition([ACTION], [ActionEdge(ACTION.id, "start")]))
    return state


@pytest.mark.parametrize(
    ("entity_id", "total", "matches"), [("o-1", 11, True), ("o-2", 11, False), ("o-1", 1, False)]
)
async def test_an_event_that_matches_wakes_the_relay(state, entity_id, total, matches):
    wake = asyncio.Event()
    intake = EventIntake(memory.MemoryEventStore(state), wake)
    event = ReportedEvent("order", entity_id, "on_create", data={"total": total})
    accepted = await intake.accept(event)
    assert len(accepted.executions) == matches
    assert wake.is_set() == matches


async def test_an_event_is_repeated_by_its_id(state):
    intake = EventIntake(memory.MemoryEventStore(state))
    first = await intake.accept(ReportedEvent("order", "o-1", "on_create", data={"total": 11}))
    event = ReportedEvent("order", "o-1", "on_create", first.event_id, {"total": 11})
    again = await intake.accept(event)
    assert again.duplicate
    assert again.executions == first.executions


async def test_a_condition_that_compares_too_much_fails_its_own_execution_only(state):
    rules = memory.MemoryRuleStore(state)
    condition = {"field": "lines", "operator": "contains", "value": 0.5}
    rule = await rules.create_rule(
        RuleDraft(
            name="wide",
            trigger_entity="order",
            trigger_event="on_create",
            trigger_conditions={"any": [condition] * 100},
        )
    )
    await rules.save_graph(rule.id, GraphDefinition([ACTION], [ActionEdge(ACTION.id, "start")]))
    intake = EventIntake(memory.MemoryEventStore(state))
    data = {"total": 11, "lines": [1] * 10_000}
    accepted = await intake.accept(ReportedEvent("order", "o-1", "on_create", data=data))
    stored = [state.executions[one.execution_id] for one in accepted.executions]
    failed = [one for one in stored if one.rule_id == rule.id]
    assert len(stored) == 2
    assert [one.status for one in failed] == ["failed"]
    assert "compares too many values" in str(failed[0])
