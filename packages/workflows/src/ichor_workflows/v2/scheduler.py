"""Which actions run when: queues, limits of those in flight, durable waits, the end of a run.

Every action is an asyncio task that ends by starting what became ready, so nothing waits for a wave
and nothing recurses. A local action holds its workflow task, so it starts when nothing waits for
the end of that task; and while much comes back from outside, which would make the server end the
task by force and lose its local results, it runs as the others do.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Container

from msgspec import Struct
from temporalio import workflow

from ichor_core.contract import RunOptions
from ichor_core.ids import ActionId
from ichor_workflows.v2.kinds import Kind
from ichor_workflows.v2.task_budget import TaskBudget

CROWD = 20
"""So many activities of this run outside its workflow tasks let no local ones begin."""


class Place(Struct, frozen=True):
    """Place of an action in the queues, and the way in which it begins."""

    stamp: int
    """Of its command, see `TaskBudget`."""
    local: bool
    """Whether it may hold the workflow task by a local activity."""


class Scheduler:
    """Starts actions in the order in which they become ready.

    Args:
        options: the limits of one run.
        budget: of the workflow task.
        take: runs one action, and returns the actions that are ready by it.
        kind_of: returns the kind of an action; None: it is the head of a branch.
    """

    def __init__(
        self,
        options: RunOptions,
        budget: TaskBudget,
        take: Callable[[ActionId, Place], Awaitable[Collection[ActionId]]],
        kind_of: Callable[[ActionId], Kind | None],
    ) -> None:
        self._options = options
        self._budget = budget
        self._take = take
        self._kind_of = kind_of
        self._resumed: deque[ActionId] = deque()
        self._queue: deque[ActionId] = deque()
        self._local_queue: deque[ActionId] = deque()
        self._tasks: dict[ActionId, asyncio.Task[None]] = {}
        self._parked: dict[ActionId, None] = {}
        """Those of the tasks that wait durably."""
        self._local_running = 0
        self._outside = 0
        """Activities and branches of this run that any worker may run now."""
        self._pausing: asyncio.Task[None] | None = None
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
        self._resumed.extend(resumed)
        self.enqueue(ready)
        self._start_what_is_ready()
        self._settle_if_idle()
        await self._settled

    def enqueue(self, action_ids: Collection[ActionId]) -> None:
        """Add actions to their queues."""
        for action_id in action_ids:
            kind = self._kind_of(action_id)
            local = kind is not None and kind.has_local_limit
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
        if self._pausing is not None:
            self._pausing.cancel()
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
        waiting = self._resumed or self._queue or self._local_queue
        return len(self._tasks) == 1 and not waiting

    @property
    def _active(self) -> int:
        return len(self._tasks) - len(self._parked)

    def _start_what_is_ready(self) -> None:
        while self._resumed and not self._stopping:
            if not self._budget.has_room:
                return self._pause()
            self._launch(self._resumed.popleft(), local=False, is_resumed=True)
        while self._queue and self._active < self._options.max_in_flight and not self._holds_back():
            if not self._budget.has_room:
                return self._pause()
            self._begin(self._queue.popleft(), local=False)
        while self._local_queue and not self._holds_back():
            local = self._outside < CROWD
            if local:
                if self._local_running >= self._options.max_local_in_flight:
                    return None
            elif self._active >= self._options.max_in_flight:
                return None
            if not self._budget.has_room or (local and self._budget.has_unsent):
                return self._pause()
            self._begin(self._local_queue.popleft(), local=local)
        return None

    def _pause(self) -> None:
        """Go on in the next workflow task."""
        if self._pausing is None:
            pause = self._budget.end_task()
            self._pausing = asyncio.create_task(self._go_on_after(pause))

    async def _go_on_after(self, pause: asyncio.Future[None]) -> None:
        await pause
        self._pausing = None
        try:
            self._start_what_is_ready()
            self._settle_if_idle()
        except Exception as error:
            self._raise_in_run(error)

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

    def _begin(self, action_id: ActionId, *, local: bool) -> None:
        self._started += 1
        self._launch(action_id, local=local)

    def _launch(self, action_id: ActionId, *, local: bool, is_resumed: bool = False) -> None:
        kind = self._kind_of(action_id)
        waits = kind is not None and kind.wait is not None
        outside = not local and not waits
        # A durable wait begins by a local activity and goes on by a timer, which is to be sent.
        may_be_local = local or (not outside and self._outside < CROWD)
        # Where it waits, the commands are two: how it begins, and its timer.
        commands = 2 if waits and not is_resumed else 1
        place = Place(self._budget.reserve(commands, local=local), may_be_local)
        self._local_running += local
        self._outside += outside
        self._tasks[action_id] = asyncio.create_task(
            self._run_one(action_id, place, local=local, outside=outside)
        )

    async def _run_one(
        self, action_id: ActionId, place: Place, *, local: bool, outside: bool
    ) -> None:
        try:
            ready = await self._take(action_id, place)
        except Exception as error:
            self._raise_in_run(error)
            return
        finally:
            del self._tasks[action_id]
            self._parked.pop(action_id, None)
            self._local_running -= local
            self._outside -= outside
        self.enqueue(ready)
        self._start_what_is_ready()
        self._settle_if_idle()

    def _raise_in_run(self, error: Exception) -> None:
        # A fault of the interpreter, not of an action: it must fail the workflow task, which is
        # retried once the fault is fixed, and not vanish with its asyncio task.
        if self._settled is not None and not self._settled.done():
            self._settled.set_exception(error)

    def _settle_if_idle(self) -> None:
        if self._settled is None or self._settled.done() or self._active or self._pausing:
            return
        if not self._parked or self._holds_back():
            self._settled.set_result(None)
