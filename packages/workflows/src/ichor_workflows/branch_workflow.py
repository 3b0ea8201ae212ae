"""The workflow of a closed branch, a child of the execution that it belongs to."""

from msgspec.structs import replace
from temporalio import workflow

from ichor_core.contract import (
    EXECUTE_BRANCH_WORKFLOW,
    EXECUTION_STATE_QUERY,
    BranchInput,
    BranchOutput,
    ExecutionRecord,
    ExecutionState,
)
from ichor_workflows.state_query import within_size
from ichor_workflows.tracing import branch_span
from ichor_workflows.v1.recording import record, shrink
from ichor_workflows.versions import interpreter_of


@workflow.defn(name=EXECUTE_BRANCH_WORKFLOW)
class ExecuteBranchUntilConvergence:
    """Runs a closed branch up to its convergence point by the rules of the whole graph.

    Failures inside are no failure of this workflow: it returns the marking, and the execution
    judges.
    """

    @workflow.init
    def __init__(self, start: BranchInput) -> None:
        self._interpreter = interpreter_of(start.interpreter_version)(start, start.initial_context)

    @workflow.run
    async def run(self, start: BranchInput) -> BranchOutput:
        """Run the branch, or the rest of it after continue-as-new."""
        interpreter = self._interpreter
        with branch_span(start, interpreter.runs):
            try:
                finished = await interpreter.run()
            finally:
                await self._record(start)
            carried = None if finished else await shrink(interpreter.carry(start.exports))
            await workflow.wait_condition(workflow.all_handlers_finished)
        if carried is not None:
            workflow.continue_as_new(replace(start, carried=carried))
        return BranchOutput(
            interpreter.results_named(start.exports),
            interpreter.marking_text,
            interpreter.failures,
        )

    @workflow.query(name=EXECUTION_STATE_QUERY)
    def state(self) -> ExecutionState:
        """Return the state of every action of the branch."""
        return ExecutionState(
            "running",
            within_size(self._interpreter.states()),
            dict(self._interpreter.branches),
            self._interpreter.runs,
        )

    async def _record(self, start: BranchInput) -> None:
        interpreter = self._interpreter
        await record(
            ExecutionRecord(
                execution_id=start.execution_id,
                status="running",
                started_at=interpreter.first_started_at,
                actions=interpreter.unrecorded(at_end=not interpreter.runs_anything),
            )
        )
        interpreter.mark_recorded()
