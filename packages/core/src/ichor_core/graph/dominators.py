"""Dominator tree: for each action, the nearest one that every path from the start passes."""

from ichor_core.graph.executor import GraphExecutor
from ichor_core.graph.traversal import reachable, topological_order


class DominatorTree:
    """The immediate dominator of each action that can be reached from the start.

    The start itself is the root, with the number `root`. One pass in topological order; the graph
    must be acyclic (actions on a cycle are left out).

    Args:
        executor: the graph.
    """

    def __init__(self, executor: GraphExecutor) -> None:
        size = len(executor.actions)
        self.root = size
        self.order = topological_order(
            executor.targets, reachable(executor.targets, executor.start_targets)
        )
        """Reachable actions, each after its predecessors."""
        self.parent = [-1] * (size + 1)
        self.depth = [0] * (size + 1)
        # Binary lifting keeps the meeting of two long chains logarithmic.
        self._jump = [self.root] * (size + 1)
        for target in executor.start_targets:
            self._meet(target, self.root)
        for number in self.order:
            parent = self.parent[number]
            self.depth[number] = self.depth[parent] + 1
            self._set_jump(number, parent)
            for target in executor.targets[number]:
                self._meet(target, number)

    def _set_jump(self, number: int, parent: int) -> None:
        jump, depth = self._jump, self.depth
        far = jump[jump[parent]]
        even = depth[parent] - depth[jump[parent]] == depth[jump[parent]] - depth[far]
        jump[number] = far if even else parent

    def _meet(self, target: int, source: int) -> None:
        known = self.parent[target]
        self.parent[target] = source if known < 0 else self.common(known, source)

    def common(self, one: int, other: int) -> int:
        """Return the nearest dominator that two actions share (possibly one of them)."""
        depth, parent, jump = self.depth, self.parent, self._jump
        if depth[one] < depth[other]:
            one, other = other, one
        while depth[one] > depth[other]:
            one = jump[one] if depth[jump[one]] >= depth[other] else parent[one]
        while one != other:
            if jump[one] != jump[other]:
                one, other = jump[one], jump[other]
            else:
                one, other = parent[one], parent[other]
        return one

    def dominates(self, number: int, other: int) -> bool:
        """Say whether every path to `other` goes through `number` (or they are the same)."""
        return self.common(number, other) == number
