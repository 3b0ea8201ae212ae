"""What happened is counted exactly, once, and where it happened."""

import pytest

from ichor_core.contract import INTERPRETER_VERSION
from tests.observability.kit.measured import ASYNC_TYPE, Measured
from tests.observability.kit.reference import documented

pytestmark = pytest.mark.servers

REPLIES = "ichor.replies"


def test_attempts_of_actions_by_outcome(run: Measured):
    name = "ichor_action_attempt_duration_seconds_count"
    assert run.of_worker.by(name, "ichor_action_type", "ichor_outcome") == {
        ("create_record", "completed"): 2,
        ("call_webhook", "retried"): 1,
        ("call_webhook", "failed"): 1,
        (ASYNC_TYPE, "requested"): 3,
        ("approval_request", "requested"): 1,
    }


def test_executions_by_status(run: Measured):
    name = "ichor_execution_duration_seconds_count"
    ended = run.of_worker.by(name, "ichor_execution_status")
    assert ended == {("completed",): 3, ("failed",): 2}


def test_starts(run: Measured):
    name = "ichor_relay_start_duration_seconds_count"
    assert run.of_api.by(name, "ichor_outcome", "error_type") == {("started", ""): 6}


def test_requests_by_route_and_status(run: Measured):
    counted = run.of_api.by(
        "http_server_request_duration_seconds_count",
        "http_request_method",
        "http_route",
        "http_response_status_code",
    )
    rules = "/api/v1/workflow/rules"
    watched = ("GET", "/api/v1/workflow/executions/{execution_id}", "200")
    assert counted.pop(watched) >= 5
    assert counted == {
        ("POST", rules, "201"): 6,
        ("PUT", f"{rules}/{{rule_id}}/graph", "200"): 6,
        ("POST", f"{rules}/{{rule_id}}/activate", "200"): 6,
        ("POST", "/api/v1/workflow/events", "202"): 6,
        ("GET", "", "404"): 1,
    }
    assert set(run.of_api.by("http_server_active_requests").values()) == {0}


def test_what_waits(run: Measured):
    assert run.of_api.by("ichor_relay_waiting") == {(): 0}
    assert run.of_api.by("ichor_relay_oldest_age_seconds") == {(): 0}
    assert run.of_api.by("ichor_approval_open") == {(): 1}
    assert run.of_api.by("ichor_approval_oldest_age_seconds")[()] > 0
    assert run.of_api.by("ichor_approval_overdue") == {(): 0}


def test_replies(run: Measured):
    seen = run.of_completer
    assert seen.by(
        "messaging_process_duration_seconds_count", "messaging_destination_name", "ichor_outcome"
    ) == {
        (REPLIES, "completed"): 2,
        (REPLIES, "failed"): 1,
        (REPLIES, "unawaited"): 1,
        (REPLIES, "dead_letter"): 1,
    }
    assert seen.by("ichor_reply_redeliveries_total") == {(): 1}
    latency = "ichor_reply_latency_seconds_count"
    assert seen.by(latency, "ichor_action_type", "ichor_outcome") == {
        (ASYNC_TYPE, "completed"): 2,
        (ASYNC_TYPE, "failed"): 1,
    }
    assert seen.by("ichor_queue_messages", "messaging_destination_name") == {
        (REPLIES,): 0,
        ("ichor.dead-letters",): 1,
    }
    assert seen.by("ichor_completer_consuming") == {(): 1}
    assert seen.by("ichor_completer_paused") == {(): 0}
    assert seen.by("ichor_completer_paused_time_seconds") == {(): 0}


def test_temporal_s_own(run: Measured):
    requests = "temporal_request_total"
    started = run.of_api.by(requests, "operation")[("StartWorkflowExecution",)]
    assert started == 6
    failed = "temporal_activity_execution_failed_total"
    assert run.of_worker.by(failed, "activity_type") == {("ExecuteActionActivity",): 2}
    # In seconds, and in buckets for them.
    latency = "temporal_workflow_endtoend_latency_seconds"
    (counted,) = run.of_worker.by(f"{latency}_count").values()
    assert run.of_worker.by(f"{latency}_bucket", "le")[("300.0",)] == counted
    # Replays count again.
    assert run.of_worker.by("temporal_workflow_completed_total")[()] >= 3


def test_every_process_says_what_it_is(run: Measured):
    for service, seen in (
        ("ichor-trigger-api", run.of_api),
        ("ichor-worker", run.of_worker),
        ("ichor-async-completer", run.of_completer),
    ):
        kind = service.removeprefix("ichor-")
        assert (kind, "0.1.0", str(INTERPRETER_VERSION)) in seen.by(
            "ichor_build_info", "process", "version", "interpreter_version"
        )
        assert (service,) in seen.by("target_info", "service_name")
        assert seen.by("process_resident_memory_bytes")[()] > 1_000_000
        assert seen.by("process_open_fds")[()] > 0
        assert seen.by("python_info", "version")


def test_a_relay_of_its_own_is_no_trigger_api(run: Measured):
    kinds = run.all.by("ichor_build_info", "process")
    assert set(kinds) == {("trigger-api",), ("relay",), ("worker",), ("async-completer",)}


def test_ids_are_no_labels(run: Measured):
    values = {
        value
        for family in run.all.families.values()
        if family.name != "target_info"
        for samples in family.samples.values()
        for labels in samples
        for _, value in labels
    }
    assert "ichor-workflow-queue" in values
    # An execution's, a rule's, a workflow's: all of them hold a UUID.
    assert not [value for value in values if value.count("-") >= 4]


def test_the_reference_lists_what_is_exposed(run: Measured):
    """Each metric of our own, with its labels and no other, is in docs/metrics.md."""
    exposed: dict[str, set[str]] = {}
    for family in run.all.families.values():
        if family.name.startswith(("temporal_", "process_", "python_", "target_info")):
            continue
        labels = {
            name
            for samples in family.samples.values()
            for given in samples
            for name, value in given
            if value
        }
        exposed[family.name] = labels - {"le"}
    assert documented() == exposed
