"""Actions that may run although one that they read was skipped, each with a path that shows it.

Only decisions skip actions. Say that an action *betrays* A if A runs whenever it does: A itself,
what leads to such an action on no output, or on every output. While no action that betrays A runs,
each decision has an output that leads to none, so A can be avoided to the end; once one runs, A
runs as well. So a reader can run without A exactly where it is reached from the start by steps
after which nothing betrays A. Both are found for many A at once, each a bit of an integer, in two
passes over the edges.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ichor_core.graph.edge_types import OUTPUTS, Output
from ichor_core.graph.executor import GraphExecutor
from ichor_core.graph.traversal import reachable, topological_order

BATCH = 2_048
"""Actions followed in one pass; bounds the memory."""
MAX_STEPS = 1_000_000
"""Most edges looked at to show paths in one graph; after that, readers are named without one."""

Pair = tuple[int, int]
"""The numbers of a reader and of the action that it reads."""


class SkipSearch:
    """Finds the readers that can run although the action that they read is skipped.

    Args:
        executor: an acyclic graph.
        without: edges to leave out, as (source, target).
    """

    def __init__(self, executor: GraphExecutor, without: Iterable[Pair] = ()) -> None:
        hidden = frozenset(without)
        self._starts = dict.fromkeys(executor.start_targets)
        self._ways: list[dict[Output | None, list[int]]] = []
        for number, edges in enumerate(executor.outgoing):
            ways: dict[Output | None, list[int]] = {}
            for edge, target in zip(edges, executor.targets[number], strict=True):
                if (number, target) not in hidden:
                    ways.setdefault(edge.output, []).append(target)
            self._ways.append(ways)
        targets = [[one for way in ways.values() for one in way] for ways in self._ways]
        self._order = topological_order(targets, reachable(targets, self._starts))
        self._sources: list[dict[int, None]] = [{} for _ in targets]
        for source in self._order:
            for target in targets[source]:
                self._sources[target][source] = None
        self.steps = 0
        """Edges looked at to show paths."""

    def find(self, pairs: Iterable[Pair]) -> dict[Pair, list[int]]:
        """Return the pairs of which the reader may run without the read one.

        Returns:
            By pair, a path from the start to the reader; empty where the search for paths ended.
        """
        known = set(self._order)
        readers: dict[int, dict[int, None]] = {}
        for reader, read in pairs:
            if reader in known and read in known and reader != read:
                readers.setdefault(read, {})[reader] = None
        chosen = list(readers)
        found: dict[Pair, list[int]] = {}
        for first in range(0, len(chosen), BATCH):
            found.update(self._of_batch(chosen[first : first + BATCH], readers))
        return found

    def _of_batch(
        self, batch: Sequence[int], readers: Mapping[int, Iterable[int]]
    ) -> Iterator[tuple[Pair, list[int]]]:
        betrays = self._betrayals(batch)
        reached = self._reached(betrays, (1 << len(batch)) - 1)
        for bit, read in enumerate(batch):
            for reader in readers[read]:
                if reached[reader] >> bit & 1:
                    yield (reader, read), self._path(reader, bit, betrays, reached)

    def _betrayals(self, batch: Sequence[int]) -> list[int]:
        """Return, by number, the actions of the batch that it betrays."""
        betrays = [0] * len(self._ways)
        for bit, read in enumerate(batch):
            betrays[read] = 1 << bit
        for number in reversed(self._order):
            ways = self._ways[number]
            on_every = _any_of(betrays, ways.get(OUTPUTS[0], ()))
            for output in OUTPUTS[1:]:
                on_every &= _any_of(betrays, ways.get(output, ()))
            betrays[number] |= on_every | _any_of(betrays, ways.get(None, ()))
        return betrays

    def _reached(self, betrays: Sequence[int], everything: int) -> list[int]:
        """Return, by number, the actions of the batch without which it can run."""
        reached = [0] * len(self._ways)
        at_start = everything & ~_any_of(betrays, self._starts)
        for number in self._starts:
            reached[number] = at_start
        for number in self._order:
            if not reached[number]:
                continue
            for targets in self._ways[number].values():
                # What betrays nothing has nothing that does behind its edges without an output.
                passed = reached[number] & ~_any_of(betrays, targets)
                for target in targets:
                    reached[target] |= passed
        return reached

    def _path(
        self, reader: int, bit: int, betrays: Sequence[int], reached: Sequence[int]
    ) -> list[int]:
        if self.steps > MAX_STEPS:
            return []
        path = [reader]
        while path[-1] not in self._starts or not reached[path[-1]] >> bit & 1:
            for source in self._sources[path[-1]]:
                self.steps += 1
                if self.steps > MAX_STEPS:
                    return []
                if reached[source] >> bit & 1 and self._leads(source, path[-1], bit, betrays):
                    path.append(source)
                    break
            else:
                raise AssertionError("what is reached has a source from which it is")
        return path[::-1]

    def _leads(self, source: int, target: int, bit: int, betrays: Sequence[int]) -> bool:
        for targets in self._ways[source].values():
            self.steps += len(targets)
            if target in targets and not any(betrays[one] >> bit & 1 for one in targets):
                return True
        return False


def _any_of(masks: Sequence[int], numbers: Iterable[int]) -> int:
    mask = 0
    for number in numbers:
        mask |= masks[number]
    return mask
