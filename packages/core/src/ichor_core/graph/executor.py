"""The indexed graph: the successors of each action, in a fixed order."""

from collections.abc import Mapping, Sequence
from typing import Any

from ichor_core.errors import UnknownActionError
from ichor_core.graph import traversal
from ichor_core.graph.definition import ActionEdge, ActionNode, GraphDefinition
from ichor_core.graph.edge_types import Output, named_output
from ichor_core.ids import ActionId


def is_taken(edge: ActionEdge, named: Output | None) -> bool:
    """Say whether an edge is taken when its source completed and its result names this output."""
    return edge.output is None or edge.output == named


class GraphExecutor:
    """The index of a graph; made once for each graph, in linear time.

    The engine reads the index; the questions (`get_…`, `has_…`, `path_…`, `find_…`) are for
    programs that embed the core.

    Actions are numbered in the order of their ids, edges of one source are ordered by
    (`sort_order`, edge id), so nothing depends on the order in which storage returned them. Edges
    that cannot be followed (to or from an unknown action, `start` with a source or another type
    without one) are left out; `validate` reports them.

    Args:
        graph: any graph, also an invalid one.
    """

    def __init__(self, graph: GraphDefinition) -> None:
        self._graph = graph
        self.actions: tuple[ActionNode, ...] = tuple(
            {action.id: action for action in sorted(graph.actions, key=_action_key)}.values()
        )
        """Every action, by number."""
        self.number: dict[ActionId, int] = {
            action.id: number for number, action in enumerate(self.actions)
        }
        size = len(self.actions)
        self.start_edges: list[ActionEdge] = []
        self.outgoing: list[list[ActionEdge]] = [[] for _ in range(size)]
        """Edges by the number of their source."""
        self.targets: list[list[int]] = [[] for _ in range(size)]
        """Numbers of the targets of `outgoing`, in the same order."""
        self.start_targets: list[int] = []
        self.incoming_count: list[int] = [0] * size
        for edge in sorted(graph.edges, key=_edge_key):
            target = self.number.get(edge.target_action_id)
            if target is None or (edge.source_action_id is None) != edge.is_start:
                continue
            if edge.source_action_id is None:
                self.start_edges.append(edge)
                self.start_targets.append(target)
            else:
                source = self.number.get(edge.source_action_id)
                if source is None:
                    continue
                self.outgoing[source].append(edge)
                self.targets[source].append(target)
            self.incoming_count[target] += 1

    @property
    def graph(self) -> GraphDefinition:
        """The graph as it was given."""
        return self._graph

    def get_action(self, action_id: ActionId | str) -> ActionNode:
        """Return an action.

        Raises:
            UnknownActionError: the graph has no such action.
        """
        return self.actions[self._number_of(action_id)]

    def get_start_actions(self) -> list[ActionNode]:
        """Return the actions that run first, in edge order."""
        return self._unique(self.start_targets)

    def get_next_actions(
        self, source_action_id: ActionId | str, result: Mapping[str, Any]
    ) -> list[ActionNode]:
        """Return the actions whose edge is taken when the source completed with `result`.

        An action with further incoming edges still waits for those.
        """
        source = self._number_of(source_action_id)
        named = named_output(result)
        pairs = zip(self.outgoing[source], self.targets[source], strict=True)
        return self._unique([target for edge, target in pairs if is_taken(edge, named)])

    def has_multiple_incoming(self, action_id: ActionId | str) -> bool:
        """Say whether more than one edge leads to the action."""
        return self.incoming_count[self._number_of(action_id)] > 1

    def path_leads_to(self, action_id: ActionId | str, target_id: ActionId | str) -> bool:
        """Say whether `target_id` is the action itself or can be reached from it."""
        target = self._number_of(target_id)
        return target in traversal.reachable(self.targets, [self._number_of(action_id)])

    def find_convergence_point(self, branches: Sequence[ActionNode]) -> ActionNode | None:
        """Return the nearest action at which all branches meet.

        It is reachable from every branch, and every other action reachable from all of them comes
        after it. None where there is none, and for fewer than two branches.
        """
        heads = [self._number_of(branch.id) for branch in branches]
        meeting = traversal.meeting_point(self.targets, heads)
        return None if meeting is None else self.actions[meeting]

    def _number_of(self, action_id: ActionId | str) -> int:
        number = self.number.get(ActionId(str(action_id).lower()))
        if number is None:
            raise UnknownActionError(str(action_id))
        return number

    def _unique(self, numbers: Sequence[int]) -> list[ActionNode]:
        return [self.actions[number] for number in dict.fromkeys(numbers)]


def _action_key(action: ActionNode) -> str:
    return action.id


def _edge_key(edge: ActionEdge) -> tuple[int, str]:
    return edge.sort_order, edge.id
