"""The engine around Temporal, without HTTP: events, rules, executions, approvals, the relay."""

from ichor_engine.approvals.decision import Decider
from ichor_engine.errors import (
    AlreadyDecidedError,
    ExecutionEndedError,
    GraphTooLargeError,
    InvalidFormError,
    NotPermittedError,
    RuleWithoutGraphError,
    TemporalUnavailableError,
    UnpublishedTypesError,
    VersionConflictError,
)
from ichor_engine.events.intake import EventIntake, ReportedEvent
from ichor_engine.executions.cancellation import Canceller
from ichor_engine.executions.reading import ExecutionReader, ReadExecution
from ichor_engine.executions.reconciliation import Reconciler, Sweeper
from ichor_engine.executions.view import ActionView, ExecutionView
from ichor_engine.relay.backlog_metrics import BacklogMetrics
from ichor_engine.relay.relay import Relay
from ichor_engine.relay.start_input import StartInputs
from ichor_engine.rules.config_check import ConfigCheck
from ichor_engine.rules.editing import RuleEditor
from ichor_engine.rules.graphs import RuleGraphs

__all__ = [
    "ActionView",
    "AlreadyDecidedError",
    "BacklogMetrics",
    "Canceller",
    "ConfigCheck",
    "Decider",
    "EventIntake",
    "ExecutionEndedError",
    "ExecutionReader",
    "ExecutionView",
    "GraphTooLargeError",
    "InvalidFormError",
    "NotPermittedError",
    "ReadExecution",
    "Reconciler",
    "Relay",
    "ReportedEvent",
    "RuleEditor",
    "RuleGraphs",
    "RuleWithoutGraphError",
    "StartInputs",
    "Sweeper",
    "TemporalUnavailableError",
    "UnpublishedTypesError",
    "VersionConflictError",
]
