"""The search for what may be skipped: complete, by brute force, and linear in the graph."""

from itertools import product
from random import Random
from uuid import UUID

import pytest

from ichor_core.execution.marking import Marking
from ichor_core.graph.definition import ActionEdge, ActionNode, GraphDefinition
from ichor_core.graph.edge_types import OUTPUTS
from ichor_core.graph.executor import GraphExecutor
from ichor_core.testing import random_scenario
from ichor_core.validation import skipping
from ichor_core.validation.skipping import SkipSearch


def by_hand(size, edges):
    nodes = [ActionNode(str(UUID(int=n)), f"n{n}", "task", {}) for n in range(size)]
    drawn = [
        ActionEdge(nodes[target].id, kind, None if source is None else nodes[source].id)
        for source, kind, target in edges
    ]
    return GraphExecutor(GraphDefinition(nodes, drawn))


def runs(executor):
    """Yield the set of actions that run, for each way in which the decisions can fall."""
    deciding = [
        n for n, edges in enumerate(executor.outgoing) if any(edge.output for edge in edges)
    ]
    for outputs in product(OUTPUTS, repeat=len(deciding)):
        chosen = dict(zip(deciding, outputs, strict=True))
        marking = Marking(executor)
        queue = list(marking.start())
        for action_id in queue:  # grows while it is read
            output = chosen.get(executor.number[action_id])
            queue.extend(marking.complete(action_id, {"branch_taken": output}))
        yield {executor.number[action_id] for action_id in queue}


def test_every_reader_that_can_run_alone_is_found_and_no_other():
    found_some = 0
    for seed in range(400):
        scenario = random_scenario(seed, max_actions=9, failures=False)
        executor = GraphExecutor(scenario.graph)
        every = list(runs(executor))
        ever = set().union(*every)
        size = range(len(executor.actions))
        expected = {
            (reader, read)
            for reader in size
            for read in size
            if read in ever and any(reader in run and read not in run for run in every)
        }
        found = SkipSearch(executor).find(product(size, size))
        assert set(found) == expected, seed
        found_some += len(found)
        for (reader, read), path in found.items():
            assert path[-1] == reader
            assert any(set(path) <= run and read not in run for run in every)
    assert found_some > 500


def test_an_action_on_both_outputs_does_not_need_what_is_on_one():
    edges = [(None, "start", 0), (0, "true_branch", 1), (1, "sequence", 2)]
    edges += [(0, "true_branch", 2), (0, "false_branch", 2)]
    assert SkipSearch(by_hand(3, edges)).find([(2, 1)]) == {(2, 1): [0, 2]}


@pytest.mark.parametrize("batch", [1, 3])
def test_batches_change_nothing(batch, monkeypatch):
    executor = GraphExecutor(random_scenario(11, failures=False).graph)
    pairs = list(product(range(len(executor.actions)), repeat=2))
    expected = SkipSearch(executor).find(pairs)
    monkeypatch.setattr(skipping, "BATCH", batch)
    assert SkipSearch(executor).find(pairs) == expected


def test_paths_are_shown_up_to_a_bound_and_readers_beyond_it_named(monkeypatch):
    random = Random(5)
    size = 400
    edges = [(None, "start", 0)]
    for n in range(1, size):
        edges.append((random.randrange(max(0, n - 5), n), random.choice(["always", *OUTPUTS]), n))
        edges.append((random.randrange(n), random.choice(OUTPUTS), n))
    executor = by_hand(size, edges)
    pairs = [(reader, read) for reader in range(size) for read in range(0, reader, 7)]
    whole = SkipSearch(executor)
    found = whole.find(pairs)
    assert whole.steps <= skipping.MAX_STEPS + size
    monkeypatch.setattr(skipping, "MAX_STEPS", 100)
    bounded = SkipSearch(executor)
    short = bounded.find(pairs)
    assert short.keys() == found.keys()
    assert bounded.steps <= 100 + size
    assert [] in short.values()
