"""The workflow of one execution: it interprets the rule's graph."""

import asyncio
from collections.abc import Callable

from msgspec.structs import replace
from temporalio import workflow
from temporalio.exceptions import ApplicationError

from ichor_core.contract import (
    DECIDE_UPDATE,
    EXECUTE_GRAPH_WORKFLOW,
    EXECUTION_STATE_QUERY,
    Carried,
    Decision,
    DecisionResult,
    ExecutionRecord,
    ExecutionState,
    ExecutionStatus,
    FailureInfo,
    WorkflowInput,
    WorkflowOutput,
)
from ichor_core.execution import EndStatus
from ichor_core.expressions import MergedContext
from ichor_core.telemetry import EXECUTION_STATUS
from ichor_workflows.state_query import within_size
from ichor_workflows.tracing import execution_span
from ichor_workflows.v1.failure import CANCELLED, CANCELLED_MESSAGE
from ichor_workflows.v1.recording import record, shrink
from ichor_workflows.versions import interpreter_of

EXECUTION_FAILED = "ExecutionFailed"


@workflow.defn(name=EXECUTE_GRAPH_WORKFLOW)
class ExecuteGraphWorkflow:
    """Runs every action of a graph that is decided to run, each exactly once."""

    @workflow.init
    def __init__(self, start: WorkflowInput) -> None:
        self._status: ExecutionStatus = "running"
        self._interpreter = interpreter_of(start.interpreter_version)(
            start, MergedContext(start.trigger_data)
        )

    @workflow.run
    async def run(self, start: WorkflowInput) -> WorkflowOutput:
        """Run the graph, or the rest of it after continue-as-new."""
        with execution_span(start, self._interpreter.runs) as span:
            try:
                carried = await self._run_graph(start)
            finally:
                span.set_attribute(EXECUTION_STATUS, self._status)
            if carried is None:
                return WorkflowOutput(self._status, self._interpreter.failures)
        # Outside the span: the next run's belongs beside this one's.
        workflow.continue_as_new(replace(start, carried=carried))

    async def _run_graph(self, start: WorkflowInput) -> Carried | None:
        """Run the graph and report; return what the next run is to carry on with, if any."""
        interpreter = self._interpreter
        try:
            finished = await interpreter.run(self._closing_of(start))
        except asyncio.CancelledError:
            error = FailureInfo(CANCELLED_MESSAGE, CANCELLED)
            await self._record(start, "cancelled", error)
            raise
        if not finished:
            await self._record(start, "running")
            carried = await shrink(interpreter.carry())
            await workflow.wait_condition(workflow.all_handlers_finished)
            # A decision may have been taken meanwhile.
            return replace(carried, approvals=interpreter.waits.approvals)
        await workflow.wait_condition(workflow.all_handlers_finished)
        status, error = self._judge()
        if status != interpreter.closed_as:
            await self._record(start, status, error)
        self._status = status
        if error is not None:
            raise ApplicationError(error.message, error, type=EXECUTION_FAILED, non_retryable=True)
        return None

    @workflow.update(name=DECIDE_UPDATE)
    async def decide(self, decision: Decision) -> DecisionResult:
        """Take what a person decided."""
        return await self._interpreter.waits.decide(decision)

    @decide.validator
    def check_decision(self, decision: Decision) -> None:
        """Refuse a decision that cannot be taken now."""
        self._interpreter.waits.check(decision)

    @workflow.query(name=EXECUTION_STATE_QUERY)
    def state(self) -> ExecutionState:
        """Return the state of every action, with results as far as they fit one message."""
        interpreter = self._interpreter
        return ExecutionState(
            self._status,
            within_size(interpreter.states()),
            dict(interpreter.branches),
            interpreter.runs,
            interpreter.version,
        )

    def _judge(self) -> tuple[ExecutionStatus, FailureInfo | None]:
        interpreter = self._interpreter
        if interpreter.undecided:
            return "failed", FailureInfo(
                f"the graph goes round in a circle: {len(interpreter.undecided)} actions were "
                "never decided",
                "InvalidGraph",
            )
        status = interpreter.end_status()
        if status != "failed":
            return status, None
        first = interpreter.failures[0]
        message = f"action {first.action_name!r} ({first.action_type}) failed: {first.message}"
        if len(interpreter.failures) > 1:
            message += f" (and {len(interpreter.failures) - 1} more)"
        return status, replace(first, message=message)

    def _closing_of(self, start: WorkflowInput) -> Callable[[EndStatus], ExecutionRecord]:
        def closing(status: EndStatus) -> ExecutionRecord:
            return self._report(start, status)

        return closing

    async def _record(
        self, start: WorkflowInput, status: ExecutionStatus, error: FailureInfo | None = None
    ) -> None:
        self._status = status
        await record(self._report(start, status, error))
        self._interpreter.mark_recorded()

    def _report(
        self, start: WorkflowInput, status: ExecutionStatus, error: FailureInfo | None = None
    ) -> ExecutionRecord:
        interpreter = self._interpreter
        ended = status != "running"
        return ExecutionRecord(
            execution_id=start.execution_id,
            status=status,
            started_at=interpreter.first_started_at,
            finished_at=workflow.now() if ended else None,
            error=error,
            failures=interpreter.failures,
            actions=interpreter.unrecorded(at_end=ended),
            runs=interpreter.runs,
        )
