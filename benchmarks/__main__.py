"""Measures the engine, as ratios to what it is made of.

interpreter: against hand-written workflows; histories: how they grow; async: steps that another
system finishes, against a confirmed publish and an empty workflow.
"""

import argparse
import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from benchmarks.async_steps import async_steps
from benchmarks.graphs import fan, row
from benchmarks.handwritten import EmptyByHand, FanByHand, Plan, RowByHand, set_values
from benchmarks.measure import RunOne, measure
from ichor_actions.builtin import builtin_actions
from ichor_actions.registry import Registry
from ichor_actions.resources import Resources
from ichor_activities import ActionActivities, RecordingActivities
from ichor_core.action_type import ActionKind, ActionPolicy
from ichor_core.contract import (
    EXECUTE_GRAPH_WORKFLOW,
    TASK_QUEUE,
    RunOptions,
    WorkflowInput,
    WorkflowOutput,
)
from ichor_core.graph import GraphDefinition
from ichor_core.ids import ExecutionId, RuleId
from ichor_devstack.stack import Stack, stack
from ichor_edgestore.database import open_pool
from ichor_edgestore.executions import PostgresExecutionStore, PostgresValueStore
from ichor_edgestore.migrations import migrate
from ichor_runtime.temporal import data_converter
from ichor_workflows import WORKFLOWS

PAYLOAD = "x" * 200
SHAPES = {"10 in a row": (row, RowByHand), "fan-out of 10 with a join": (fan, FanByHand)}
WHAT = ("interpreter", "histories", "async")
KINDS: tuple[ActionKind, ...] = ("local", "sync")


@asynccontextmanager
async def running_worker(servers: Stack) -> AsyncGenerator[Client]:
    """Run one worker that knows both the engine and the hand-written workflows."""
    dsn = await servers.postgres.create_database()
    await migrate(dsn)
    client = await Client.connect(servers.temporal.address, data_converter=data_converter)
    async with await open_pool(dsn) as pool:
        actions = ActionActivities(
            Registry(builtin_actions(Resources())),
            PostgresValueStore(pool),
            PostgresExecutionStore(pool),
        )
        records = RecordingActivities(PostgresExecutionStore(pool), PostgresValueStore(pool))
        async with Worker(
            client,
            task_queue=TASK_QUEUE,
            workflows=[*WORKFLOWS, RowByHand, FanByHand, EmptyByHand],
            activities=[
                actions.execute_action,
                records.record_execution,
                records.offload_results,
                set_values,
            ],
            workflow_runner=UnsandboxedWorkflowRunner(),
        ):
            yield client


async def start_graph(
    client: Client, graph: GraphDefinition, kind: ActionKind, options: RunOptions
) -> WorkflowHandle[object, WorkflowOutput]:
    """Start the engine's workflow."""
    execution_id = ExecutionId(str(uuid4()))
    return await client.start_workflow(
        EXECUTE_GRAPH_WORKFLOW,
        WorkflowInput(
            rule_id=RuleId(str(uuid4())),
            execution_id=execution_id,
            graph=graph,
            rule_name="benchmark",
            policies={"set_values": ActionPolicy(kind)},
            options=options,
        ),
        id=execution_id,
        task_queue=TASK_QUEUE,
        result_type=WorkflowOutput,
    )


def by_engine(client: Client, graph: GraphDefinition, kind: ActionKind) -> RunOne:
    """Return what runs the graph once."""

    async def run_one() -> None:
        handle = await start_graph(client, graph, kind, RunOptions())
        output = await handle.result()
        if output.status != "completed":
            raise RuntimeError(f"the benchmark's graph ended as {output.status}")

    return run_one


def by_hand(client: Client, workflow: type, kind: ActionKind) -> RunOne:
    """Return what runs the hand-written workflow once."""

    async def run_one() -> None:
        await client.execute_workflow(
            workflow.__name__, Plan(10, kind, PAYLOAD), id=str(uuid4()), task_queue=TASK_QUEUE
        )

    return run_one


async def compare(client: Client, runs: int, rounds: int) -> None:
    """Print throughput and p50 of each shape as ratios to the hand-written workflow."""
    print("engine / hand-written; throughput: more is better, p50: less is better\n")
    print(
        "| steps | kind | at a time | by hand /s | engine /s | ratio | by hand p50 | engine p50 |"
        " ratio |"
    )
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, (graph, workflow) in SHAPES.items():
        for kind in KINDS:
            for at_a_time in (1, 20):
                contenders: Mapping[str, RunOne] = {
                    "hand": by_hand(client, workflow, kind),
                    "engine": by_engine(client, graph(10, PAYLOAD), kind),
                }
                figures = await measure(
                    dict(contenders),
                    at_a_time=at_a_time,
                    runs=runs if at_a_time == 1 else runs * 4,
                    rounds=rounds,
                )
                hand, engine = figures["hand"], figures["engine"]
                print(
                    f"| {name} | {kind} | {at_a_time} | {hand.per_second:.1f} "
                    f"| {engine.per_second:.1f} | **{engine.per_second / hand.per_second:.2f}** "
                    f"| {hand.p50_ms:.1f} ms | {engine.p50_ms:.1f} ms "
                    f"| **{engine.p50_ms / hand.p50_ms:.2f}** |",
                    flush=True,
                )


async def histories(client: Client) -> None:
    """Print how the history grows with the actions."""
    print(
        "\nHistory of one run\n\n| shape | kind | actions | events | per action | bytes |"
        " per action | runs |\n|---|---|---:|---:|---:|---:|---:|---:|"
    )
    whole = RunOptions(continue_as_new_after_events=50_000)
    for kind in KINDS:
        for name, graph in (
            ("row", row(10, PAYLOAD)),
            ("row", row(100, PAYLOAD)),
            ("row", row(1_000, PAYLOAD)),
            ("fan-out", fan(500, PAYLOAD)),
        ):
            handle = await start_graph(client, graph, kind, whole)
            await handle.result()
            events = size = runs = 0
            run_id: str | None = handle.first_execution_run_id
            while run_id:
                one = client.get_workflow_handle(handle.id, run_id=run_id)
                description = (await one.describe()).raw_description.workflow_execution_info
                events += description.history_length
                size += description.history_size_bytes
                runs += 1
                last = [event async for event in one.fetch_history_events()][-1]
                run_id = (
                    last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
                )
            count = len(graph.actions)
            print(
                f"| {name} | {kind} | {count} | {events} | {events / count:.2f} | {size} "
                f"| {size / count:.0f} | {runs} |",
                flush=True,
            )


async def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "what", nargs="*", metavar="what", help=f"{', '.join(WHAT)} (default: all of them)"
    )
    parser.add_argument(
        "--runs",
        type=int,
        default=20,
        help="workflows a round (default 20); more of the quick ones",
    )
    parser.add_argument("--rounds", type=int, default=5, help="rounds a contender (default 5)")
    options = parser.parse_args()
    unknown = sorted(set(options.what) - set(WHAT))
    if unknown:
        parser.error(f"there is no {unknown[0]!r}, only {', '.join(WHAT)}")
    what = options.what or WHAT
    async with stack(amqp="async" in what) as servers:
        if {"interpreter", "histories"} & set(what):
            async with running_worker(servers) as client:
                if "interpreter" in what:
                    await compare(client, options.runs, options.rounds)
                if "histories" in what:
                    await histories(client)
        if "async" in what:
            await async_steps(servers, options.runs, options.rounds)
    await asyncio.sleep(0.3)  # the SDK's threads must end before the interpreter does


if __name__ == "__main__":
    asyncio.run(main())
