"""Spans of an execution and of its actions, from the workflow's point of view.

A span begins when the workflow begins the thing and ends when the thing has ended, hours later if
need be. Its ids come from the workflow's own randomness, so a replay builds the same span again; it
is sent only when it ends for the first time. Where a process does not trace, all of this is no-op.
"""

import asyncio
import contextlib
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from temporalio import workflow
from temporalio.exceptions import FailureError

from ichor_core import telemetry as names
from ichor_core.contract import BranchInput, Decision, FailureInfo, WorkflowInput
from ichor_core.graph import ActionNode

with workflow.unsafe.imports_passed_through():
    from opentelemetry import context, trace
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, SpanKind, Status, StatusCode

_tracer = trace.get_tracer(__name__)


def current_context() -> Context:
    """Return the trace context that tasks started from elsewhere are to continue."""
    return context.get_current()


@contextmanager
def execution_span(start: WorkflowInput, run: int) -> Generator[Span]:
    """Trace one run of an execution."""
    name = f"execute {start.rule_name or start.rule_id}"
    with _span(name, _of_execution(start, run), kind=SpanKind.CONSUMER) as span:
        yield span


@contextmanager
def branch_span(start: BranchInput, run: int) -> Generator[Span]:
    """Trace one run of a closed branch."""
    with _span(f"branch {start.start_action.name}", _of_execution(start, run)) as span:
        yield span


@contextmanager
def action_span(action: ActionNode, execution_id: str, parent: Context) -> Generator[Span]:
    """Trace an action from its start to its end, all attempts and waits included."""
    values = {
        names.EXECUTION_ID: execution_id,
        names.ACTION_ID: action.id,
        names.ACTION_NAME: action.name,
        names.ACTION_TYPE: action.action_type,
    }
    with _span(action.name, values, parent) as span:
        yield span


def note_failure(span: Span, failure: FailureInfo, attempts: int) -> None:
    """Mark the span of an action that failed."""
    span.set_attribute("error.type", failure.type)
    span.set_attribute(names.ACTION_ATTEMPTS, attempts)
    span.set_status(Status(StatusCode.ERROR, failure.message))


def note_decisions(decisions: Sequence[Decision]) -> None:
    """Show on the current span, a human action's, who decided what, and when."""
    span = trace.get_current_span()
    for one in decisions:
        moment = None if one.decided_at is None else int(one.decided_at.timestamp() * 1e9)
        values = {names.DECISION_USER: one.user, names.DECISION_VOTE: one.vote}
        span.add_event("decision", values, moment)


def _of_execution(start: WorkflowInput | BranchInput, run: int) -> dict[str, str | int]:
    return {
        names.EXECUTION_ID: start.execution_id,
        names.RULE_ID: start.rule_id,
        names.RULE_NAME: start.rule_name,
        names.RUN: run,
    }


@contextmanager
def _span(
    name: str,
    values: Mapping[str, str | int],
    parent: Context | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
) -> Generator[Span]:
    span = _tracer.start_span(name, parent, kind, values)
    token = context.attach(trace.set_span_in_context(span))
    try:
        yield span
    except FailureError as error:
        span.set_status(Status(StatusCode.ERROR, str(error)))
        span.end()
        raise
    except asyncio.CancelledError:
        span.end()
        raise
    else:
        span.end()
    # Any other error is a fault that fails the workflow task: its repetition ends the span.
    finally:
        # A workflow that is abandoned when its process ends is closed in another context, where
        # the token means nothing; OpenTelemetry's own `detach` would log that as an error.
        with contextlib.suppress(ValueError):
            token.var.reset(token)
