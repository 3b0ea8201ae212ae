"""Random acyclic graphs with random outcomes, from a seed."""

from random import Random
from typing import Any
from uuid import UUID

from msgspec import Struct

from ichor_core.action_type import EVALUATE_CONDITION
from ichor_core.graph.definition import ActionEdge, ActionNode, GraphDefinition
from ichor_core.graph.edge_types import EDGE_TYPES, OUTPUTS, START, EdgeType
from ichor_core.ids import ActionId, EdgeId

_ON_OUTPUT: list[EdgeType] = [
    name for name, traits in EDGE_TYPES.items() if traits.output is not None
]
_WITHOUT_OUTPUT: list[EdgeType] = [
    name for name, traits in EDGE_TYPES.items() if traits.output is None and not traits.is_start
]


class Scenario(Struct, frozen=True):
    """A valid graph and the results of its actions."""

    graph: GraphDefinition
    results: dict[ActionId, dict[str, Any]]
    """By action id; `{"$error": …}` for those that fail."""

    @property
    def failing(self) -> set[ActionId]:
        """The actions that fail if they run."""
        return {action_id for action_id, result in self.results.items() if "$error" in result}


def _uuid(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128)))


def random_scenario(seed: int, *, max_actions: int = 12, failures: bool = True) -> Scenario:
    """Return the scenario of a seed: every shape that the edge types allow can come up."""
    random = Random(seed)  # noqa: S311 (no secret)
    size = random.randint(1, max_actions)
    density = random.random()
    ids = [ActionId(_uuid(random)) for _ in range(size)]
    edges: list[ActionEdge] = []
    conditions = {n for n in range(size) if random.random() < 0.35}
    for target in range(size):
        sources = [n for n in range(target) if random.random() < density * 2 / (target + 1)]
        if not sources or random.random() < 0.1:
            edges.append(_edge(random, None, ids[target], START))
        for source in sources:
            types = _ON_OUTPUT * 2 + ["always"] if source in conditions else _WITHOUT_OUTPUT
            chosen: set[EdgeType] = {random.choice(types)}
            if source in conditions and random.random() < 0.1:
                chosen.add(random.choice(types))
            edges.extend(_edge(random, ids[source], ids[target], type) for type in sorted(chosen))
    results: dict[ActionId, dict[str, Any]] = {}
    for number, action_id in enumerate(ids):
        result: dict[str, Any] = {"value": random.randint(0, 9)}
        if number in conditions:
            result["branch_taken"] = random.choice(OUTPUTS)
        if failures and random.random() < 0.08:
            result = {"$error": "no"}
        results[action_id] = result
    actions = [
        ActionNode(
            action_id,
            f"n{number}",
            EVALUATE_CONDITION if number in conditions else "task",
        )
        for number, action_id in enumerate(ids)
    ]
    random.shuffle(actions)
    random.shuffle(edges)
    return Scenario(GraphDefinition(actions, edges), results)


def _edge(random: Random, source: ActionId | None, target: ActionId, type: EdgeType) -> ActionEdge:
    return ActionEdge(target, type, source, random.randint(0, 3), EdgeId(_uuid(random)))


def with_references(scenario: Scenario, seed: int) -> Scenario:
    """Return the scenario with configs that read the results of random ancestors."""
    random = Random(seed)  # noqa: S311 (no secret)
    above: dict[ActionId, set[ActionId]] = {action.id: set() for action in scenario.graph.actions}
    for _ in scenario.graph.actions:
        for edge in scenario.graph.edges:
            if edge.source_action_id is not None:
                above[edge.target_action_id] |= {
                    edge.source_action_id,
                    *above[edge.source_action_id],
                }
    names = {action.id: action.name for action in scenario.graph.actions}
    actions: list[ActionNode] = []
    for action in sorted(scenario.graph.actions, key=lambda action: action.id):
        config = {
            names[ancestor]: f'{{{{ {names[ancestor]}.value | default: "none" }}}}'
            for ancestor in sorted(above[action.id])
            if random.random() < 0.5
        }
        actions.append(ActionNode(action.id, action.name, action.action_type, config))
    return Scenario(GraphDefinition(actions, scenario.graph.edges), scenario.results)
