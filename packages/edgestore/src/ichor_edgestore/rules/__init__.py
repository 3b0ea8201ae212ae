"""Rules, their graphs and versions."""

from ichor_edgestore.rules.records import (
    Name,
    Rule,
    RuleDraft,
    RuleFilter,
    StoredGraph,
    TriggerEvent,
)
from ichor_edgestore.rules.store import RuleStore

__all__ = [
    "Name",
    "Rule",
    "RuleDraft",
    "RuleFilter",
    "RuleStore",
    "StoredGraph",
    "TriggerEvent",
]
