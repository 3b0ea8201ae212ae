"""PostgreSQL storage of rules, graphs, events, executions and effects.

The stores; their records and filters are exported by their rooms, and their twins without a
database by `ichor_edgestore.memory`.
"""

from ichor_edgestore.action_types import PostgresActionTypeStore
from ichor_edgestore.alerts import PostgresAlertStore
from ichor_edgestore.approvals import PostgresApprovalStore
from ichor_edgestore.database import check_database, open_pool, open_pool_patiently
from ichor_edgestore.effects import PostgresEffectStore
from ichor_edgestore.events import PostgresDispatchQueue, PostgresEventStore
from ichor_edgestore.executions import (
    PostgresBacklogStore,
    PostgresExecutionStore,
    PostgresValueStore,
)
from ichor_edgestore.rules import PostgresRuleStore

__all__ = [
    "PostgresActionTypeStore",
    "PostgresAlertStore",
    "PostgresApprovalStore",
    "PostgresBacklogStore",
    "PostgresDispatchQueue",
    "PostgresEffectStore",
    "PostgresEventStore",
    "PostgresExecutionStore",
    "PostgresRuleStore",
    "PostgresValueStore",
    "check_database",
    "open_pool",
    "open_pool_patiently",
]
