"""Walks over a graph of numbered actions: order, reach, meeting points, cycles.

`targets[n]` are the numbers that follow n.
"""

from collections.abc import Iterable, Sequence

Targets = Sequence[Sequence[int]]


def reachable(targets: Targets, heads: Iterable[int]) -> dict[int, None]:
    """Return the heads and every number reachable from them, in the order of discovery."""
    found = dict.fromkeys(heads)
    stack = list(found)
    while stack:
        for target in targets[stack.pop()]:
            if target not in found:
                found[target] = None
                stack.append(target)
    return found


def topological_order(targets: Targets, members: Iterable[int] | None = None) -> list[int]:
    """Return the members (all, if None) so that each comes after its predecessors.

    Members on a cycle, and those that follow one, are left out.
    """
    chosen = range(len(targets)) if members is None else members
    waiting = dict.fromkeys(chosen, 0)
    for source in waiting:
        for target in targets[source]:
            if target in waiting:
                waiting[target] += 1
    order = [number for number, count in waiting.items() if count == 0]
    for source in order:  # grows while it is read
        for target in targets[source]:
            if target in waiting:
                waiting[target] -= 1
                if waiting[target] == 0:
                    order.append(target)
    return order


def ancestor_masks(targets: Targets) -> list[int]:
    """Return, by number, the ancestors of each action as the bits of an integer."""
    masks = [0] * len(targets)
    for number in topological_order(targets):
        including = masks[number] | (1 << number)
        for target in targets[number]:
            masks[target] |= including
    return masks


def descendant_masks(targets: Targets) -> list[int]:
    """Return, by number, each action and its descendants as the bits of an integer."""
    masks = [1 << number for number in range(len(targets))]
    for number in reversed(topological_order(targets)):
        for target in targets[number]:
            masks[number] |= masks[target]
    return masks


class DepthFirst:
    """A walk through the whole graph, deep before wide.

    Args:
        targets: the graph; it may have cycles.
        heads: where to begin; what they do not lead to comes last.
    """

    def __init__(self, targets: Targets, heads: Iterable[int] = ()) -> None:
        size = len(targets)
        self._targets = targets
        self.part = [-1] * size
        """By number, the number of its part. Actions of one part lead to each other; a part comes
        after all that it leads to."""
        self.parts: list[list[int]] = []
        self.left = [-1] * size
        """By number, the order in which the walk left it for good."""
        self._entered = [-1] * size
        self._lowest = [0] * size
        self._open: list[int] = []
        self._count = 0
        for head in (*heads, *range(size)):
            if self._entered[head] < 0:
                self._walk(head)

    def _walk(self, head: int) -> None:
        steps = [(head, iter(self._enter(head)))]
        while steps:
            number, rest = steps[-1]
            for target in rest:
                if self._entered[target] < 0:
                    steps.append((target, iter(self._enter(target))))
                    break
                if self.part[target] < 0:
                    self._lowest[number] = min(self._lowest[number], self._entered[target])
            else:
                steps.pop()
                self._leave(number)
                if steps:
                    before = steps[-1][0]
                    self._lowest[before] = min(self._lowest[before], self._lowest[number])

    def _enter(self, number: int) -> Sequence[int]:
        # Only actions whose part is open are compared, so their places on the stack do.
        self._entered[number] = self._lowest[number] = len(self._open)
        self._open.append(number)
        return self._targets[number]

    def _leave(self, number: int) -> None:
        self.left[number] = self._count
        self._count += 1
        if self._lowest[number] == self._entered[number]:
            members: list[int] = []
            while not members or members[-1] != number:
                members.append(self._open.pop())
                self.part[members[-1]] = len(self.parts)
            self.parts.append(members)

    def backward_edges(self) -> set[tuple[int, int]]:
        """Return the edges without which the graph has no cycle."""
        return {
            (source, target)
            for source, targets in enumerate(self._targets)
            for target in targets
            if self.left[target] >= self.left[source]
        }


def meeting_point(targets: Targets, heads: Sequence[int]) -> int | None:
    """Return the nearest number at which the branches with these heads meet, or None.

    One pass in topological order: each number collects, as the bits of an integer, the branches
    that reach it. The first that all reach is the only candidate; it is the meeting point if all
    others that all reach lie after it.
    """
    if len(heads) < 2:
        return None
    order = topological_order(targets, reachable(targets, heads))
    masks = dict.fromkeys(order, 0)
    for bit, head in enumerate(heads):
        if head in masks:
            masks[head] |= 1 << bit
    for source in order:
        mask = masks[source]
        for target in targets[source]:
            if target in masks:
                masks[target] |= mask
    everyone = (1 << len(heads)) - 1
    common = [number for number in order if masks[number] == everyone]
    if not common:
        return None
    after = reachable(targets, common[:1])
    return common[0] if all(number in after for number in common) else None


def find_cycles(targets: Targets) -> list[list[int]]:
    """Return cycles that share no action, each as the numbers along it; empty if acyclic.

    At least one cycle of every cyclic part of the graph is returned. Linear.
    """
    stuck = dict.fromkeys(range(len(targets)))
    for number in topological_order(targets):
        del stuck[number]
    if not stuck:
        return []
    _drop_dead_ends(stuck, targets)
    cycles: list[list[int]] = []
    seen: set[int] = set()
    for start in stuck:
        walk: dict[int, None] = {}
        number = start
        while number not in seen:
            seen.add(number)
            walk[number] = None
            number = next(target for target in targets[number] if target in stuck)
        if number in walk:
            steps = list(walk)
            cycles.append(steps[steps.index(number) :])
    return cycles


def _drop_dead_ends(stuck: dict[int, None], targets: Targets) -> None:
    """Remove numbers that only follow a cycle, so that every walk stays on a cycle."""
    sources: dict[int, list[int]] = {number: [] for number in stuck}
    left = dict.fromkeys(stuck, 0)
    for number in stuck:
        for target in targets[number]:
            if target in stuck:
                sources[target].append(number)
                left[number] += 1
    ends: list[int] = [number for number, count in left.items() if count == 0]
    for number in ends:  # grows while it is read
        del stuck[number]
        for source in sources[number]:
            left[source] -= 1
            if left[source] == 0:
                ends.append(source)
