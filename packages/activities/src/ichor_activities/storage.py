"""Our own storage, as attempts of actions see it: away is a failure of its own.

A store is wrapped where a worker is composed, so that an action's other errors, such as a
connection of its own that breaks, are never taken for ours.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from inspect import iscoroutinefunction
from typing import Any, TypeVar, cast

from msgspec import Struct
from temporalio import activity

from ichor_core.errors import IchorError

T = TypeVar("T")

_BEFORE_THE_END = 0.9
"""Part of an attempt's time after which a call of storage is given up."""
_MOST_OF_IT = 0.5
"""Part of an attempt's time that such a call must have taken: else the action was slow."""


class StorageUnavailableError(IchorError, RuntimeError):
    """Our own storage is away, or does not answer; says nothing of the action."""


class _Time(Struct, frozen=True):
    started: float
    limit: float


_time: ContextVar[_Time | None] = ContextVar("ichor_attempt_time", default=None)


def begin_attempt() -> None:
    """Let calls of storage in this activity end before the activity times out."""
    limit = activity.info().start_to_close_timeout
    started = asyncio.get_running_loop().time()
    _time.set(None if not limit else _Time(started, limit.total_seconds()))


def guarded(store: T, is_away: Callable[[Exception], bool]) -> T:
    """Return the store with errors that mean "away" raised as `StorageUnavailableError`.

    Args:
        store: its coroutine methods are guarded.
        is_away: says whether an error, `TimeoutError` among them, means that storage is away.
    """
    return cast(T, _Guarded(store, is_away))


class _Guarded:
    def __init__(self, store: Any, is_away: Callable[[Exception], bool]) -> None:
        self._store = store
        self._is_away = is_away

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if not iscoroutinefunction(method):
            return method
        call = cast(Callable[..., Awaitable[Any]], method)

        async def guarded_call(*args: Any, **named: Any) -> Any:
            try:
                async with asyncio.timeout_at(_give_up_at()):
                    return await call(*args, **named)
            except Exception as error:
                if not self._is_away(error):
                    raise
                raise StorageUnavailableError(
                    f"storage is away ({type(error).__name__} in {name})"
                ) from error

        return guarded_call


def _give_up_at() -> float | None:
    time = _time.get()
    if time is None:
        return None
    end = time.started + time.limit * _BEFORE_THE_END
    left = end - asyncio.get_running_loop().time()
    return end if left >= time.limit * _MOST_OF_IT else None
