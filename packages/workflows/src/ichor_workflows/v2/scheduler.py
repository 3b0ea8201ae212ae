"""Which actions run when: queues, limits of those in flight, durable waits, the end of a run.

Every action is an asyncio task that ends by starting what became ready, so nothing waits for a wave
and nothing recurses.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Container

from temporalio import workflow

from ichor_core.contract import RunOptions
from ichor_core.ids import ActionId


class Scheduler:
    """Starts actions in the order in which they become ready.

    Args:
        options: the limits of one run.
        take: runs one action, and returns the actions that are ready by it.
        has_local_limit: says whether `max_local_in_flight` counts an action.
    """

    def __init__(
        self,
        options: RunOptions,
        take: Callable[[ActionId], Awaitable[Collection[ActionId]]],
        has_local_limit: Callable[[ActionId], bool],
    ) -> None:
        self._options = options
        self._take = take
        self._has_local_limit = has_local_limit
        self._queue: deque[ActionId] = deque()
        self._local_queue: deque[ActionId] = deque()
        self._tasks: dict[ActionId, asyncio.Task[None]] = {}
        self._parked: dict[ActionId, None] = {}
        """Those of the tasks that wait durably."""
        self._local_running = 0
        self._started = 0
        self._stopping = False
        self._settled: asyncio.Future[None] | None = None
        self.is_handing_over = False
        """Whether durable waits are being left to the next run."""

    async def run(self, resumed: Collection[ActionId], ready: Collection[ActionId]) -> None:
        """Run actions, and all that become ready by them, until only durable waits are left.

        Args:
            resumed: actions that wait durably, begun by the run before.
            ready: actions to begin.
        """
        self._settled = asyncio.get_running_loop().create_future()
        for action_id in resumed:
            self._launch(action_id)
        self.enqueue(ready)
        self._start_what_is_ready()
        self._settle_if_idle()
        await self._settled

    def enqueue(self, action_ids: Collection[ActionId]) -> None:
        """Add actions to their queues."""
        for action_id in action_ids:
            local = self._has_local_limit(action_id)
            (self._local_queue if local else self._queue).append(action_id)

    def park(self, action_id: ActionId) -> None:
        """Let others have the place of an action that waits durably from now on."""
        self._parked[action_id] = None
        self._start_what_is_ready()
        self._settle_if_idle()

    async def hand_over(self) -> None:
        """End durable waits in this run; the next run continues them."""
        self.is_handing_over = True
        waiting = list(self._tasks.values())
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def stop(self) -> None:
        """Cancel the running actions and wait until they have ended."""
        self._stopping = True
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*list(self._tasks.values()), return_exceptions=True)

    @property
    def begun(self) -> Container[ActionId]:
        """The actions that run or wait durably now."""
        return self._tasks

    @property
    def has_one_left(self) -> bool:
        """Whether a single action is running, and none is to be started."""
        return len(self._tasks) == 1 and not self._queue and not self._local_queue

    @property
    def _active(self) -> int:
        return len(self._tasks) - len(self._parked)

    def _start_what_is_ready(self) -> None:
        while self._queue and self._active < self._options.max_in_flight and not self._holds_back():
            self._begin(self._queue.popleft())
        while (
            self._local_queue
            and self._local_running < self._options.max_local_in_flight
            and not self._holds_back()
        ):
            self._local_running += 1
            self._begin(self._local_queue.popleft(), local=True)

    def _holds_back(self) -> bool:
        """Say whether nothing more may start in this run; the first action always may."""
        if self._stopping:
            return True
        if not self._started:
            return False
        info = workflow.info()
        return (
            self._started >= self._options.continue_as_new_after_actions
            or info.get_current_history_length() >= self._options.continue_as_new_after_events
            or info.is_continue_as_new_suggested()
        )

    def _begin(self, action_id: ActionId, *, local: bool = False) -> None:
        self._started += 1
        self._launch(action_id, local=local)

    def _launch(self, action_id: ActionId, *, local: bool = False) -> None:
        self._tasks[action_id] = asyncio.create_task(self._run_one(action_id, local=local))

    async def _run_one(self, action_id: ActionId, *, local: bool) -> None:
        try:
            ready = await self._take(action_id)
        except Exception as error:
            # A fault of the interpreter, not of an action: it must fail the workflow task, which
            # is retried once the fault is fixed, and not vanish with this asyncio task.
            if self._settled is not None and not self._settled.done():
                self._settled.set_exception(error)
            return
        finally:
            del self._tasks[action_id]
            self._parked.pop(action_id, None)
            self._local_running -= local
        self.enqueue(ready)
        self._start_what_is_ready()
        self._settle_if_idle()

    def _settle_if_idle(self) -> None:
        if self._settled is None or self._settled.done() or self._active:
            return
        if not self._parked or self._holds_back():
            self._settled.set_result(None)
