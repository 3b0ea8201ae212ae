"""Graphs in their wire format: actions and edges."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from ichor_core import exact_json
from ichor_core.errors import ExactJsonError, GraphFormatError
from ichor_core.graph.edge_types import EDGE_TYPES, EdgeType, Output
from ichor_core.ids import UUID_PATTERN, ActionIdField, EdgeId, derive_edge_id
from ichor_core.limits import Limits


class ActionNode(Struct, frozen=True):
    """One action of a graph."""

    id: ActionIdField
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    """Unique in the graph; templates refer to it."""
    action_type: Annotated[str, Meta(min_length=1, max_length=100)]
    config: dict[str, Any] = field(default_factory=dict[str, Any], name="action_config")
    """Settings of the action, as its type defines them; strings may hold templates."""
    limits: Limits | None = None
    """Timeouts and retries that differ from those of the action type."""

    def __post_init__(self) -> None:
        if not self.id.islower():
            msgspec.structs.force_setattr(self, "id", self.id.lower())


class ActionEdge(Struct, frozen=True):
    """One directed edge between two actions, or from the start to an action."""

    target_action_id: ActionIdField
    edge_type: EdgeType
    source_action_id: ActionIdField | None = None
    """None for an edge from the start."""
    sort_order: Annotated[int, Meta(ge=-(2**31), lt=2**31)] = 0
    """Edges of one source are ordered by this, then by id."""
    id: Annotated[EdgeId, Meta(pattern=f"^$|{UUID_PATTERN}")] = EdgeId("")
    """Derived from the other fields if it is not given."""

    def __post_init__(self) -> None:
        put = msgspec.structs.force_setattr
        if not self.target_action_id.islower():
            put(self, "target_action_id", self.target_action_id.lower())
        if self.source_action_id is not None and not self.source_action_id.islower():
            put(self, "source_action_id", self.source_action_id.lower())
        if not self.id:
            edge_id = derive_edge_id(
                self.source_action_id, self.target_action_id, self.edge_type, self.sort_order
            )
            put(self, "id", edge_id)
        elif not self.id.islower():
            put(self, "id", self.id.lower())

    @property
    def is_start(self) -> bool:
        """Whether its type is that of edges from the start."""
        return EDGE_TYPES[self.edge_type].is_start

    @property
    def output(self) -> Output | None:
        """The output of its source on which it is taken; None: whenever the source completed."""
        return EDGE_TYPES[self.edge_type].output


class GraphDefinition(Struct, frozen=True):
    """Actions and edges; their order in the lists means nothing."""

    actions: list[ActionNode] = field(default_factory=list[ActionNode])
    edges: list[ActionEdge] = field(default_factory=list[ActionEdge])

    @staticmethod
    def from_json(text: str | bytes) -> "GraphDefinition":
        """Read a graph; unknown fields are ignored.

        Raises:
            GraphFormatError: not JSON, or not a graph; the message names the place.
        """
        try:
            return exact_json.decode(text, GraphDefinition)
        except ExactJsonError as error:
            raise GraphFormatError(error.message, error.path) from error

    def to_json(self) -> bytes:
        """Write the graph in its wire format."""
        return exact_json.encode(self)
