"""One trace, and no span twice, though the worker that runs the execution dies in the middle."""

import asyncio
import signal

import pytest

from tests.end_to_end.kit.command import POLL_SECONDS
from tests.end_to_end.kit.installation import chain, create
from tests.end_to_end.kit.otlp_receiver import otlp_receiver, tree_of

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
SOON = {"OTEL_BSP_SCHEDULE_DELAY": "100"}
"""Milliseconds until ended spans are sent; what a killed process had not sent is lost."""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_worker_that_dies(ichor, number):
    with otlp_receiver() as receiver:
        traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint, **SOON}
        for service in (ichor.api, ichor.worker):
            await service.end(signal.SIGTERM)
            await service.start(**traced)
        await ichor.bring_up()
        path = f"/traced/{number.name}"
        ichor.target.hold(path)
        held = ichor.webhook("held", path)
        graph = chain(create("first", "1"), held, create("last", "3"))
        entity = await ichor.store_rule(graph)
        accepted = await ichor.post_event(entity, traceparent=f"00-{TRACE}-{CALLER}-01")
        execution_id = accepted["executions"][0]["execution_id"]
        await ichor.target.called(path)
        await seen(receiver, "first")
        ichor.worker.tell(number)
        if number == signal.SIGTERM:  # it may finish what runs
            ichor.target.release(path)
        await ichor.worker.ended()
        ichor.target.release(path)
        await ichor.worker.start(**traced)
        await ichor.worker.ready()
        # A query makes the new worker replay what the old one did.
        assert (await ichor.execution(execution_id))["trace_id"] == TRACE
        assert (await ichor.end_of(execution_id))["status"] == "completed"
        for service in (ichor.worker, ichor.api):
            assert await service.end(signal.SIGTERM) == 0
    spans = receiver.of_trace(TRACE)
    assert len({span.span_id for span in spans}) == len(spans)
    (root,) = [span for span in spans if span.parent_id == CALLER]
    assert root.name == "POST /api/v1/workflow/events"
    ids = {span.span_id for span in spans}
    assert [span.name for span in spans if span.parent_id not in ids] == [root.name]
    names = [span.name for span in spans]
    for once in ("start execution", f"execute {entity}", "first", "held", "last"):
        assert names.count(once) == 1, tree_of(spans)
    assert names.count("run create_record") == 2, tree_of(spans)


async def seen(receiver, name):
    while all(span.name != name for span in receiver.of_trace(TRACE)):
        await asyncio.sleep(POLL_SECONDS)
