"""A worker that is killed loses nothing and doubles nothing."""

import signal

import asyncpg
import pytest

from ichor_core.graph import GraphDefinition
from tests.end_to_end.kit.installation import Installation, chain, create, edge, update

pytestmark = pytest.mark.servers

LOCKED = "locked by the test"
COMMITTED = "crash: not reported"
IS_COMMITTED = "SELECT EXISTS (SELECT FROM public.steps WHERE name = $1)"
WAITS_FOR_LOCK = """
    SELECT EXISTS (SELECT FROM pg_stat_activity
        WHERE application_name = 'ichor-worker' AND wait_event_type = 'Lock')"""


async def test_a_killed_worker_is_taken_over_without_a_second_effect(ichor: Installation):
    """Two executions are in the middle when the worker is killed (SIGKILL).

    One has completed steps and waits for another system. The other has an effect that is committed
    but not reported yet: its step has only the ledger to tell that it must not happen again.
    """
    await ichor.sql("INSERT INTO public.counters VALUES ('seen', 0), ($1, 0) RETURNING 1", LOCKED)
    ichor.target.hold("/crash/held")
    calling = chain(
        create("before", "crash: before"),
        update("count", "seen"),
        ichor.webhook("early", "/crash/early"),
        ichor.webhook("held", "/crash/held"),
        create("after", "crash: after"),
        ichor.webhook("late", "/crash/late"),
    )
    insert, blocked = create("insert", COMMITTED), update("blocked", LOCKED)
    join = create("join", "crash: joined")
    writing = GraphDefinition(
        [insert, blocked, join],
        [edge(None, insert), edge(None, blocked), edge(insert, join), edge(blocked, join)],
    )
    lock = await asyncpg.connect(ichor.dsn)
    try:
        async with lock.transaction():
            await lock.execute("SELECT FROM public.counters WHERE name = $1 FOR UPDATE", LOCKED)
            first, second = await ichor.begin(calling), await ichor.begin(writing)
            await ichor.target.called("/crash/held")
            await ichor.sql_says(IS_COMMITTED, COMMITTED)
            await ichor.sql_says(WAITS_FOR_LOCK)
            await ichor.worker.end(signal.SIGKILL)
    finally:
        await lock.close()

    await ichor.worker.start()
    await ichor.target.called("/crash/held", times=2)
    ichor.target.release("/crash/held")
    ends = [await ichor.end_of(execution_id) for execution_id in (first, second)]

    assert [end["status"] for end in ends] == ["completed", "completed"]
    attempts = {action["name"]: action["attempts"] for action in ends[0]["actions"]}
    assert attempts == {"before": 1, "count": 1, "early": 1, "held": 2, "after": 1, "late": 1}
    keys = {path: got for path, got in ichor.target.keys().items() if path.startswith("/crash/")}
    assert {path: len(got) for path, got in keys.items()} == {
        "/crash/early": 1,
        "/crash/held": 2,
        "/crash/late": 1,
    }
    assert len(set(keys["/crash/held"])) == 1
    steps = await ichor.sql(
        "SELECT name FROM public.steps WHERE name LIKE 'crash: %' ORDER BY name"
    )
    assert steps == ["crash: after", "crash: before", "crash: joined", COMMITTED]
    assert await ichor.sql("SELECT name FROM public.changes ORDER BY name") == [LOCKED, "seen"]
