"""Dashboard and alerts ask for what the services expose, and say what they show."""

import re
from typing import get_args

import pytest
from promql_parser import parse

from ichor_async_completer.replies.reply_metrics import ReplyOutcome
from ichor_core.contract import TERMINAL_STATUSES
from ichor_runtime.telemetry.action_metrics import AttemptOutcome
from tests.observability.kit.measured import Measured
from tests.observability.kit.promql import Use, can_match, faults, uses
from tests.observability.kit.watched import (
    alerts,
    dashboard,
    expressions,
    legend_labels,
    panels,
    variable_queries,
)

OF_PROMETHEUS = frozenset({"job", "instance"})
"""Labels that every target has, however Prometheus finds it."""
OUTCOMES = {*get_args(AttemptOutcome), *get_args(ReplyOutcome), "started", "failed"}
VALUES = {"ichor_outcome": OUTCOMES, "ichor_execution_status": set(TERMINAL_STATUSES)}


def exposed_by(run: Measured) -> dict[str, set[str]]:
    return run.all.labels() | {"up": set()}


@pytest.mark.servers
def test_every_expression_asks_for_what_is_there(run: Measured):
    exposed = exposed_by(run)
    found = [
        f"{where}: {fault}"
        for where, expression in expressions()
        for use in uses(expression)
        for fault in faults(use, exposed, OF_PROMETHEUS)
    ]
    assert found == []


@pytest.mark.servers
def test_variables_ask_for_what_is_there(run: Measured):
    exposed = exposed_by(run)
    for selector, label in variable_queries():
        (use,) = uses(selector)
        asked = Use(use.metric, use.matchers, use.labels | {label})
        assert faults(asked, exposed, OF_PROMETHEUS) == []


@pytest.mark.servers
@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("ichor_relay_waiting", "ichor_relay_wating", "no metric ichor_relay_wating"),
        ("_seconds_bucket", "_bucket", "no metric http_server_request_duration_bucket"),
        ("http_route", "http_path", "http_server_request_duration_seconds_count has no label"),
        ("error_type", "error_kind", "has no label error_kind"),
        ("worker_type", "workertype", "has no label workertype"),
    ],
)
def test_a_wrong_name_would_be_found(run: Measured, right, wrong, fault):
    exposed = exposed_by(run)
    changed = [text.replace(right, wrong) for _, text in expressions() if right in text]
    assert changed
    found = [
        one for text in changed for use in uses(text) for one in faults(use, exposed, OF_PROMETHEUS)
    ]
    assert any(fault in one for one in found)


def test_matchers_name_values_that_there_are():
    for where, expression in expressions():
        for use in uses(expression):
            for matcher in use.matchers:
                if matcher.name in VALUES:
                    assert can_match(matcher, VALUES[matcher.name]), f"{where}: {matcher}"


def test_a_wrong_value_would_be_found():
    (use,) = uses('x{ichor_execution_status=~"failed|timedout"}')
    assert not can_match(use.matchers[0], set(TERMINAL_STATUSES))


def test_legends_show_labels_that_remain():
    for panel in panels():
        for target in panel["targets"]:
            expression = target["expr"]
            shown = legend_labels(target)
            assert shown <= set(re.findall(r"\w+", expression)) | OF_PROMETHEUS, panel["title"]


def test_every_panel_says_what_it_shows():
    titles = [panel["title"] for panel in panels()]
    rows = [panel["title"] for panel in dashboard()["panels"] if panel["type"] == "row"]
    assert rows == [
        "Overview",
        "HTTP",
        "Relay",
        "Actions",
        "Approvals",
        "Completer",
        "Temporal worker",
        "Processes",
    ]
    assert len(titles) > 30
    for panel in panels():
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        for target in panel["targets"]:
            assert '{instance=~"$instance"' in target["expr"], panel["title"]
    ids = [panel["id"] for panel in dashboard()["panels"]]
    assert len(set(ids)) == len(ids)


def test_alert_rules_are_whole():
    names = [rule["alert"] for rule in alerts()]
    assert len(set(names)) == len(names)
    for rule in alerts():
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        parse(rule["expr"])
        assert re.fullmatch(r"\d+[mh]", rule["for"]), rule["alert"]
        assert rule["labels"]["severity"] in ("critical", "warning", "info"), rule["alert"]
        notes = rule["annotations"]
        assert set(notes) == {"summary", "description", "runbook"}, rule["alert"]
        assert re.fullmatch(r"docs/operations\.md#[a-z-]+", notes["runbook"]), rule["alert"]
        assert notes["description"].endswith("."), rule["alert"]
        for label in re.findall(r"\$labels\.(\w+)", notes["summary"]):
            assert label in OF_PROMETHEUS or label in rule["expr"], rule["alert"]


def test_no_panel_and_no_alert_needs_a_label_of_one_way_of_discovery():
    for where, expression in expressions():
        assert not re.search(r"\b(service|job=|namespace|pod|component)\b", expression), where
