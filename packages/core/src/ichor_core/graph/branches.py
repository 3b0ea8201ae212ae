"""Branches of forks: detached ones and closed ones."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from ichor_core.graph.definition import ActionEdge
from ichor_core.graph.dominators import DominatorTree
from ichor_core.graph.edge_types import OUTPUTS, Output
from ichor_core.graph.executor import GraphExecutor
from ichor_core.graph.traversal import descendant_masks, meeting_point
from ichor_core.ids import ActionId

_Branch = tuple[ActionEdge, int]
"""An edge and the number of its target."""


def _forks(executor: GraphExecutor) -> Iterator[list[_Branch]]:
    """Yield the edges of the start and of each source, where there are at least two."""
    start = list(zip(executor.start_edges, executor.start_targets, strict=True))
    if len(start) > 1:
        yield start
    for edges, targets in zip(executor.outgoing, executor.targets, strict=True):
        if len(edges) > 1:
            yield list(zip(edges, targets, strict=True))


def _together(branches: list[_Branch]) -> Iterator[tuple[list[_Branch], list[_Branch]]]:
    """Yield groups of edges with all edges that can be taken together with them.

    All edges of a source can be taken together, except those on different outputs.
    """
    free: list[_Branch] = []
    by_output: dict[Output, list[_Branch]] = {output: [] for output in OUTPUTS}
    for branch in branches:
        output = branch[0].output
        (free if output is None else by_output[output]).append(branch)
    for group in by_output.values():
        if len(group) + len(free) > 1:
            yield group, [*group, *free]
    if free:
        yield free, branches


def detached_actions(executor: GraphExecutor) -> set[ActionId]:
    """Return every action that lies on a detached branch of some fork.

    A branch (all that is reachable from the target of its edge) is detached if it shares no action
    with a sibling.
    """
    masks = descendant_masks(executor.targets)
    detached = 0
    for branches in _forks(executor):
        for group, siblings in _together(branches):
            once = twice = 0
            for _, target in siblings:
                twice |= once & masks[target]
                once |= masks[target]
            for _, target in group:
                if not masks[target] & twice:
                    detached |= masks[target]
    return {action.id for number, action in enumerate(executor.actions) if detached >> number & 1}


class ClosedBranch(Struct, frozen=True):
    """A branch that touches the rest of the graph at its head and its convergence point only."""

    head: ActionId
    convergence_point: ActionId | None
    """None: no edge leaves the branch."""
    members: tuple[ActionId, ...]
    """Its actions, each after its predecessors; the head first."""


_Exits = tuple[tuple[int, int], ...]
"""Up to two targets of edges that leave a region, as (depth of the target's dominator, target)."""


def closed_branches(executor: GraphExecutor, min_actions: int) -> list[ClosedBranch]:
    """Return the outermost closed branches of forks with at least `min_actions` actions.

    The decision follows from the graph alone. Linear: one pass over the dominator tree gives the
    size and the exits of the region that each action dominates; only forks with a branch that is
    long enough are looked at further.
    """
    if min_actions <= 0 or len(executor.actions) <= min_actions:
        return []
    tree = DominatorTree(executor)
    size, exits, dead_end = _regions(executor, tree)
    chosen: dict[int, ClosedBranch] = {}
    inside: set[int] = set()
    position = {number: index for index, number in enumerate(tree.order)}
    children: dict[int, list[int]] = {}
    for number in tree.order:
        children.setdefault(tree.parent[number], []).append(number)
    for source in [tree.root, *tree.order]:
        if source in inside:
            continue
        targets: Sequence[int]
        if source == tree.root:
            branches = list(zip(executor.start_edges, executor.start_targets, strict=True))
        else:
            branches = list(zip(executor.outgoing[source], executor.targets[source], strict=True))
        for group, siblings in _together(branches) if len(branches) > 1 else ():
            for _, head in group:
                if size[head] < min_actions or executor.incoming_count[head] != 1:
                    continue
                if len(exits[head]) > 1 or (exits[head] and dead_end[head]):
                    continue
                targets = [target for _, target in siblings]
                meeting = exits[head][0][1] if exits[head] else None
                if meeting is not None and meeting_point(executor.targets, targets) != meeting:
                    continue
                members = _subtree(head, children)
                members.sort(key=position.__getitem__)
                inside.update(members)
                chosen[head] = ClosedBranch(
                    executor.actions[head].id,
                    None if meeting is None else executor.actions[meeting].id,
                    tuple(executor.actions[number].id for number in members),
                )
    return list(chosen.values())


def _regions(
    executor: GraphExecutor, tree: DominatorTree
) -> tuple[list[int], list[_Exits], list[bool]]:
    """Return, by number, the size, the exits and "has a dead end" of each dominated region."""
    count = len(executor.actions) + 1
    size = [1] * count
    exits: list[_Exits] = [()] * count
    dead_end = [False] * count
    for number in reversed(tree.order):
        own = {
            (tree.depth[tree.parent[target]], target)
            for target in executor.targets[number]
            if tree.parent[target] != number
        }
        depth = tree.depth[number]
        # An edge to a target that this action dominates does not leave its region.
        exits[number] = _shallowest({*exits[number], *own}, depth)
        dead_end[number] |= not executor.targets[number]
        parent = tree.parent[number]
        size[parent] += size[number]
        dead_end[parent] |= dead_end[number]
        exits[parent] = tuple(_two({*exits[parent], *exits[number]}))
    return size, exits, dead_end


def _shallowest(found: set[tuple[int, int]], depth: int) -> _Exits:
    return tuple(_two({exit for exit in found if exit[0] < depth}))


def _two(found: set[tuple[int, int]]) -> list[tuple[int, int]]:
    # Two are enough to tell one exit from several: the shallowest leave the most regions.
    return sorted(found)[:2]


def _subtree(head: int, children: dict[int, list[int]]) -> list[int]:
    members = [head]
    for number in members:  # grows while it is read
        members.extend(children.get(number, ()))
    return members
