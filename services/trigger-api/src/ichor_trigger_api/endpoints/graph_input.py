"""Graphs as users draw them; unknown fields are refused."""

from msgspec import Struct, field

from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.limits import Limits


class LimitsIn(Limits, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Timeouts (in seconds) and retries that override those of the action type."""


class ActionIn(ActionNode, frozen=True, forbid_unknown_fields=True):
    """One action of a graph."""

    limits: LimitsIn | None = None


class EdgeIn(ActionEdge, frozen=True, forbid_unknown_fields=True):
    """One edge of a graph; its id may be left out."""


class GraphIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Actions and edges, in any order."""

    actions: list[ActionIn] = field(default_factory=list[ActionIn])
    edges: list[EdgeIn] = field(default_factory=list[EdgeIn])

    def graph(self) -> GraphDefinition:
        """Return the graph."""
        return GraphDefinition(list(self.actions), list(self.edges))
