import pytest
from temporalio.envconfig import ClientConfigProfile

from ichor_devstack.ports import free_port
from ichor_edgestore.database import open_pool
from ichor_edgestore.events import PostgresDispatchQueue
from ichor_runtime.temporal import lazy_client

pytestmark = pytest.mark.servers

EVENT = {"entity_name": "order", "entity_id": "1", "event_type": "on_create"}


@pytest.fixture
async def nobody():
    """Give a client of a Temporal server that is not there."""
    return await lazy_client(ClientConfigProfile(address=f"127.0.0.1:{free_port()}"))


async def test_all_is_well(api):
    live = await api.http.get("http://api/health/live")
    assert (live.status_code, live.json()) == (200, {"status": "live"})
    ready = await api.http.get("http://api/health/ready")
    assert ready.status_code == 200
    assert ready.json()["status"] == "ready"
    assert "degraded" not in ready.json()
    assert ready.headers["cache-control"] == "no-store"


async def test_without_temporal_the_service_is_ready_and_says_what_is_missing(
    pool, nobody, open_api
):
    async with open_api(pool, nobody) as api:
        ready = await api.http.get("http://api/health/ready")
        assert ready.status_code == 200
        assert ready.json()["degraded"] == ["temporal"]
        assert ready.json()["checks"]["temporal"]["reason"]
        assert (await api.http.post("/events", json=EVENT)).status_code == 202


async def test_without_a_database_the_service_lives_but_is_not_ready(
    client, open_api, check_problem
):
    dsn = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    async with (
        await open_pool(dsn, min_size=0) as pool,
        open_api(pool, client) as api,
    ):
        assert (await api.http.get("http://api/health/live")).status_code == 200
        ready = await api.http.get("http://api/health/ready")
        assert ready.status_code == 503
        assert ready.json()["status"] == "not_ready"
        assert ready.json()["checks"]["database"]["status"] == "failed"
        refused = await api.http.post("/events", json=EVENT)
        check_problem(refused, 503, "unavailable")
        assert refused.headers["retry-after"]


async def test_a_database_that_was_not_migrated_is_not_ready(postgres_server, client, open_api):
    dsn = await postgres_server.create_database()
    async with await open_pool(dsn) as pool, open_api(pool, client) as api:
        ready = await api.http.get("http://api/health/ready")
        assert ready.status_code == 503
        reason = ready.json()["checks"]["database"]["reason"]
        assert "run `python -m ichor_edgestore migrate`" in reason
    await postgres_server.drop_database(dsn)


async def test_cancelling_needs_temporal(api, pool, nobody, open_api, check_problem):
    await api.rule(api.chain(api.node("A")))
    (one,) = (await api.event())["executions"]
    await PostgresDispatchQueue(pool).mark_started(one["execution_id"])
    async with open_api(pool, nobody) as lonely:
        answer = await lonely.http.post(f"/executions/{one['execution_id']}/cancel")
        check_problem(answer, 503, "unavailable")
        shown = await lonely.execution(one["execution_id"])
        assert (shown["status"], shown["live"]) == ("running", False)
        assert "Temporal" in shown["live_reason"]


async def test_what_waits_can_be_cancelled_without_temporal(api, pool, nobody, open_api):
    await api.rule(api.chain(api.node("A")))
    (one,) = (await api.event())["executions"]
    async with open_api(pool, nobody) as lonely:
        answer = await lonely.http.post(f"/executions/{one['execution_id']}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
