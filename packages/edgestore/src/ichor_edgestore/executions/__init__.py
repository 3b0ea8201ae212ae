"""Executions, their action states, large values, retention."""

from ichor_edgestore.executions.backlog import Waiting, WaitingStore
from ichor_edgestore.executions.large_values import ValueStore
from ichor_edgestore.executions.records import (
    ActionExecution,
    Execution,
    ExecutionDetail,
    ExecutionFilter,
)
from ichor_edgestore.executions.store import ExecutionStore

__all__ = [
    "ActionExecution",
    "Execution",
    "ExecutionDetail",
    "ExecutionFilter",
    "ExecutionStore",
    "ValueStore",
    "Waiting",
    "WaitingStore",
]
