"""A parameter that an endpoint does not take is refused, and the one that was meant is named."""

from uuid import uuid4

import pytest

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def api(shared_api):
    return shared_api


@pytest.mark.parametrize(
    ("path", "query", "meant"),
    [
        ("/executions", "entityid=3", "entity_id"),
        ("/executions", "entityId=3", "entity_id"),
        ("/executions", "limit=3&Limit=4", "limit"),
        ("/executions", "stat", "status"),
        ("/executions", "ruleid=", "rule_id"),
        ("/rules", "active=true", "is_active"),
        ("/approvals", "users=ada", "user"),
        ("/alerts", "recipients=ada", "recipient"),
    ],
)
async def test_what_was_meant_is_named(api, check_problem, path, query, meant):
    answer = await api.http.get(f"{path}?{query}")
    document = check_problem(answer, 400, "invalid-request")
    (error,) = document["errors"]
    name = query.split("&")[-1].partition("=")[0]
    assert (error["path"], error["code"]) == (name, "unknown_parameter")
    assert error["message"].endswith(f"did you mean {meant}?")
    assert document["detail"] == f"{name}: {error['message']}"


async def test_each_is_named_once_and_what_there_is(api, check_problem):
    answer = await api.http.get("/rules?%C3%A9t%C3%A9=1&zzz=1&zzz=2&=3&limit=1")
    document = check_problem(answer, 400, "invalid-request")
    assert [error.get("path") for error in document["errors"]] == ["été", "zzz", None]
    for error in document["errors"]:
        assert error["message"].endswith(
            "known: trigger_entity, trigger_event, is_active, name, cursor, limit"
        )


async def test_every_endpoint_refuses_them(api, check_problem):
    document = (await api.http.get("http://api/schema/openapi.json?theme=dark")).json()
    count = 0
    for path, methods in document["paths"].items():
        if path.startswith("/health/"):
            continue
        url = "http://api" + path.replace("{action_type}", "x")
        for name in ("rule_id", "execution_id", "approval_id", "alert_id"):
            url = url.replace(f"{{{name}}}", str(uuid4()))
        for method in methods:
            answer = await api.http.request(method.upper(), f"{url}?colour=red")
            problem = check_problem(answer, 400, "invalid-request")
            assert [error["path"] for error in problem["errors"]] == ["colour"]
            count += 1
    assert count >= 24


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics", "/schema"])
async def test_probes_and_the_document_may_be_asked_with_anything(api, path):
    plain = await api.http.get(f"http://api{path}")
    assert (await api.http.get(f"http://api{path}?colour=red")).status_code == plain.status_code


async def test_options_are_answered(api):
    assert (await api.http.request("OPTIONS", "/rules?colour=red")).status_code == 204
