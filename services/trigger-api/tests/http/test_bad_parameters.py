"""Parameters, paths and methods that do not fit are named, with what would do."""

from uuid import uuid4

import pytest

pytestmark = pytest.mark.servers

EVENT = {"entity_name": "order", "entity_id": "1", "event_type": "on_create"}
RULE = {"name": "n", "trigger_entity": "order", "trigger_event": "on_create"}


@pytest.fixture(scope="module")
def api(shared_api):
    return shared_api


@pytest.mark.parametrize(
    ("path", "parameters", "name"),
    [
        ("/rules", {"limit": 0}, "limit"),
        ("/rules", {"limit": 201}, "limit"),
        ("/rules", {"limit": -1}, "limit"),
        ("/rules", {"limit": "many"}, "limit"),
        ("/rules", {"limit": 10**30}, "limit"),
        ("/rules", {"limit": "1.5"}, "limit"),
        ("/rules", {"trigger_event": "on_fire"}, "trigger_event"),
        ("/rules", {"is_active": "perhaps"}, "is_active"),
        ("/rules", {"name": "\0"}, "name"),
        ("/rules", {"name": "x" * 201}, "name"),
        ("/executions", {"limit": 0}, "limit"),
        ("/executions", {"status": "odd"}, "status"),
        ("/executions", {"rule_id": "none"}, "rule_id"),
        ("/executions", {"event_id": "\0"}, "event_id"),
        ("/executions", {"entity_id": "a\0"}, "entity_id"),
        ("/executions", {"created_after": "yesterday"}, "created_after"),
        ("/executions", {"created_before": "0001-01-01T00:00:00+14:00"}, "created_before"),
    ],
)
async def test_a_wrong_parameter_is_named(api, check_problem, path, parameters, name):
    document = check_problem(await api.http.get(path, params=parameters), 400, "invalid-request")
    assert [error["path"] for error in document["errors"]] == [name]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "====",
        "é",
        "AAAA",
        "MjAyNi0wMS0wMVQwMDowMDowMC9ub25l",  # a time without a zone, and no id
        # the year 1 in a zone in which it has not begun
        "MDAwMS0wMS0wMVQwMDowMDowMCsxNDowMC8wMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDA",
    ],
)
async def test_a_cursor_that_no_list_returned_is_refused(api, check_problem, cursor):
    await api.rule()
    for path in ("/rules", "/executions"):
        answer = await api.http.get(path, params={"cursor": cursor})
        document = check_problem(answer, 400, "invalid-request")
        assert document["errors"][0]["path"] == "cursor"


async def test_paths_and_methods_that_are_not_there(api, check_problem):
    for path, said in (
        ("/none", "there is no path /api/v1/workflow/none; /schema/openapi.json has all paths"),
        ("http://api/", "there is no path /; /schema/openapi.json has all paths"),
        (
            "/rulez",
            "there is no path /api/v1/workflow/rulez; did you mean /api/v1/workflow/rules?",
        ),
        (
            "http://api/executions",
            "there is no path /executions; did you mean /api/v1/workflow/executions?",
        ),
        (
            "/rule/6f0c1f0e-0d4b-4a51-9d0e-4f7d8f0b2a11/graph",
            "did you mean /api/v1/workflow/rules/{rule_id}/graph?",
        ),
        ("/executions/none", "execution_id: 'none' is not a UUID"),
        ("/rules/7/graph", "rule_id: '7' is not a UUID"),
    ):
        document = check_problem(await api.http.get(path), 404, "not-found")
        assert document["detail"].endswith(said)
    check_problem(await api.http.get(f"/executions/{uuid4()}"), 404, "not-found")
    check_problem(await api.http.post(f"/executions/{uuid4()}/cancel"), 404, "not-found")
    not_allowed = await api.http.delete("/events")
    document = check_problem(not_allowed, 405, "method-not-allowed")
    assert document["detail"] == "this path does not support DELETE; it supports POST"
    assert set(not_allowed.headers["allow"].split(", ")) == {"OPTIONS", "POST"}
    not_allowed = await api.http.post(f"/rules/{uuid4()}")
    document = check_problem(not_allowed, 405, "method-not-allowed")
    assert document["detail"] == "this path does not support POST; it supports DELETE, GET, PATCH"


@pytest.mark.parametrize(
    ("method", "path", "given", "message"),
    [
        ("POST", "/rules", {**RULE, "trigger_event": "created"}, "did you mean on_create?"),
        ("POST", "/rules", {**RULE, "conditions": {}}, "did you mean `trigger_conditions`?"),
        ("POST", "/events", {**EVENT, "event_id": "7"}, "'7' is not a UUID"),
        ("POST", "/graphs/validate", {"edges": [{"edge_type": "true"}]}, "true_branch"),
        (
            "POST",
            "/graphs/validate",
            {"actions": [{"limits": {"timeout": 3}}]},
            "known: `start_to_close`, `heartbeat`",
        ),
        (
            "POST",
            "/approvals/6f0c1f0e-0d4b-4a51-9d0e-4f7d8f0b2a11/decision",
            {"vote": "yes"},
            "approved, rejected",
        ),
        ("GET", "/executions", {"status": "done"}, "'done' is not one of cancelled, completed"),
        ("GET", "/executions", {"status": ["failed", "done"]}, "'done' is not one of"),
        ("GET", "/executions", {"rule_id": "7"}, "'7' is not a UUID"),
        ("GET", "/executions", {"created_after": "now"}, "'now' is not a time in ISO 8601"),
    ],
)
async def test_what_would_do_is_said(api, method, path, given, message):
    arguments = {"params": given} if method == "GET" else {"json": given}
    answer = await api.http.request(method, path, **arguments)
    (error,) = answer.json()["errors"]
    assert message in error["message"]
    assert error["message"] in answer.json()["detail"]
