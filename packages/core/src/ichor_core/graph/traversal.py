"""Where branches meet. Works on numbered actions: `targets[n]` are the numbers that follow n."""

from collections.abc import Iterable, Sequence

Targets = Sequence[Sequence[int]]


def reachable(targets: Targets, heads: Iterable[int]) -> dict[int, None]:
    """Return the heads and all that is reachable from them, in the order of discovery."""
    found = dict.fromkeys(heads)
    stack = list(found)
    while stack:
        for target in targets[stack.pop()]:
            if target not in found:
                found[target] = None
                stack.append(target)
    return found


def topological_order(targets: Targets, members: Iterable[int] | None = None) -> list[int]:
    """Return the members (all, if None) so that each stands behind its predecessors.

    Those on a cycle, and those behind one, are left out.
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


def meeting_point(targets: Targets, heads: Sequence[int]) -> int | None:
    """Return the nearest number at which the branches with these heads meet, or None.

    One pass in topological order: each number collects, as the bits of an integer, the branches
    that reach it. The first that all reach is the only candidate; it is the meeting point if all
    others that all reach lie behind it.
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
    behind = reachable(targets, common[:1])
    return common[0] if all(number in behind for number in common) else None
