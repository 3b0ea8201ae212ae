"""The workflow of a closed branch, a child of the execution that it belongs to."""

from msgspec.structs import replace
from temporalio import workflow

from ichor_core.contract import (
    EXECUTE_BRANCH_WORKFLOW,
    EXECUTION_STATE_QUERY,
    BranchInput,
    BranchOutput,
    ExecutionState,
)
from ichor_workflows.state_query import within_size
from ichor_workflows.tracing import branch_span
from ichor_workflows.versions import interpreter_of


@workflow.defn(name=EXECUTE_BRANCH_WORKFLOW)
class ExecuteBranchUntilConvergence:
    """Runs a closed branch up to its convergence point by the rules of the whole graph.

    Failures inside are no failure of this workflow: it returns the marking, and the execution
    judges.
    """

    @workflow.init
    def __init__(self, start: BranchInput) -> None:
        self._run = interpreter_of(start.interpreter_version).branch_run(start)

    @workflow.run
    async def run(self, start: BranchInput) -> BranchOutput:
        """Run the branch, or the rest of it after continue-as-new."""
        with branch_span(start, self._run.interpreter.runs):
            carried = await self._run.run()
        if carried is not None:
            workflow.continue_as_new(replace(start, carried=carried))
        return self._run.output

    @workflow.query(name=EXECUTION_STATE_QUERY)
    def state(self) -> ExecutionState:
        """Return the state of every action of the branch."""
        interpreter = self._run.interpreter
        return ExecutionState(
            "running",
            within_size(interpreter.states()),
            dict(interpreter.branches),
            interpreter.runs,
        )
