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
