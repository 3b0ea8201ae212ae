"""What would fail at run time whatever the data is said when the graph is checked."""

import pytest

from ichor_actions.builtin import builtin_actions
from ichor_actions.errors import ActionError
from ichor_actions.resources import MailSettings, Resources, WebhookSettings, WritableTable
from ichor_actions.testing import run_action
from ichor_core.errors import InvalidInputError
from ichor_engine.rules.config_check import ConfigCheck

ORDERS = WritableTable(("status", "data"), ("id", "status", "data"))
ACTIONS = {
    item.spec.type: item
    for item in builtin_actions(Resources(tables={"public.orders": ORDERS, 'b."/~x': ORDERS}))
}
TYPES = {name: item.spec.action_type for name, item in ACTIONS.items()}
CHECK = ConfigCheck()

EQUALS = {"field": "status", "operator": "equals", "value": "new"}
CHANGE = {"table": "public.orders", "where": EQUALS, "changes": {"status": "old"}}
MAIL = {"to": "a@example.com", "subject": "s", "text": "t"}

AS_AT_RUN_TIME = [
    ("evaluate_condition", {"condition": {**EQUALS, "operator": "equal"}}),
    ("evaluate_condition", {"condition": {"field": "a", "operator": "equals"}}),
    ("evaluate_condition", {"condition": {"any": [EQUALS, {"not": {"field": "a"}}]}}),
    ("evaluate_condition", {"condition": {**EQUALS, "field": "{{status}}"}}),
    ("delay", {}),
    ("delay", {"for": None}),
    ("delay", {"for": "2s"}),
    ("delay", {"for": 0}),
    ("delay", {"for": "PT1S", "until": "2026-01-01"}),
    ("delay", {"until": "tomorrow"}),
    ("approval_request", {"title": "t", "deadline": "3 days"}),
    ("approval_request", {"title": "t", "remind_after": "P1Y"}),
    ("approval_request", {"title": "t", "reminders": [60, "2h"]}),
    ("call_webhook", {"url": "htp:/x"}),
    ("call_webhook", {"url": "https://example.com:99999/"}),
    ("call_webhook", {"url": "{{column}}/x"}),
    ("call_webhook", {"url": "https://{{column}}.example.com/x"}),
    ("update_field", {**CHANGE, "where": {**EQUALS, "operator": "equal"}}),
    ("update_field", {**CHANGE, "where": {"field": "status", "operator": "equals"}}),
    ("update_field", {**CHANGE, "where": {**EQUALS, "field": "{{column}}"}}),
    ("update_field", {**CHANGE, "where": {}}),
    ("update_field", {**CHANGE, "changes": {}}),
    ("update_field", {**CHANGE, "field": "status", "value": 1}),
    ("send_email", {**MAIL, "to": "nobody"}),
    ("send_email", {**MAIL, "to": ["a@example.com", "b"]}),
    ("send_email", {**MAIL, "cc": "b"}),
    ("send_email", {**MAIL, "text": None}),
    ("send_email", {**MAIL, "subject": "a\nb"}),
]


@pytest.mark.parametrize(("kind", "config"), AS_AT_RUN_TIME)
async def test_a_fault_is_said_as_the_action_would_say_it(kind, config):
    """The path and the words are those of the run."""
    # What is wrong is found before anything of them is used.
    resources = Resources(
        http=WebhookSettings(), mail=MailSettings(host="localhost", sender="i@example.com")
    )
    (action,) = [item for item in builtin_actions(resources) if item.spec.type == kind]
    with pytest.raises((ActionError, InvalidInputError)) as caught:
        await run_action(action, config, {"column": "status"})
    (fault,) = CHECK(TYPES[kind], config)
    assert fault == (caught.value.path, caught.value.message)


@pytest.mark.parametrize(
    ("kind", "config", "path", "message"),
    [
        ("create_record", {"table": "public.order", "values": {"status": 1}}, "$.table", "orders"),
        ("create_record", {"table": "public.orders", "values": {"id": 1}}, "$.values", "'id' is"),
        ("create_record", {"table": 'b."/~x', "values": {"x": 1}}, "$.values", "'x' is not one"),
        ("update_field", {**CHANGE, "table": "orders"}, "$.table", "public.orders"),
        ("update_field", {**CHANGE, "changes": {"id": 1}}, "$.changes", "'status', 'data'"),
        (
            "update_field",
            {"table": "public.orders", "where": EQUALS, "field": "id", "value": 1},
            "$.field",
            "'id' is not one of ['status', 'data']",
        ),
        (
            "update_field",
            {**CHANGE, "where": {"all": [{"not": [{**EQUALS, "field": "state"}]}]}},
            "$.where.all[0].not[0].field",
            "expected a column of public.orders: id, status, data",
        ),
        (
            "approval_request",
            {"title": "t", "policy": "n_of", "needed": 3, "approvers": {"users": ["a"]}},
            "$.needed",
            "needed is 3, but there is only 1 approver",
        ),
        ("delay", {"for": True}, "$.for", "True is not of type 'number', 'string', 'null'"),
        ("send_email", {**MAIL, "to": []}, "$.to", "give at least one address in to"),
        ("delay", {"fro": 1, "for": 1}, "$", "unknown field 'fro'; did you mean for?"),
        ("set_values", {"values": {}, "x": 1}, "$", "unknown field 'x'; known: values"),
    ],
)
def test_a_fault_is_named_with_what_would_do(kind, config, path, message):
    (fault,) = CHECK(TYPES[kind], config)
    assert fault[0] == path
    assert message in fault[1]


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("evaluate_condition", {"condition": {**EQUALS, "value": "{{x}}"}}),
        ("delay", {"for": "{{wait}}"}),
        ("delay", {"for": "{{wait}}", "until": "{{until}}"}),
        ("delay", {"for": "PT1H", "until": None}),
        ("approval_request", {"title": "t", "deadline": "P{{days}}D", "reminders": "{{all}}"}),
        ("call_webhook", {"url": "{{base}}/x", "allow_host_from_data": True}),
        ("create_record", {"table": "{{table}}", "values": {"any": 1}}),
        ("create_record", {"table": "public.orders", "values": "{{row}}"}),
        ("update_field", {**CHANGE, "table": "{{table}}", "changes": {"any": 1}}),
        ("update_field", {**CHANGE, "where": [{**EQUALS, "field": "data.deep.field"}]}),
        ("update_field", {**CHANGE, "where": {"all": []}}),
        ("send_email", {**MAIL, "to": ["{{to}}", "A <a@example.com>"], "cc": None}),
    ],
)
def test_what_data_decide_is_left_to_them(kind, config):
    assert CHECK(TYPES[kind], config) == []


def test_a_worker_without_tables_says_so():
    (create,) = [
        item.spec.action_type
        for item in builtin_actions(Resources(tables={}))
        if item.spec.type == "create_record"
    ]
    config = {"table": "public.orders", "values": {"a": 1}}
    assert ConfigCheck()(create, config) == [("$.table", "this worker declares no tables")]
    without = {item.spec.type: item.spec.action_type for item in builtin_actions(Resources())}
    assert ConfigCheck()(without["create_record"], config) == []
