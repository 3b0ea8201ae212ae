"""Attribute names of spans, metrics and log lines, and W3C's `traceparent`."""

import re
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
"""Number of the run of a workflow; above 1 after continue-as-new."""
DECISION_USER: Final = "ichor.decision.user"
DECISION_VOTE: Final = "ichor.decision.vote"
OUTCOME: Final = "ichor.outcome"
"""Outcome of an attempt, a start or a reply."""

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")


def format_traceparent(trace_id: int, span_id: int, flags: int) -> str:
    """Return the `traceparent` (version 00) of a span."""
    return f"00-{trace_id:032x}-{span_id:016x}-{flags:02x}"


def trace_id_of(traceparent: str | None) -> str | None:
    """Return the trace id in a `traceparent`: 32 hex digits; None where it is not valid."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    return found[1] if found else None
