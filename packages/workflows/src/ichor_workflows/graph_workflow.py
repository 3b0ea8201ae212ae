"""The workflow of one execution; the version in its input says how it interprets the graph."""

from msgspec.structs import replace
from temporalio import workflow
from temporalio.exceptions import ApplicationError

from ichor_core.contract import (
    DECIDE_UPDATE,
    EXECUTE_GRAPH_WORKFLOW,
    EXECUTION_STATE_QUERY,
    Decision,
    DecisionResult,
    ExecutionState,
    WorkflowInput,
    WorkflowOutput,
)
from ichor_core.telemetry import EXECUTION_STATUS
from ichor_workflows.state_query import within_size
from ichor_workflows.tracing import execution_span
from ichor_workflows.versions import interpreter_of

EXECUTION_FAILED = "ExecutionFailed"


@workflow.defn(name=EXECUTE_GRAPH_WORKFLOW)
class ExecuteGraphWorkflow:
    """Runs every action of a graph that is decided to run, each exactly once."""

    @workflow.init
    def __init__(self, start: WorkflowInput) -> None:
        self._run = interpreter_of(start.interpreter_version).graph_run(start)

    @workflow.run
    async def run(self, start: WorkflowInput) -> WorkflowOutput:
        """Run the graph, or the rest of it after continue-as-new."""
        with execution_span(start, self._run.interpreter.runs) as span:
            try:
                carried = await self._run.run()
                if self._run.error is not None:
                    raise ApplicationError(
                        self._run.error.message,
                        self._run.error,
                        type=EXECUTION_FAILED,
                        non_retryable=True,
                    )
            finally:
                span.set_attribute(EXECUTION_STATUS, self._run.status)
            if carried is None:
                return WorkflowOutput(self._run.status, self._run.interpreter.failures)
        # Outside the span: the next run's belongs beside this one's.
        workflow.continue_as_new(replace(start, carried=carried))

    @workflow.update(name=DECIDE_UPDATE)
    async def decide(self, decision: Decision) -> DecisionResult:
        """Take the decision of a person."""
        return await self._run.interpreter.waits.decide(decision)

    @decide.validator
    def check_decision(self, decision: Decision) -> None:
        """Refuse a decision that cannot be taken now."""
        self._run.interpreter.waits.check(decision)

    @workflow.query(name=EXECUTION_STATE_QUERY)
    def state(self) -> ExecutionState:
        """Return the state of every action, with results as far as they fit one message."""
        interpreter = self._run.interpreter
        return ExecutionState(
            self._run.status,
            within_size(interpreter.states()),
            dict(interpreter.branches),
            interpreter.runs,
            interpreter.version,
        )
