"""The marking of one execution: the status of each action.

A pure state machine. It takes events (`complete`, `fail`) and returns the actions to start now.
Dead paths are eliminated as they arise, so that a join waits for exactly the branches that are
still alive. Every step is linear in the edges that it decides.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ichor_core.errors import MarkingError
from ichor_core.graph.edge_types import FALSE_BRANCH, TRUE_BRANCH, Output, named_output
from ichor_core.graph.executor import GraphExecutor, is_taken
from ichor_core.ids import ActionId

ActionStatus = Literal["waiting", "running", "completed", "skipped", "failed", "blocked"]

_STATUS_OF_CODE: dict[str, ActionStatus] = {
    "w": "waiting",
    "r": "running",
    "c": "completed",
    "t": "completed",
    "f": "completed",
    "s": "skipped",
    "x": "failed",
    "b": "blocked",
}
# The code of a completed action keeps which output its result named: with that, the state of every
# edge follows from the codes alone.
_CODE_OF_OUTPUT: dict[Output | None, str] = {None: "c", TRUE_BRANCH: "t", FALSE_BRANCH: "f"}
_OUTPUT_OF_CODE: dict[str, Output | None] = {
    code: output for output, code in _CODE_OF_OUTPUT.items()
}
_UNSET = -1


class Marking:
    """The state of one execution of a graph.

    Args:
        executor: the graph.
        text: from `to_text`, of the same graph; empty for a new execution.

    Raises:
        MarkingError: `text` is not the marking of a graph of this size.
    """

    def __init__(self, executor: GraphExecutor, text: str = "") -> None:
        self._executor = executor
        size = len(executor.actions)
        self._pending = list(executor.incoming_count)
        self._taken = [False] * size
        self._failed = [False] * size
        self._code = ["w"] * size
        self._running = 0
        if text:
            self._restore(text)

    def start(self) -> list[ActionId]:
        """Take every start edge and return the actions to start.

        On a marking read from text, these are the running actions.
        """
        if any(code != "w" for code in self._code):
            return [self._id(n) for n, code in enumerate(self._code) if code == "r"]
        for target in self._executor.start_targets:
            self._pending[target] -= 1
            self._taken[target] = True
        ready: list[int] = []
        self._settle(
            [*dict.fromkeys(self._executor.start_targets), *self._without_incoming()], ready
        )
        return [self._id(number) for number in ready]

    def complete(self, action_id: ActionId, result: Mapping[str, Any]) -> list[ActionId]:
        """Mark a running action as completed and return the actions to start.

        Raises:
            MarkingError: the action is not running.
        """
        number = self._end(action_id)
        self._code[number] = _CODE_OF_OUTPUT[named_output(result)]
        return self._follow(number)

    def fail(self, action_id: ActionId) -> None:
        """Mark a running action as failed; actions that depend on it are blocked.

        Raises:
            MarkingError: the action is not running.
        """
        number = self._end(action_id)
        self._code[number] = "x"
        self._settle(self._decide_edges(number), [])

    def adopt(self, members: Sequence[ActionId], text: str) -> list[ActionId]:
        """Take over the marking of a closed branch that ran elsewhere; return the actions to start.

        Args:
            members: the actions of the branch, each after its predecessors; the first is running
                here and stands for all of them.
            text: `to_text` of the branch's own finished marking.

        Raises:
            MarkingError: the head is not running, or the text is not a finished marking of them.
        """
        if len(text) != len(members) or not set(text) <= set("ctfsxb"):
            raise MarkingError("this text is not the finished marking of the branch")
        self._end(members[0])
        numbers = [self._executor.number[action_id] for action_id in members]
        for number, code in zip(sorted(numbers), text, strict=True):
            self._code[number] = code
        targets = [target for number in numbers for target in self._decide_edges(number)]
        ready: list[int] = []
        self._settle(targets, ready)
        return [self._id(number) for number in ready]

    def status(self, action_id: ActionId) -> ActionStatus:
        """Return the status of an action."""
        return _STATUS_OF_CODE[self._code[self._executor.number[action_id]]]

    def statuses(self) -> dict[ActionId, ActionStatus]:
        """Return the status of every action, ordered by id."""
        return {self._id(n): _STATUS_OF_CODE[code] for n, code in enumerate(self._code)}

    def with_status(self, status: ActionStatus) -> list[ActionId]:
        """Return the actions with this status, ordered by id."""
        return [self._id(n) for n, code in enumerate(self._code) if _STATUS_OF_CODE[code] == status]

    @property
    def is_finished(self) -> bool:
        """Whether nothing runs; then every action of an acyclic graph is decided."""
        return self._running == 0

    def to_text(self) -> str:
        """Write the marking out: one letter for each action, in the order of ids."""
        return "".join(self._code)

    def _id(self, number: int) -> ActionId:
        return self._executor.actions[number].id

    def _without_incoming(self) -> list[int]:
        return [n for n, count in enumerate(self._executor.incoming_count) if count == 0]

    def _end(self, action_id: ActionId) -> int:
        number = self._executor.number.get(action_id, _UNSET)
        if number == _UNSET or self._code[number] != "r":
            state = "unknown" if number == _UNSET else _STATUS_OF_CODE[self._code[number]]
            raise MarkingError(f"action {action_id} cannot end: it is {state}, not running")
        self._running -= 1
        return number

    def _follow(self, number: int) -> list[ActionId]:
        ready: list[int] = []
        self._settle(self._decide_edges(number), ready)
        return [self._id(number) for number in ready]

    def _decide_edges(self, number: int) -> list[int]:
        """Decide the outgoing edges of an action that ended; return their targets."""
        code = self._code[number]
        completed = code in _OUTPUT_OF_CODE
        named = _OUTPUT_OF_CODE.get(code)
        targets = self._executor.targets[number]
        for edge, target in zip(self._executor.outgoing[number], targets, strict=True):
            self._pending[target] -= 1
            if completed:
                self._taken[target] |= is_taken(edge, named)
            elif code != "s":
                self._failed[target] = True
        return targets

    def _settle(self, numbers: list[int], ready: list[int]) -> None:
        """Decide each of the numbers whose incoming edges are decided, and those that follow."""
        queue = list(numbers)
        for number in queue:  # grows while it is read
            if self._pending[number] or self._code[number] != "w":
                continue
            if self._failed[number]:
                self._code[number] = "b"
            elif self._taken[number]:
                self._code[number] = "r"
                self._running += 1
                ready.append(number)
                continue
            else:
                self._code[number] = "s"
            queue.extend(self._decide_edges(number))

    def _restore(self, text: str) -> None:
        if len(text) != len(self._code) or any(code not in _STATUS_OF_CODE for code in text):
            raise MarkingError("this text is not a marking of this graph")
        self._code = list(text)
        self._running = text.count("r")
        if not any(code != "w" for code in text):
            return
        for target in self._executor.start_targets:
            self._pending[target] -= 1
            self._taken[target] = True
        for number, code in enumerate(text):
            if code not in "wr":
                self._decide_edges(number)
