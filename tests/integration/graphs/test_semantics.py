"""What the semantics say of running a graph, seen on a real Temporal server."""

import asyncio

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError, CancelledError

from ichor_core.contract import EXECUTION_STATE_QUERY, ExecutionState, RunOptions
from ichor_core.graph import ActionNode, GraphDefinition
from ichor_core.limits import Limits
from ichor_core.testing.random_graphs import random_scenario, with_references
from ichor_core.testing.reference_model import end_status, statuses
from ichor_workflows import sandboxed_runner
from tests.kit.engine import with_results
from tests.kit.shapes import DIAMOND, chain, detached, edge, joined, node, uid


def gated(graph: GraphDefinition, *numbers: int) -> GraphDefinition:
    """Return the graph with a gate of its own before each of these actions."""
    return GraphDefinition(
        [
            ActionNode(one.id, one.name, one.action_type, {**one.config, "gate": one.name})
            if one.id in map(uid, numbers)
            else one
            for one in graph.actions
        ],
        graph.edges,
    )


async def until(condition) -> None:
    """Wait until the condition holds; the test's own timeout ends a wait in vain."""
    while not condition():
        await asyncio.sleep(0.01)


async def test_a_join_waits_for_all_and_nothing_waits_for_a_wave(start_engine):
    engine = await start_engine(task="sync")
    graph = gated(
        GraphDefinition([*DIAMOND.actions, node(5)], [*DIAMOND.edges, edge(2, 5)]),
        3,
    )
    run = await engine.start(graph)
    await until(lambda: ("end", uid(5)) in run.log.order)
    assert uid(4) not in run.log.started
    state = await run.handle.query(EXECUTION_STATE_QUERY, result_type=ExecutionState)
    by_id = {one.action_id: one for one in state.actions}
    assert by_id[uid(3)].status == "running"
    assert by_id[uid(3)].started_at is not None
    assert by_id[uid(4)].status == "waiting"
    assert by_id[uid(5)].status == "completed"
    assert state.status == "running"
    engine.gate("n3").set()
    assert (await run.handle.result()).status == "completed"
    run.log.check(graph, {one.id for one in graph.actions})


async def test_detached_branches_are_awaited_and_their_failures_listed(start_engine):
    engine = await start_engine(task="sync")
    output, log = await engine.run(detached(refuse="the other side says no"))
    assert output.status == "completed_with_failures"
    [failure] = output.failures
    assert failure.action_name == "n3"
    assert failure.type == "RefusedError"
    assert "the other side says no" in failure.message
    assert log.statuses() == {
        uid(1): "completed",
        uid(2): "completed",
        uid(3): "failed",
        uid(4): "blocked",
    }
    assert log.reports[-1].failures == output.failures


async def test_a_failure_blocks_what_depends_on_it_and_nothing_else(start_engine):
    engine = await start_engine(task="sync")
    run = await engine.start(joined(refuse="no"))
    with pytest.raises(WorkflowFailureError) as caught:
        await run.handle.result()
    cause = caught.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "ExecutionFailed"
    assert cause.message == "action 'n2' (task) failed: no"
    assert run.log.statuses()[uid(5)] == "completed"
    assert run.log.statuses()[uid(4)] == "blocked"
    last = run.log.reports[-1]
    assert (last.status, last.error.action_id) == ("failed", uid(2))


@pytest.mark.parametrize("kind", ["local", "sync"])
async def test_storage_away_counts_as_no_attempt(start_engine, kind):
    engine = await start_engine(task=kind)
    fast = Limits(max_attempts=3, initial_interval=0.01)
    engine.away_reports = 2
    met = node(1, limits=fast, fail_attempts=2, away_starts=[2, 4, 5])
    output, log = await engine.run(chain(met, node(2, away_starts=[1, 2])))
    assert output.status == "completed"
    assert engine.away_reports == 0
    assert log.started == [uid(1)] * 6 + [uid(2)] * 3
    assert [log.states()[uid(n)].attempts for n in (1, 2)] == [3, 1]
    run = await engine.start(chain(node(1, limits=fast, fail_attempts=9, away_starts=[1, 3])))
    with pytest.raises(WorkflowFailureError):
        await run.handle.result()
    state = run.log.states()[uid(1)]
    assert (state.status, state.attempts) == ("failed", 3)
    assert state.error.type == "TransientError"
    assert len(run.log.started) == 5


