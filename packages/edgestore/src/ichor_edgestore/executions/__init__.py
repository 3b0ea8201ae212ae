"""Executions, their action states, large values, retention."""

from ichor_edgestore.executions.backlog import Backlog, PostgresBacklogStore
from ichor_edgestore.executions.large_values import PostgresValueStore
from ichor_edgestore.executions.records import (
    ActionExecution,
    Execution,
    ExecutionDetail,
    ExecutionFilter,
)
from ichor_edgestore.executions.store import PostgresExecutionStore

__all__ = [
    "ActionExecution",
    "Backlog",
    "Execution",
    "ExecutionDetail",
    "ExecutionFilter",
    "PostgresBacklogStore",
    "PostgresExecutionStore",
    "PostgresValueStore",
]
