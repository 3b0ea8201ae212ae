"""One run of the workflow of a closed branch, a child of its execution's workflow."""

from typing import ClassVar

from temporalio import workflow

from ichor_core.contract import BranchInput, BranchOutput, Carried, ExecutionRecord
from ichor_workflows.v2.interpreter import Interpreter
from ichor_workflows.v2.recording import record, shrink


class BranchRun:
    """Runs a closed branch, or the rest of it after continue-as-new.

    Args:
        start: the workflow's input.
    """

    interpreter_type: ClassVar[type[Interpreter]] = Interpreter

    def __init__(self, start: BranchInput) -> None:
        self._start = start
        self.interpreter = self.interpreter_type(start, start.initial_context)

    async def run(self) -> Carried | None:
        """Run the branch and record its actions.

        Returns:
            The input of the next run; None: the branch has ended, see `output`.
        """
        interpreter = self.interpreter
        try:
            finished = await interpreter.run()
        finally:
            await self._record()
        carried = None if finished else await shrink(interpreter.carry(self._start.exports))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return carried

    @property
    def output(self) -> BranchOutput:
        """The result of the workflow."""
        interpreter = self.interpreter
        return BranchOutput(
            interpreter.results_named(self._start.exports),
            interpreter.marking_text,
            interpreter.failures,
        )

    async def _record(self) -> None:
        interpreter = self.interpreter
        await record(
            ExecutionRecord(
                execution_id=self._start.execution_id,
                status="running",
                started_at=interpreter.first_started_at,
                actions=interpreter.unrecorded(at_end=interpreter.is_finished),
            )
        )
        interpreter.mark_recorded()
