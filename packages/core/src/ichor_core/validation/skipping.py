"""Skip witnesses: paths on which an action runs although one that it reads was skipped."""

from collections import deque
from itertools import pairwise

from ichor_core.execution.marking import Marking
from ichor_core.graph.dominators import DominatorTree
from ichor_core.graph.edge_types import OUTPUTS, Output, are_all_outputs
from ichor_core.graph.executor import GraphExecutor

MAX_WORK = 2_000_000
"""Most edges visited in one graph; after that, no further witness is searched."""


class SkipWitness:
    """Finds paths on which a reader runs and the action that it reads is skipped.

    Every path found is a witness: an execution can take it, as marking the graph along it shows.
    Only decisions skip actions, so a path fixes the outputs along it; all other decisions avoid the
    action that is read.

    Args:
        executor: an acyclic graph.
    """

    def __init__(self, executor: GraphExecutor) -> None:
        self._executor = executor
        self._tree = DominatorTree(executor)
        self._certain = self._always_run()
        self._work = 0

    def _always_run(self) -> list[bool]:
        certain = [False] * len(self._executor.actions)
        for target in self._executor.start_targets:
            certain[target] = True
        for number in self._tree.order:
            edges = self._executor.outgoing[number]
            outputs: dict[int, set[Output | None]] = {}
            for edge, target in zip(edges, self._executor.targets[number], strict=True):
                needed = outputs.setdefault(target, set())
                needed.add(edge.output)
                if certain[number] and (edge.output is None or are_all_outputs(needed)):
                    certain[target] = True
        return certain

    def find(self, reader: int, read: int) -> list[int] | None:
        """Return a path from the start to `reader` on which `read` is skipped, or None."""
        if self._certain[read] or self._tree.dominates(read, reader):
            return None
        if self._work > MAX_WORK:
            return None
        path = self._path_around(read, reader)
        return path if path is not None and self._is_real(path, read) else None

    def _path_around(self, avoided: int, goal: int) -> list[int] | None:
        came_from: dict[int, int] = dict.fromkeys(self._executor.start_targets, -1)
        came_from.pop(avoided, None)
        queue = deque(came_from)
        while queue:
            number = queue.popleft()
            if number == goal:
                path = [goal]
                while came_from[path[-1]] >= 0:
                    path.append(came_from[path[-1]])
                return path[::-1]
            for target in self._executor.targets[number]:
                self._work += 1
                if target != avoided and target not in came_from:
                    came_from[target] = number
                    queue.append(target)
        return None

    def _is_real(self, path: list[int], read: int) -> bool:
        follows = dict(pairwise(path))
        leads = self._leads_to(read)
        marking = Marking(self._executor)
        queue = deque(marking.start())
        while queue:
            action_id = queue.popleft()
            number = self._executor.number[action_id]
            output = self._choose(number, follows.get(number), leads)
            queue.extend(marking.complete(action_id, {"branch_taken": output}))
            self._work += len(self._executor.targets[number]) + 1
        actions = self._executor.actions
        return (
            marking.status(actions[read].id) == "skipped"
            and marking.status(actions[path[-1]].id) == "completed"
        )

    def _choose(self, number: int, wanted: int | None, leads: set[int]) -> Output:
        """Return the output that stays on the path, or else avoids the action that is read."""
        ways: dict[Output, list[int]] = {output: [] for output in OUTPUTS}
        edges = self._executor.outgoing[number]
        for edge, target in zip(edges, self._executor.targets[number], strict=True):
            if edge.output is not None:
                ways[edge.output].append(target)
        for output in OUTPUTS:
            if wanted in ways[output]:
                return output
        for output in OUTPUTS:
            if leads.isdisjoint(ways[output]):
                return output
        return OUTPUTS[-1]

    def _leads_to(self, goal: int) -> set[int]:
        leads = {goal}
        for number in reversed(self._tree.order):
            if any(target in leads for target in self._executor.targets[number]):
                leads.add(number)
        self._work += len(self._tree.order)
        return leads