@pytest.mark.parametrize("kind", ["local", "sync"])
async def test_a_timeout_says_which_limit_and_how_many_attempts(start_engine, kind):
    engine = await start_engine(task=kind)
    limits = Limits(max_attempts=2, initial_interval=0.01, start_to_close=0.5)
    graph = detached(limits=limits, gate="never")
    output, log = await engine.run(graph)
    [failure] = output.failures
    assert failure.message == "no result within 0.5 s (start-to-close), 2 attempts"
    assert log.states()[uid(3)].attempts == 2
    assert log.started.count(uid(3)) == 2


@pytest.mark.parametrize("kind", ["local", "sync"])
async def test_attempts_are_repeated_and_counted(start_engine, kind):
    engine = await start_engine(task=kind)
    fast = Limits(initial_interval=0.01)
    output, log = await engine.run(chain(node(1, limits=fast, fail_attempts=2), node(2)))
    assert output.status == "completed"
    assert log.started == [uid(1)] * 3 + [uid(2)]
    assert log.states()[uid(1)].attempts == 3
    run = await engine.start(chain(node(1, limits=fast, fail_attempts=9), node(2)))
    with pytest.raises(WorkflowFailureError):
        await run.handle.result()
    state = run.log.states()[uid(1)]
    assert (state.status, state.attempts) == ("failed", 3)
    assert state.error.type == "TransientError"


async def test_a_missing_reference_fails_without_retry_and_says_what_there_is(start_engine):
    engine = await start_engine(task="local")
    graph = chain(node(1, result={"total": 1}), node(2, read="{{n1.totl}}"))
    run = await engine.start(graph)
    with pytest.raises(WorkflowFailureError) as caught:
        await run.handle.result()
    assert "has no 'totl'; it has total" in str(caught.value.cause)
    assert run.log.states()[uid(2)].attempts == 1
    run = await engine.start(chain(node(1, read="{{amout}}")), {"amount": 1})
    with pytest.raises(WorkflowFailureError) as caught:
        await run.handle.result()
    assert "the trigger data has no 'amout'; it has amount" in str(caught.value.cause)


async def test_an_unknown_type_fails_its_action(start_engine):
    engine = await start_engine(task="local")
    run = await engine.start(chain(node(1, "nonsense")))
    with pytest.raises(WorkflowFailureError) as caught:
        await run.handle.result()
    assert "no action type 'nonsense'" in str(caught.value.cause)


