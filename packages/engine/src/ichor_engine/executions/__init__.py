"""Executions: read, reconciled with their workflows, cancelled."""

from ichor_engine.executions.cancellation import Canceller
from ichor_engine.executions.reading import ExecutionReader, ReadExecution
from ichor_engine.executions.reconciliation import Reconciler, Sweeper
from ichor_engine.executions.view import ActionView, ExecutionView

__all__ = [
    "ActionView",
    "Canceller",
    "ExecutionReader",
    "ExecutionView",
    "ReadExecution",
    "Reconciler",
    "Sweeper",
]
