"""What was accepted is executed once, whatever was away meanwhile."""

import signal
from uuid import uuid4

import pytest

from tests.end_to_end.kit.installation import Installation, chain, create

pytestmark = pytest.mark.servers

TRIED_IN_VAIN = """
    SELECT leased_until IS NULL AND last_error IS NOT NULL AND state = 'pending'
    FROM workflow.dispatches WHERE execution_id = $1"""


async def test_an_event_that_was_accepted_survives_the_api(ichor: Installation):
    """Temporal is away when the event comes, and the API is killed before it is back."""
    entity = await ichor.store_rule(chain(create("only", "accepted while Temporal was away")))
    event_id = str(uuid4())
    await ichor.temporal.stop()

    accepted = await ichor.post_event(entity, event_id)
    (execution,) = accepted["executions"]
    await ichor.sql_says(TRIED_IN_VAIN, execution["execution_id"])
    await ichor.api.end(signal.SIGKILL)
    await ichor.temporal.start()
    await ichor.api.start()
    await ichor.api.ready()
    end = await ichor.end_of(execution["execution_id"])
    again = await ichor.post_event(entity, event_id)

    assert end["status"] == "completed"
    assert (accepted["duplicate"], again["duplicate"]) == (False, True)
    assert [one["execution_id"] for one in again["executions"]] == [execution["execution_id"]]
    listed = await ichor.ask("GET", f"/executions?entity_name={entity}")
    assert [one["status"] for one in listed.json()["items"]] == ["completed"]
    rows = await ichor.sql(
        "SELECT count(*) FROM public.steps WHERE name = 'accepted while Temporal was away'"
    )
    assert rows == [1]


async def test_an_execution_survives_temporal(ichor: Installation):
    """Temporal is killed (SIGKILL) in the middle of an execution and started again."""
    ichor.target.hold("/outage/held")
    graph = chain(
        ichor.webhook("early", "/outage/early"),
        ichor.webhook("held", "/outage/held"),
        create("after", "after Temporal was killed"),
    )
    execution_id = await ichor.begin(graph)
    await ichor.target.called("/outage/held")

    await ichor.temporal.kill()
    not_live = await ichor.execution(execution_id)
    await ichor.temporal.start()
    ichor.target.release("/outage/held")
    end = await ichor.end_of(execution_id)

    assert (not_live["status"], not_live["live"]) == ("running", False)
    assert not_live["live_reason"]
    assert end["status"] == "completed"
    assert len(ichor.target.keys()["/outage/early"]) == 1
    assert len(set(ichor.target.keys()["/outage/held"])) == 1
    rows = await ichor.sql(
        "SELECT count(*) FROM public.steps WHERE name = 'after Temporal was killed'"
    )
    assert rows == [1]