async def test_only_what_is_referenced_travels(start_engine):
    engine = await start_engine(task="sync")
    secret = "must-not-travel"
    graph = chain(
        node(1, result={"big": secret, "n": 1}),
        node(2, result={"n": 2}),
        node(3, read="{{n2.n}} {{amount}} {{trigger.amount}}"),
    )
    run = await engine.start(graph, {"amount": 7, "other": secret})
    await run.handle.result()
    assert run.log.read["n3"] == "2 7 7"
    history = await run.handle.fetch_history()
    inputs = [
        event.activity_task_scheduled_event_attributes.input.payloads[0].data.decode()
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    assert len(inputs) == 3
    assert not any(secret in text for text in inputs[1:])


async def test_a_sibling_that_was_faster_is_never_seen(start_engine):
    engine = await start_engine(task="sync")
    graph = gated(
        GraphDefinition(
            [
                node(1),
                node(2, result={"v": 1}),
                node(3),
                node(4, read='{{n2.v | default: "unseen"}}'),
            ],
            [edge(None, 1), edge(1, 2, "parallel"), edge(1, 3, "parallel"), edge(3, 4)],
        ),
        3,
    )
    run = await engine.start(graph)
    await until(lambda: ("end", uid(2)) in run.log.order)
    engine.gate("n3").set()
    await run.handle.result()
    assert run.log.read["n4"] == "unseen"


async def test_cancellation_reaches_running_actions(start_engine):
    engine = await start_engine(task="sync")
    quick = Limits(heartbeat=0.6)
    graph = gated(chain(node(1), node(2, limits=quick), node(3)), 2)
    graph = GraphDefinition(
        [one if one.id != uid(2) else node(2, limits=quick, gate="n2") for one in graph.actions],
        graph.edges,
    )
    run = await engine.start(graph)
    await until(lambda: uid(2) in run.log.started)
    await run.handle.cancel()
    with pytest.raises(WorkflowFailureError) as caught:
        await run.handle.result()
    assert isinstance(caught.value.cause, CancelledError)
    assert run.log.cancelled == [uid(2)]
    assert uid(3) not in run.log.started
    last = run.log.reports[-1]
    assert (last.status, last.error.type) == ("cancelled", "Cancelled")
    assert run.log.statuses() == {uid(1): "completed", uid(2): "failed", uid(3): "blocked"}
    error = run.log.states()[uid(2)].error
    assert (error.message, error.type) == ("the execution was cancelled", "Cancelled")


async def test_large_values_travel_by_reference_and_arrive_whole(start_engine):
    engine = await start_engine(task="sync")
    text = "ü" * 60_000
    graph = chain(node(1, result={"text": "{{text}}"}), node(2, read="{{n1.text}}"))
    run = await engine.start(graph, {"text": text})
    await run.handle.result()
    assert run.log.read["n2"] == text
    history = await run.handle.fetch_history()
    results = [
        event.activity_task_completed_event_attributes.result.payloads[0].data
        for event in history.events
        if event.HasField("activity_task_completed_event_attributes")
    ]
    assert len(results) == 2
    assert all(len(data) < 2_000 for data in results)
    assert b"$large_value" in results[0]


async def test_many_large_results_do_not_overflow_a_message(start_engine):
    """100 local actions with 45 KB each in one workflow task would be more than the 4 MB limit."""
    engine = await start_engine(task="local")
    numbers = range(1, 101)
    text = {"text": "{{text}}"}
    row = chain(*(node(n, result=text) for n in numbers))
    output, log = await engine.run(row, {"text": "x" * 45_000})
    assert output.status == "completed"
    assert len(log.started) == 100
    wide = GraphDefinition(
        [node(n, result=text) for n in numbers],
        [edge(None, 1), *(edge(1, n, "parallel") for n in range(2, 101))],
    )
    output, log = await engine.run(wide, {"text": "x" * 45_000})
    assert output.status == "completed"
    assert len(log.started) == 100


async def test_many_large_inputs_do_not_overflow_a_message(start_engine):
    engine = await start_engine(task="sync")
    wide = GraphDefinition(
        [node(n, read="{{text}}") for n in range(1, 151)],
        [edge(None, 1), *(edge(1, n, "parallel") for n in range(2, 151))],
    )
    output, log = await engine.run(wide, {"text": "x" * 45_000})
    assert output.status == "completed"
    assert len(log.started) == 150


@pytest.mark.parametrize("kind", ["local", "sync"])
@pytest.mark.parametrize("child_min_actions", [0, 2])
async def test_random_graphs_agree_with_the_reference(start_engine, kind, child_min_actions):
    engine = await start_engine(task=kind, evaluate_condition=kind)
    for seed in range(400, 425):
        scenario = with_references(random_scenario(seed, failures=seed % 2 == 0), seed)
        results = {
            key: {} if "$error" in value else value for key, value in scenario.results.items()
        }
        graph = with_results(scenario.graph, results)
        graph = GraphDefinition(
            [
                ActionNode(
                    one.id,
                    one.name,
                    one.action_type,
                    {
                        "result": one.config["result"],
                        "read": {k: v for k, v in one.config.items() if k != "result"},
                        "refuse": "no" if one.id in scenario.failing else "",
                    },
                )
                for one in graph.actions
            ],
            graph.edges,
        )
        expected = statuses(scenario.graph, scenario.results)
        run = await engine.start(graph, options=RunOptions(child_min_actions=child_min_actions))
        try:
            status = (await run.handle.result()).status
        except WorkflowFailureError:
            status = "failed"
        assert status == end_status(scenario.graph, expected), seed
        assert run.log.statuses() == expected, seed
        ran = [one for one, state in expected.items() if state in ("completed", "failed")]
        assert sorted(run.log.started) == sorted(ran), seed


async def test_the_sandbox_lets_the_workflow_through(start_engine):
    engine = await start_engine(runner=sandboxed_runner(), task="local")
    output, log = await engine.run(DIAMOND)
    assert output.status == "completed"
    log.check(DIAMOND, {one.id for one in DIAMOND.actions})
