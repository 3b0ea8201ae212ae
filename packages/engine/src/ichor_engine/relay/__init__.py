"""The relay: starts the workflows of accepted executions."""

from ichor_engine.relay.backlog_metrics import BacklogMetrics
from ichor_engine.relay.relay import Relay
from ichor_engine.relay.start_input import StartInputs

__all__ = ["BacklogMetrics", "Relay", "StartInputs"]
