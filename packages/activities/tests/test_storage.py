"""Our own storage away is a failure of its own, and nothing else is."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from ichor_activities import StorageUnavailableError, guarded
from ichor_activities.failures import application_error
from ichor_activities.storage import begin_attempt
from ichor_core.contract import STORAGE_UNAVAILABLE
from ichor_core.errors import InvalidInputError


class Store:
    async def fail(self, error: Exception) -> None:
        raise error

    async def hang(self) -> None:
        await asyncio.Event().wait()

    def name(self) -> str:
        return "store"


@pytest.fixture
def store():
    return guarded(Store(), lambda error: isinstance(error, OSError))


async def in_attempt(limit: float, work, slept: float = 0):
    env = ActivityEnvironment()
    env.info = ActivityEnvironment.default_info()
    object.__setattr__(env.info, "start_to_close_timeout", timedelta(seconds=limit))

    async def attempt():
        begin_attempt()
        await asyncio.sleep(slept)
        return await work()

    return await env.run(attempt)


async def test_away_is_a_type_of_its_own_that_is_retried(store):
    with pytest.raises(StorageUnavailableError) as caught:
        await store.fail(ConnectionRefusedError("10.0.0.1 refuses"))
    failure = application_error(caught.value, 2)
    assert (failure.type, failure.details) == (STORAGE_UNAVAILABLE, (2,))
    assert not failure.non_retryable
    assert "10.0.0.1" not in failure.message


async def test_other_errors_and_methods_are_the_stores(store):
    with pytest.raises(InvalidInputError):
        await store.fail(InvalidInputError("no", "x"))
    assert store.name() == "store"


async def test_storage_that_hangs_is_away_before_the_attempt_times_out(store):
    async with asyncio.timeout(0.5):
        with pytest.raises(StorageUnavailableError):
            await in_attempt(0.2, store.hang)


async def test_a_slow_action_is_not_storage_away(store):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.4):
            await in_attempt(0.2, store.hang, slept=0.15)
