"""Runs one traced graph in a process of its own, for tracing is set up once for each process.

``python -m tests.kit.traced_run ADDRESS N`` prints JSON (address of Temporal, actions until
continue-as-new):
the spans, and how many more a replay of the same histories would have sent.
"""

import asyncio
import sys

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from temporalio.client import Client
from temporalio.contrib.opentelemetry import OpenTelemetryPlugin, create_tracer_provider
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from ichor_core import exact_json
from ichor_core.contract import RunOptions
from ichor_runtime.temporal import data_converter
from ichor_workflows import WORKFLOWS
from tests.kit.engine import Engine
from tests.kit.shapes import CROSSING


async def main(address: str, actions: int) -> dict[str, object]:
    """Run the graph and replay its runs."""
    exporter = InMemorySpanExporter()
    provider = create_tracer_provider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    plugin = OpenTelemetryPlugin()
    client = await Client.connect(address, data_converter=data_converter, plugins=[plugin])
    engine = Engine(client)
    tracer = trace.get_tracer("test")
    async with engine.worker({"task": "sync"}):
        with tracer.start_as_current_span("caller"):
            options = RunOptions(continue_as_new_after_actions=actions)
            run = await engine.start(CROSSING, options=options)
        await run.handle.result()
    spans = exporter.get_finished_spans()
    workflow_id = run.handle.id
    histories = [
        await client.get_workflow_handle(workflow_id, run_id=execution.run_id).fetch_history()
        async for execution in client.list_workflows(f"WorkflowId = '{workflow_id}'")
    ]
    exporter.clear()
    replayer = Replayer(
        workflows=WORKFLOWS,
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=data_converter,
        plugins=[plugin],
    )
    for history in histories:
        await replayer.replay_workflow(history)
    return {
        "spans": [_described(span) for span in spans],
        "runs": len(histories),
        "replayed": [span.name for span in exporter.get_finished_spans()],
    }


def _described(span: ReadableSpan) -> dict[str, object]:
    context = span.get_span_context()
    assert context is not None
    return {
        "name": span.name,
        "id": context.span_id,
        "trace": context.trace_id,
        "parent": span.parent.span_id if span.parent else None,
    }


if __name__ == "__main__":
    found = asyncio.run(main(sys.argv[1], int(sys.argv[2])))
    sys.stdout.write(exact_json.encode(found).decode())
