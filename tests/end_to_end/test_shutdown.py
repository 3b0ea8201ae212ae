"""Processes that are told to end, and executions that are told to."""

import signal

import pytest

from tests.end_to_end.kit.installation import Installation, chain, create

pytestmark = pytest.mark.servers


async def test_a_worker_that_is_told_to_end_finishes_what_runs(ichor: Installation):
    ichor.target.hold("/shutdown/held")
    execution_id = await ichor.begin(
        chain(ichor.webhook("held", "/shutdown/held"), create("after", "after the shutdown"))
    )
    await ichor.target.called("/shutdown/held")

    ichor.worker.tell(signal.SIGTERM)
    await ichor.worker.logged("Worker stopping")
    ichor.target.release("/shutdown/held")
    exit_code = await ichor.worker.ended()
    await ichor.worker.start()
    end = await ichor.end_of(execution_id)

    assert exit_code == 0
    assert end["status"] == "completed"
    assert [action["attempts"] for action in end["actions"]] == [1, 1]
    assert len(ichor.target.keys()["/shutdown/held"]) == 1


async def test_a_worker_whose_grace_is_over_hands_over_what_runs(ichor: Installation):
    await ichor.worker.end(signal.SIGTERM)
    await ichor.worker.start(SHUTDOWN_GRACE_SECONDS="0.2")
    await ichor.worker.ready()
    ichor.target.hold("/handover/held")
    execution_id = await ichor.begin(chain(ichor.webhook("held", "/handover/held")))
    await ichor.target.called("/handover/held")

    exit_code = await ichor.worker.end(signal.SIGTERM)
    await ichor.target.hung_up("/handover/held")
    await ichor.worker.start()
    await ichor.target.called("/handover/held", times=2)
    ichor.target.release("/handover/held")
    end = await ichor.end_of(execution_id)

    assert exit_code == 0
    assert end["status"] == "completed"
    assert [action["attempts"] for action in end["actions"]] == [2]
    assert len(set(ichor.target.keys()["/handover/held"])) == 1


async def test_the_api_ends_in_order(ichor: Installation):
    entity = await ichor.store_rule(chain(create("only", "accepted just before the end")))
    (execution,) = (await ichor.post_event(entity))["executions"]

    exit_code = await ichor.api.end(signal.SIGTERM)
    await ichor.api.start()
    await ichor.api.ready()

    assert exit_code == 0
    assert (await ichor.end_of(execution["execution_id"]))["status"] == "completed"


async def test_cancelling_reaches_the_action_that_runs(ichor: Installation):
    ichor.target.hold("/cancel/held")
    held, after = ichor.webhook("held", "/cancel/held"), create("after", "after the cancellation")
    execution_id = await ichor.begin(chain(held, after))
    await ichor.target.called("/cancel/held")

    answer = await ichor.ask("POST", f"/executions/{execution_id}/cancel")
    await ichor.target.hung_up("/cancel/held")
    end = await ichor.end_of(execution_id)
    again = await ichor.ask("POST", f"/executions/{execution_id}/cancel")

    assert (answer.status_code, again.status_code) == (202, 202)
    assert end["status"] == again.json()["status"] == "cancelled"
    assert not await ichor.sql(
        "SELECT name FROM public.steps WHERE name = 'after the cancellation'"
    )
