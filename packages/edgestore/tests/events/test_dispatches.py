import asyncio
from datetime import UTC, datetime

import pytest

from ichor_core.contract import INTERPRETER_VERSION, ExecutionRecord, FailureInfo

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_a_job_says_all_that_starting_needs(stores, accept_event) -> None:
    accepted = await accept_event(traceparent=TRACEPARENT, data={"a": 1})
    (job,) = await stores.dispatches.lease(10, 60)
    (expected,) = accepted.executions
    assert (job.execution_id, job.workflow_id, job.rule_id, job.rule_name) == (
        expected.execution_id,
        expected.workflow_id,
        expected.rule_id,
        expected.rule_name,
    )
    assert (job.graph_version, job.interpreter_version, job.attempts) == (1, INTERPRETER_VERSION, 1)
    assert (job.traceparent, job.trigger_data) == (TRACEPARENT, {"a": 1})
    assert (job.event_id, job.entity_name, job.entity_id, job.event_type) == (
        accepted.event_id,
        "orders",
        "17",
        "on_create",
    )


async def test_a_leased_job_comes_again_when_its_lease_ran_out(stores, accept_event) -> None:
    await accept_event()
    (first,) = await stores.dispatches.lease(10, 60)
    assert await stores.dispatches.lease(10, 60) == []
    await stores.dispatches.mark_retry(first.execution_id, "unavailable", 0)
    (second,) = await stores.dispatches.lease(10, -1)
    (third,) = await stores.dispatches.lease(10, 60)
    assert [job.attempts for job in (first, second, third)] == [1, 2, 3]


async def test_the_longest_due_come_first_and_no_more_than_asked(stores, accept_event) -> None:
    events = [await accept_event() for _ in range(3)]
    ids = [event.executions[0].execution_id for event in events]
    assert [job.execution_id for job in await stores.dispatches.lease(2, 60)] == ids[:2]
    assert [job.execution_id for job in await stores.dispatches.lease(2, 60)] == ids[2:]


async def test_a_started_execution_runs_and_is_done_with(stores, accept_event) -> None:
    accepted = await accept_event()
    execution_id = accepted.executions[0].execution_id
    await stores.dispatches.lease(1, 60)
    await stores.dispatches.mark_retry(execution_id, "unavailable", 0)
    assert (await stores.executions.get(execution_id)).dispatch_error == "unavailable"
    await stores.dispatches.mark_started(execution_id)
    detail = await stores.executions.get(execution_id)
    assert (detail.execution.status, detail.dispatch_error) == ("running", None)
    assert detail.execution.started_at is not None
    await stores.dispatches.mark_retry(execution_id, "too late", 0)
    await stores.dispatches.mark_failed(execution_id, FailureInfo("too late"))
    await stores.dispatches.mark_started(execution_id)
    assert await stores.executions.get(execution_id) == detail
    assert await stores.dispatches.lease(10, 60) == []


async def test_starting_does_not_undo_what_the_workflow_has_reported(stores, accept_event) -> None:
    accepted = await accept_event()
    execution_id = accepted.executions[0].execution_id
    time = datetime.now(UTC)
    await stores.executions.record(
        ExecutionRecord(
            execution_id=execution_id, status="completed", started_at=time, finished_at=time
        )
    )
    await stores.dispatches.mark_started(execution_id)
    assert (await stores.executions.get(execution_id)).execution.status == "completed"


async def test_a_retry_waits_its_delay(stores, accept_event) -> None:
    accepted = await accept_event()
    execution_id = accepted.executions[0].execution_id
    await stores.dispatches.lease(1, 60)
    await stores.dispatches.mark_retry(execution_id, "unavailable", 3600)
    assert await stores.dispatches.lease(1, 60) == []
    assert (await stores.executions.get(execution_id)).execution.status == "pending"


async def test_a_failed_dispatch_fails_its_execution(stores, accept_event) -> None:
    accepted = await accept_event()
    execution_id = accepted.executions[0].execution_id
    error = FailureInfo("the input is too large", "PayloadTooLarge")
    await stores.dispatches.mark_failed(execution_id, error)
    detail = await stores.executions.get(execution_id)
    assert (detail.execution.status, detail.execution.error) == ("failed", error)
    assert detail.execution.finished_at is not None
    assert detail.dispatch_error == "the input is too large"
    assert await stores.dispatches.lease(10, 60) == []


async def test_each_job_goes_to_one_of_many_workers(stores, accept_event) -> None:
    accepted = [await accept_event() for _ in range(60)]

    async def work() -> list[str]:
        taken: list[str] = []
        while jobs := await stores.dispatches.lease(7, 60):
            for job in jobs:
                taken.append(job.execution_id)
                await stores.dispatches.mark_started(job.execution_id)
        return taken

    taken = [job for jobs in await asyncio.gather(*(work() for _ in range(5))) for job in jobs]
    assert sorted(taken) == sorted(event.executions[0].execution_id for event in accepted)


@pytest.mark.servers
@pytest.mark.parametrize("stores", ["database"], indirect=True)
async def test_a_worker_does_not_wait_for_another_ones_lease(stores, accept_event, pool) -> None:
    for _ in range(2):
        await accept_event()
    async with pool.acquire() as connection, connection.transaction():
        held = await connection.fetchval(
            "SELECT execution_id FROM workflow.dispatches LIMIT 1 FOR UPDATE"
        )
        (job,) = await stores.dispatches.lease(10, 60)
        assert job.execution_id != held
