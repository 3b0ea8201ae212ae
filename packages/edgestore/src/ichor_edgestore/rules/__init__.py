"""Rules, their graphs and versions."""

from ichor_edgestore.rules.records import (
    Name,
    Rule,
    RuleDraft,
    RuleFilter,
    StoredGraph,
    TriggerEvent,
)
from ichor_edgestore.rules.store import PostgresRuleStore

__all__ = [
    "Name",
    "PostgresRuleStore",
    "Rule",
    "RuleDraft",
    "RuleFilter",
    "StoredGraph",
    "TriggerEvent",
]
