"""Action types are shown with their schemas and times, and leave when nothing needs them."""

from datetime import UTC, datetime, timedelta

import pytest

from ichor_edgestore.action_types import PostgresActionTypeStore

pytestmark = pytest.mark.servers


async def test_what_a_worker_has_published_is_shown(api, pool, gates):
    listed = (await api.http.get("/action-types")).json()
    assert [one["type"] for one in listed] == sorted(one["type"] for one in listed)
    (gate,) = [one for one in listed if one["type"] == "gate"]
    assert gate["config_schema"]["properties"]["gate"]
    published = datetime.fromisoformat(gate["updated_at"])
    assert datetime.now(UTC) - published < timedelta(minutes=1)
    assert (await api.http.get("/action-types/gate")).json() == gate
    await PostgresActionTypeStore(pool).publish_action_types(gates.registry().types())
    again = (await api.http.get("/action-types/gate")).json()
    assert datetime.fromisoformat(again["updated_at"]) > published


async def test_a_type_leaves_when_no_active_rule_uses_it(api, check_problem):
    rule_id = await api.rule(api.chain(api.node("A")), name="Orders")
    refused = await api.http.delete("/action-types/gate")
    document = check_problem(refused, 409, "conflict")
    assert "'Orders'" in document["detail"]
    await api.http.post(f"/rules/{rule_id}/deactivate")
    assert (await api.http.delete("/action-types/gate")).status_code == 204
    check_problem(await api.http.get("/action-types/gate"), 404, "not-found")
    check_problem(await api.http.delete("/action-types/gate"), 404, "not-found")
    assert "gate" not in [one["type"] for one in (await api.http.get("/action-types")).json()]
    graph = await api.http.post("/graphs/validate", json=api.chain(api.node("A")))
    assert "unknown action type 'gate'" in graph.text


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_type_that_is_not_there(api, check_problem, method):
    for name in ("nope", "日本"):
        answer = await api.http.request(method, f"/action-types/{name}")
        assert name in check_problem(answer, 404, "not-found")["detail"]
    answer = await api.http.request(method, f"/action-types/{'x' * 201}")
    check_problem(answer, 400, "invalid-request")


async def test_a_name_that_cannot_be_stored_is_refused(api, check_problem):
    answer = await api.http.delete("/action-types/%00")
    document = check_problem(answer, 400, "invalid-request")
    assert document["errors"][0]["path"] == "action_type"
