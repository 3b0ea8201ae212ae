"""The stores without a database, for tests and demonstrations.

They pass the same contract tests as those in PostgreSQL. Stores that share a `MemoryState` see
each other's data, as stores on one database do.
"""

from ichor_edgestore.memory.action_types import MemoryActionTypeStore
from ichor_edgestore.memory.alerts import MemoryAlertStore
from ichor_edgestore.memory.approvals import MemoryApprovalStore
from ichor_edgestore.memory.dispatches import MemoryDispatchQueue
from ichor_edgestore.memory.effects import MemoryEffectStore
from ichor_edgestore.memory.events import MemoryEventStore
from ichor_edgestore.memory.executions import MemoryExecutionStore
from ichor_edgestore.memory.rules import MemoryRuleStore
from ichor_edgestore.memory.state import MemoryState
from ichor_edgestore.memory.values import MemoryValueStore

__all__ = [
    "MemoryActionTypeStore",
    "MemoryAlertStore",
    "MemoryApprovalStore",
    "MemoryDispatchQueue",
    "MemoryEffectStore",
    "MemoryEventStore",
    "MemoryExecutionStore",
    "MemoryRuleStore",
    "MemoryState",
    "MemoryValueStore",
]
