"""Names of the attributes that spans, metrics and log lines have beside OpenTelemetry's own."""

from typing import Final

RULE_ID: Final = "ichor.rule.id"
RULE_NAME: Final = "ichor.rule.name"
EXECUTION_ID: Final = "ichor.execution.id"
EXECUTION_STATUS: Final = "ichor.execution.status"
START_ATTEMPT: Final = "ichor.start.attempt"
ACTION_ID: Final = "ichor.action.id"
ACTION_NAME: Final = "ichor.action.name"
ACTION_TYPE: Final = "ichor.action.type"
ACTION_ATTEMPT: Final = "ichor.action.attempt"
ACTION_ATTEMPTS: Final = "ichor.action.attempts"
RUN: Final = "ichor.execution.run"
"""Which run of a workflow it is: more than 1 after continue-as-new."""
DECISION_USER: Final = "ichor.decision.user"
DECISION_VOTE: Final = "ichor.decision.vote"
