"""Many things at once, of which the first failure ends all."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


@asynccontextmanager
async def in_parallel() -> AsyncGenerator[asyncio.TaskGroup]:
    """Give a task group whose error is that of the task that failed first, not a group of errors.

    Raises:
        Exception: what the first task to fail, or the context itself, has raised.
    """
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
