"""One trace from the request to the end of a demo execution, across all processes."""

import pytest

from tests.end_to_end.kit.demo_process import demo_process
from tests.end_to_end.kit.otlp_receiver import SentSpan, otlp_receiver, tree_of

pytestmark = [pytest.mark.servers, pytest.mark.timeout(150)]

LARGE_ORDER = """
ichor-trigger-api: POST /api/v1/workflow/events
  ichor-trigger-api: start execution
    ichor-worker: execute Order created
      ichor-worker: approval
        ichor-worker: run manager_approval
      ichor-worker: confirmation
        ichor-worker: run send_email
      ichor-worker: in_stock
        ichor-worker: run evaluate_condition
      ichor-worker: large_order
        ichor-worker: run evaluate_condition
      ichor-worker: log_check
        ichor-worker: run create_record
      ichor-worker: mark_shipped
        ichor-worker: run update_field
      ichor-worker: order
        ichor-worker: run set_values
      ichor-worker: partner
        ichor-worker: run call_webhook
          ichor-worker: POST
        ichor-worker: run call_webhook (failed)
          ichor-worker: POST (failed)
      ichor-worker: route
        ichor-worker: run set_values
      ichor-worker: shipment
        ichor-worker: run create_record
      ichor-worker: stock
        ichor-worker: run allocate_inventory
          ichor-worker: send ichor.actions
            inventory-service: process ichor.requests.allocate_inventory
              ichor-async-completer: process ichor.replies
""".strip()


@pytest.fixture(scope="module")
async def traces(tmp_path_factory):
    with otlp_receiver() as receiver:
        logs = tmp_path_factory.mktemp("traced-demo")
        async with demo_process(logs, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.endpoint) as demo:
            assert await demo.end() == 0, demo.output
    ids = {span.trace_id for span in receiver.spans}
    return [receiver.of_trace(trace_id) for trace_id in ids]


def with_action(traces: list[list[SentSpan]], name: str) -> list[list[SentSpan]]:
    return [spans for spans in traces if any(span.name == name for span in spans)]


def named(spans: list[SentSpan], name: str) -> list[SentSpan]:
    return [span for span in spans if span.name == name]


def test_every_span_has_its_parent(traces):
    (large,) = with_action(traces, "approval")
    assert tree_of(large) == LARGE_ORDER


def test_no_span_is_lost_or_sent_twice(traces):
    for spans in traces:
        ids = {span.span_id for span in spans}
        assert len(ids) == len(spans)
        assert sum(span.parent_id not in ids for span in spans) == 1


def test_an_event_and_all_its_executions_are_one_trace(traces):
    (gold,) = with_action(traces, "thanks")
    executions = [span.name for span in gold if span.name.startswith("execute ")]
    assert sorted(executions) == ["execute Order created", "execute Thank gold customers"]
    assert len(named(gold, "start execution")) == 2


def test_spans_say_whose_they_are(traces):
    (large,) = with_action(traces, "approval")
    (execution,) = named(large, "execute Order created")
    (stock,) = named(large, "stock")
    (request,) = named(large, "POST /api/v1/workflow/events")
    execution_id = execution.attributes["ichor.execution.id"]
    assert execution.attributes["ichor.execution.status"] == "completed"
    assert stock.attributes["ichor.action.type"] == "allocate_inventory"
    ours = {span.attributes.get("ichor.execution.id", execution_id) for span in large}
    assert ours == {execution_id}
    assert request.kind == "server"
    assert request.attributes["http.route"] == "/api/v1/workflow/events"
    assert request.attributes["http.response.status_code"] == 202


def test_an_action_spans_all_that_is_done_for_it(traces):
    (large,) = with_action(traces, "approval")
    (approval,) = named(large, "approval")
    assert "decision" in approval.events
    for span in large:
        if span.name in ("stock", "partner"):
            inside = [one for one in large if one.parent_id == span.span_id]
            assert all(span.began <= one.began for one in inside)
    failed, again = named(large, "run call_webhook")
    attempts = [span.attributes["ichor.action.attempt"] for span in (failed, again)]
    assert (attempts, failed.failed, again.failed) == ([1, 2], True, False)


def test_a_message_is_sent_received_and_answered_in_the_trace(traces):
    (large,) = with_action(traces, "approval")
    (sent,) = named(large, "send ichor.actions")
    (taken,) = named(large, "process ichor.requests.allocate_inventory")
    (reply,) = named(large, "process ichor.replies")
    assert (sent.kind, taken.kind, reply.kind) == ("producer", "consumer", "consumer")
    assert sent.attributes["messaging.system"] == "rabbitmq"
    routing_key = sent.attributes["messaging.rabbitmq.destination.routing_key"]
    assert routing_key == "allocate_inventory"
    assert reply.attributes["ichor.action.name"] == "stock"
