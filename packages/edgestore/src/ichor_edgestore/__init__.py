"""PostgreSQL storage of rules, graphs, events, executions and effects.

The stores; their records and filters are exported by their rooms, and their twins without a
database by `ichor_edgestore.memory`.
"""

from ichor_edgestore.action_types import ActionTypeStore
from ichor_edgestore.alerts import AlertStore
from ichor_edgestore.approvals import ApprovalStore
from ichor_edgestore.database import check_database, open_pool, open_pool_patiently
from ichor_edgestore.effects import EffectStore
from ichor_edgestore.events import DispatchQueue, EventStore
from ichor_edgestore.executions import ExecutionStore, ValueStore, WaitingStore
from ichor_edgestore.rules import RuleStore

__all__ = [
    "ActionTypeStore",
    "AlertStore",
    "ApprovalStore",
    "DispatchQueue",
    "EffectStore",
    "EventStore",
    "ExecutionStore",
    "RuleStore",
    "ValueStore",
    "WaitingStore",
    "check_database",
    "open_pool",
    "open_pool_patiently",
]
