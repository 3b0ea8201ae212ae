"""Which action precedes which, also where the graph has a cycle."""

from collections.abc import Iterable, Sequence

from ichor_core.graph.traversal import DepthFirst
from ichor_core.validation.skipping import BATCH, Pair


def not_upstream(
    targets: Sequence[Sequence[int]], walk: DepthFirst, pairs: Iterable[Pair]
) -> set[Pair]:
    """Return the pairs of which the read action never precedes the reader.

    Nothing is said of two actions on one cycle. Linear in the edges for each `BATCH` actions that
    are read.

    Args:
        targets: the graph.
        walk: a walk through it.
        pairs: numbers of a reader and of the action that it reads.
    """
    readers: dict[int, dict[int, None]] = {}
    for reader, read in pairs:
        readers.setdefault(read, {})[reader] = None
    chosen = list(readers)
    found: set[Pair] = set()
    for first in range(0, len(chosen), BATCH):
        batch = chosen[first : first + BATCH]
        before = _before(targets, walk, batch)
        found.update(
            (reader, read)
            for bit, read in enumerate(batch)
            for reader in readers[read]
            if reader == read or not before[walk.part[reader]] >> bit & 1
        )
    return found


def _before(targets: Sequence[Sequence[int]], walk: DepthFirst, batch: Sequence[int]) -> list[int]:
    """Return, by the number of a part, the actions of the batch in it or before it, as bits."""
    before = [0] * len(walk.parts)
    for bit, read in enumerate(batch):
        before[walk.part[read]] |= 1 << bit
    for part in reversed(range(len(walk.parts))):
        for number in walk.parts[part]:
            for target in targets[number]:
                before[walk.part[target]] |= before[part]
    return before
