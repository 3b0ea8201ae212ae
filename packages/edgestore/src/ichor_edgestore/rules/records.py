"""Rules and versions of their graphs, as values."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from ichor_core import exact_json
from ichor_core.expressions import parse_condition
from ichor_core.graph import GraphDefinition
from ichor_core.ids import RuleId

TriggerEvent = Literal["on_create", "on_update", "on_delete"]
"""The kind of change of an entity."""

Name = Annotated[str, Meta(min_length=1, max_length=200)]


class RuleDraft(Struct, frozen=True, kw_only=True):
    """The fields of a rule that users write."""

    name: Name
    trigger_entity: Name
    trigger_event: TriggerEvent
    description: Annotated[str, Meta(max_length=10_000)] = ""
    trigger_conditions: Any = None
    """A condition on the event's data (`ichor_core.expressions`); None: every event matches."""
    is_active: bool = True

    def check(self) -> None:
        """Refuse what could never be matched or stored.

        Raises:
            InvalidInputError: with the place.
        """
        exact_json.check_storable(msgspec.structs.asdict(self))
        parse_condition(self.trigger_conditions, "$.trigger_conditions")


class Rule(Struct, frozen=True, kw_only=True):
    """An automation rule: when to run its graph."""

    id: RuleId
    name: str
    trigger_entity: str
    trigger_event: TriggerEvent
    description: str
    trigger_conditions: Any
    is_active: bool
    version: int
    """Of the rule's own fields; raised by each change of them."""
    graph_version: int
    """Of its graph; 0 where none was saved yet."""
    created_at: datetime
    updated_at: datetime


class RuleFilter(Struct, frozen=True):
    """Which rules to list; None does not restrict."""

    trigger_entity: str | None = None
    trigger_event: TriggerEvent | None = None
    is_active: bool | None = None
    name: str | None = None
    """A part of the name, upper or lower case."""


class StoredGraph(Struct, frozen=True):
    """One version of a rule's graph; it never changes."""

    rule_id: RuleId
    version: int
    """0 for the empty graph of a rule to which none was saved."""
    graph: GraphDefinition
    digest: str
    """The same for graphs that differ in nothing but the order of their lists."""
