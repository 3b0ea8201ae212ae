import asyncio
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from ichor_core.errors import ConflictError, InvalidInputError, NotFoundError
from ichor_core.expressions import condition_holds, is_equal, lookup_in, parse_condition
from ichor_core.ids import derive_execution_id, derive_workflow_id
from ichor_edgestore.rules.records import Rule, RuleDraft

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def everything(rule: Rule) -> bool:
    return True


async def test_every_rule_that_matches_gets_an_execution(stores, add_rule, make_event) -> None:
    matching = await add_rule("matching")
    await add_rule("not matching")
    await add_rule("inactive", is_active=False)
    await add_rule("other entity", trigger_entity="customers")
    await add_rule("other event", trigger_event="on_delete")
    await stores.rules.create_rule(
        RuleDraft(name="without graph", trigger_entity="orders", trigger_event="on_create")
    )
    event = make_event(entity_id="a/b 7", traceparent=TRACEPARENT)
    accepted = await stores.events.accept(event, lambda rule: rule.name.startswith("matching"))
    execution_id = derive_execution_id(matching.id, event.id)
    workflow_id = derive_workflow_id(matching.id, "a/b 7", execution_id)
    assert accepted.event_id == event.id
    assert not accepted.duplicate
    assert [(e.execution_id, e.workflow_id, e.rule_id, e.status) for e in accepted.executions] == [
        (execution_id, workflow_id, matching.id, "pending")
    ]
    detail = await stores.executions.get(execution_id)
    execution = detail.execution
    assert detail.trigger_data == event.data
    assert (execution.event_id, execution.rule_name, execution.graph_version) == (
        event.id,
        "matching",
        1,
    )
    assert execution.trace_id == "0af7651916cd43dd8448eb211c80319c"
    assert (execution.entity_name, execution.entity_id, execution.event_type) == (
        "orders",
        "a/b 7",
        "on_create",
    )
    assert (execution.started_at, execution.finished_at, detail.actions) == (None, None, [])


async def test_an_event_that_nothing_matches_is_accepted(stores, make_event) -> None:
    accepted = await stores.events.accept(make_event(), everything)
    assert accepted.executions == []
    assert await stores.dispatches.lease(10, 60) == []


async def test_there_is_no_limit_to_the_rules_that_match(stores, add_rule, make_event) -> None:
    rules = {(await add_rule(f"rule {n}")).id for n in range(150)}
    accepted = await stores.events.accept(make_event(), everything)
    assert {execution.rule_id for execution in accepted.executions} == rules
    assert len({execution.workflow_id for execution in accepted.executions}) == 150
    jobs = await stores.dispatches.lease(1000, 60)
    assert {job.rule_id for job in jobs} == rules


async def test_the_same_event_is_answered_again(stores, add_rule, make_event) -> None:
    await add_rule()
    event = make_event(data={"a": 1, "b": [1.5, None]}, traceparent=TRACEPARENT)
    first = await stores.events.accept(event, everything)
    await stores.dispatches.mark_started(first.executions[0].execution_id)
    await add_rule("later")
    same = make_event(id=event.id.upper(), data={"b": [1.5, None], "a": 1})
    again = await stores.events.accept(same, everything)
    assert again.duplicate
    assert again.event_id == event.id
    assert [e.execution_id for e in again.executions] == [e.execution_id for e in first.executions]
    assert again.executions[0].status == "running"


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"total": 6}},
        {"entity_id": "18"},
        {"entity_name": "o"},
        {"event_type": "on_delete"},
    ],
)
async def test_an_event_id_stands_for_one_event(stores, accept_event, make_event, change) -> None:
    accepted = await accept_event()
    with pytest.raises(ConflictError, match="another body"):
        await stores.events.accept(make_event(id=accepted.event_id, **change), everything)
    assert len((await stores.executions.list()).items) == 1


async def test_a_condition_that_cannot_be_evaluated_is_visible(
    stores, add_rule, make_event
) -> None:
    condition = {"field": "total", "operator": "greater_than", "value": 3}
    await add_rule("fine")
    await add_rule("comparing", trigger_conditions=condition)
    event = make_event(data={"total": "five"})

    def match(rule: Rule) -> bool:
        return condition_holds(parse_condition(rule.trigger_conditions), lookup_in(event.data))

    accepted = await stores.events.accept(event, match)
    by_name = {execution.rule_name: execution for execution in accepted.executions}
    assert by_name["fine"].status == "pending"
    failed = by_name["comparing"]
    assert failed.status == "failed"
    assert failed.error.type == "ConditionError"
    assert "'total'" in failed.error.message
    detail = await stores.executions.get(failed.execution_id)
    assert detail.execution.error == failed.error
    assert detail.execution.finished_at is not None
    assert detail.dispatch_error == failed.error.message
    assert [job.rule_name for job in await stores.dispatches.lease(10, 60)] == ["fine"]


async def test_an_error_while_matching_stores_nothing(stores, add_rule, make_event) -> None:
    await add_rule()
    event = make_event()

    def broken(rule: Rule) -> bool:
        raise RuntimeError("a fault of ours")

    with pytest.raises(RuntimeError):
        await stores.events.accept(event, broken)
    assert (await stores.executions.list()).items == []
    assert not (await stores.events.accept(event, everything)).duplicate


@pytest.mark.parametrize(
    "change", [{"data": {"a": ["\0"]}}, {"data": {"\ud800": 1}}, {"entity_id": "a\0"}]
)
async def test_what_cannot_be_stored_is_refused_whole(stores, add_rule, make_event, change) -> None:
    await add_rule()
    event = make_event()
    with pytest.raises(InvalidInputError):
        await stores.events.accept(msgspec.structs.replace(event, **change), everything)
    assert not (await stores.events.accept(event, everything)).duplicate


async def test_numbers_are_exact(stores, accept_event) -> None:
    data = {
        "big": 9007199254740993,
        "huge": -(2**200),
        "price": Decimal("0.12345678901234567890"),
        "float": 0.1,
        "nested": [{"x": 1e300}],
    }
    accepted = await accept_event(data=data)
    execution_id = accepted.executions[0].execution_id
    # Equal as JSON: 1e300 may come back with all its zeros.
    assert is_equal((await stores.executions.get(execution_id)).trigger_data, data)
    (job,) = await stores.dispatches.lease(1, 60)
    assert is_equal(job.trigger_data, data)


async def test_one_event_sent_many_times_at_once_is_accepted_once(
    stores, add_rule, make_event
) -> None:
    for n in range(3):
        await add_rule(f"rule {n}")
    event = make_event()
    answers = await asyncio.gather(*(stores.events.accept(event, everything) for _ in range(20)))
    assert sum(not answer.duplicate for answer in answers) == 1
    assert all(answer.executions == answers[0].executions for answer in answers)
    assert len((await stores.executions.list()).items) == 3
    assert len(await stores.dispatches.lease(100, 60)) == 3


async def test_an_execution_keeps_the_version_it_started_with(
    stores, add_rule, accept_event
) -> None:
    rule = await add_rule()
    graph = (await stores.rules.read_graph(rule.id)).graph
    accepted = await accept_event()
    await stores.rules.delete_rule(rule.id)
    (job,) = await stores.dispatches.lease(1, 60)
    assert job.execution_id == accepted.executions[0].execution_id
    assert (await stores.rules.read_graph_version(rule.id, job.graph_version)).graph == graph
    with pytest.raises(NotFoundError):
        await stores.executions.get(str(UUID(int=0)))
