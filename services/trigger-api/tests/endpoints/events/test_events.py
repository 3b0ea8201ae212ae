import asyncio
import re
from uuid import uuid4

import pytest

pytestmark = pytest.mark.servers


def over(amount):
    return {"field": "total", "operator": "greater_than", "value": amount}


async def test_an_event_sets_off_every_rule_that_matches(api):
    graph = api.chain(api.node("A"))
    matching = [
        await api.rule(graph, name="all"),
        await api.rule(graph, name="over 10", trigger_conditions=over(10)),
        await api.rule(
            graph,
            name="by id",
            trigger_conditions={"field": "entity_id", "operator": "equals", "value": "1"},
        ),
    ]
    await api.rule(graph, name="over 100", trigger_conditions=over(100))
    await api.rule(graph, name="inactive", activate=False)
    await api.rule(graph, name="other entity", trigger_entity="invoice")
    await api.rule(graph, name="other event", trigger_event="on_update")
    await api.rule(name="without graph")
    accepted = await api.event(data={"total": 50})
    assert accepted["duplicate"] is False
    executions = accepted["executions"]
    assert sorted(one["rule_id"] for one in executions) == sorted(matching)
    assert {one["rule_name"] for one in executions} == {"all", "over 10", "by id"}
    assert {one["status"] for one in executions} == {"pending"}


async def test_trigger_data_is_the_event_and_its_data_and_the_data_wins(api):
    await api.rule(api.chain(api.node("A")))
    accepted = await api.event(data={"total": 2**70, "entity_id": "mine"})
    shown = await api.execution(accepted["executions"][0]["execution_id"])
    assert shown["trigger_data"] == {
        "total": 2**70,
        "entity_id": "mine",
        "entity_name": "order",
        "event_type": "on_create",
        "event_id": accepted["event_id"],
    }
    assert shown["entity_id"] == "1"


async def test_the_same_event_is_answered_again_and_another_is_refused(api, check_problem):
    await api.rule(api.chain(api.node("A")))
    event_id = str(uuid4())
    body = {"entity_name": "order", "entity_id": "1", "event_type": "on_create"}
    first = await api.event(event_id=event_id, data={"a": 1, "b": [2]})
    again = await api.event(event_id=event_id.upper(), data={"b": [2], "a": 1})
    assert again["executions"] == first["executions"]
    assert (first["duplicate"], again["duplicate"]) == (False, True)
    other = await api.http.post("/events", json={**body, "event_id": event_id, "data": {"a": 2}})
    check_problem(other, 409, "conflict")
    assert len((await api.http.get("/executions")).json()["items"]) == 1


async def test_concurrent_copies_of_an_event_are_one_event(api):
    await api.rule(api.chain(api.node("A")))
    event_id = str(uuid4())
    answers = await asyncio.gather(*(api.event(event_id=event_id) for _ in range(20)))
    assert sum(not answer["duplicate"] for answer in answers) == 1
    assert len({answer["executions"][0]["execution_id"] for answer in answers}) == 1
    assert len((await api.http.get("/executions")).json()["items"]) == 1


async def test_all_of_many_rules_run(api):
    rules = [await api.rule(api.chain(api.node("A")), name=f"rule {n}") for n in range(60)]
    accepted = await api.event()
    assert sorted(one["rule_id"] for one in accepted["executions"]) == sorted(rules)


async def test_a_rule_that_cannot_be_evaluated_is_visible_and_the_others_run(api):
    graph = api.chain(api.node("A"))
    broken = await api.rule(graph, name="broken", trigger_conditions=over(10))
    await api.rule(graph, name="sound")
    accepted = await api.event(data={"total": "many"})
    by_name = {one["rule_name"]: one for one in accepted["executions"]}
    assert by_name["sound"]["status"] == "pending"
    assert by_name["broken"]["status"] == "failed"
    assert by_name["broken"]["rule_id"] == broken
    shown = await api.execution(by_name["broken"]["execution_id"])
    assert "total" in shown["error"]["message"]
    assert shown["live"] is True


async def test_the_trace_of_the_request_goes_on(api):
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    shown = await traced(api, f"00-{trace_id}-b7ad6b7169203331-01")
    assert shown == trace_id


@pytest.mark.parametrize("header", [f"00-{'0' * 32}-b7ad6b7169203331-01", "nonsense"])
async def test_a_request_without_a_trace_gets_one(api, header):
    first, second = await traced(api, header), await traced(api, header)
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert first not in (second, "0" * 32)


async def traced(api, header):
    await api.rule(api.chain(api.node("A")))
    body = {"entity_name": "order", "entity_id": "1", "event_type": "on_create"}
    answer = await api.http.post("/events", json=body, headers={"traceparent": header})
    execution_id = answer.json()["executions"][0]["execution_id"]
    return (await api.execution(execution_id))["trace_id"]


async def test_an_event_that_sets_off_nothing_is_accepted(api):
    accepted = await api.event(entity_name="nobody waits for it")
    assert accepted["executions"] == []
    assert accepted["event_id"]
