"""Finds the cycles that keep a graph from running."""

from collections.abc import Iterable

from ichor_core.graph.traversal import Targets, topological_order


def find_cycles(targets: Targets) -> list[list[int]]:
    """Return cycles that share no action, each as the numbers along it; empty if acyclic.

    Every cyclic part of the graph has at least one of its cycles in the answer. Linear.
    """
    stuck = dict.fromkeys(range(len(targets)))
    for number in topological_order(targets):
        del stuck[number]
    if not stuck:
        return []
    _drop_what_leads_nowhere(stuck, targets)
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


def _drop_what_leads_nowhere(stuck: dict[int, None], targets: Targets) -> None:
    """Remove what only lies behind a cycle, so that every walk stays on what is left."""
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


def describe(names: Iterable[str]) -> str:
    """Return the names along a cycle as one line that ends where it begins."""
    steps = list(names)
    return " → ".join([*steps, steps[0]])
